-- one branch, and steps until a condition fails
local cr = require "crescent"
local x = cr.input("x", {64})
local s = cr.sum(x * x)
local y = cr.cond(cr.gt(s, 1), function() return x / cr.sqrt(s) end, function() return x * s end)
local z = cr.while_loop(function(c) return cr.gt(cr.max(c), 0.5) end, function(c) return c * 0.9 end, y,
  {max = 100})
return cr.program("branch", {f = cr.entry{inputs = {x}, outputs = {z = z}}})
