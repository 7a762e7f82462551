-- the norms that `flow` of model.lua gives for four cells, as a picture: 1 at the top, 10^-8 at the bottom
--
-- Steps run from left to right; the last letter, whose loss is derived, is at the right.
local cr = require "crescent"

local T = cr.dim("T", 64)
local names = { "rnn", "lstm", "peephole", "gru" } -- red, blue, green, orange
local colours = { { 200, 40, 40 }, { 30, 90, 200 }, { 40, 150, 60 }, { 230, 150, 20 } }
local height, wide, decades = 320, 8, cr.option("decades", 8)

local y, x, c = cr.index "y x c"
local inputs, picture = {}, nil
for k, name in ipairs(names) do
  local flow = cr.input(name, { T })
  inputs[k] = flow
  local level = cr.log10(cr.maximum(flow / flow(T - 1), 10.0 ^ -decades)) -- 0 at the last step
  local row = -level * ((height - 1) / decades)
  -- The line between two steps fills the rows from one value to the other, and one more each way.
  local t0 = cr.minimum(x // wide, T - 2)
  local part = (x - t0 * wide) / wide
  local at = row(t0) + (row(t0 + 1) - row(t0)) * part
  local near = 1.5 + cr.abs(row(t0 + 1) - row(t0)) / wide
  local on = cr.le(cr.abs(y - at), near)
  local colour = cr.const(colours[k])
  local under = picture and picture(y, x, c) or cr.where(cr.eq(y % (height // decades), 0), 215, 255)
  picture = cr.tensor({ y, x, c }, cr.where(on, colour(c), under), { height, (T - 1) * wide, 3 })
end

return cr.program("chart", { draw = cr.entry { inputs = inputs, outputs = { picture = picture } } })
