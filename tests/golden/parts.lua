-- a tensor put together from parts is written part by part in one loop, without choices
local cr = require "crescent"
local x = cr.input("x", { 40, 128 })
local i, j = cr.index "i j"
local function part(k) return cr.tensor({ i, j }, x(i, j + 64 * k), { 40, 64 }) end
local gate, value = cr.sigmoid(part(0)), cr.tanh(part(1))
return cr.program("parts", {
  run = cr.entry { inputs = { x }, outputs = { y = cr.cat({ gate * value, value, -gate }, 1) } },
})
