local cr = require "crescent"
local w = cr.param("w", {2, 3}, {init = cr.init.constant{1, 2, 3}})
