local cr = require "crescent"
for k = 1, 40 do
  local size = cr.dim("N" .. k)
end
