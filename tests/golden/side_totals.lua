-- Totals of what is made of columns add up in the loop over the places, in lanes; a few are left at its end.
local cr = require "crescent"
local s, p, y_bar = cr.input("s", {40, 2}), cr.input("p", {2}), cr.input("y_bar", {40, 2})
local function slope(u)
  local a, b = cr.slice(u, 1, 0, 1), cr.slice(u, 1, 1, 2)
  return cr.cat({p(0) * a - a * b, a * b - p(1) * b}, 1)
end
local first = slope(s)
local bars = cr.vjp({s + first + slope(s + first)}, {s, p}, {y_bar})
return cr.program("side_totals", {f = cr.entry{inputs = {s, p, y_bar}, outputs = {s_bar = bars[1], p_bar = bars[2]}}})
