-- max_once.lua: the cotangent of a maximum is there once, whether it ties or not
local cr = require "crescent"
local x, y_bar = cr.input("x", {64}), cr.input("y_bar", {64})
local y = cr.sqrt(cr.maximum(x, 0.5))
return cr.program("max_once", {g = cr.entry{inputs = {x, y_bar}, outputs = {x_bar = cr.vjp(y, x, y_bar)}}})
