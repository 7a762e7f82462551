local cr = require "crescent"
local x = cr.input("x", {2})
local outs = {}
for k = 1, 513 do outs["y" .. k] = x * k end
local f = cr.entry{ inputs = {x}, outputs = outs }
return cr.program("m", { f = f })
