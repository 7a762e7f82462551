-- A bool that four steps turn back to what it was stays in its memory, which two loops then read.
local cr = require "crescent"
cr.default_dtype "f64"
local T = cr.dim("T", 5)
local x, a = cr.input("x", {T}), cr.input("a", {})
local function run(unroll)
  local last = cr.scan(function(c, u)
    return {cr.where(c[2], cr.tanh(c[1] + u), c[1] * u + 2), cr.logical_not(c[2])}
  end, {a, cr.const(false)}, x, {unroll = unroll})
  local y = last[1] * cr.where(last[2], 1, 2)
  return y, cr.jvp(y, {x, a}, {cr.ones_like(x), a}), cr.grad(y, a)
end
local y, y_dot, a_bar = run(4)
local plain_y, plain_dot, plain_bar = run(0)
return cr.program("carry_stays", {
  f = cr.entry{inputs = {x, a}, outputs = {y = y, y_dot = y_dot, a_bar = a_bar}},
  plain = cr.entry{inputs = {x, a}, outputs = {y = plain_y, y_dot = plain_dot, a_bar = plain_bar}},
})
