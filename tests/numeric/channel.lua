-- channel.lua: images read and added to at places that are data, and tensors copied in another order,
-- of C channels, H places either way and N images. N is known at run time, C may be (run = 1)
local cr = require "crescent"
cr.default_dtype(cr.option("dtype", "f32"))
local C, H, T = cr.option("C", 9), cr.option("H", 12), cr.option("T", 20)
if cr.option("run", 0) == 1 then C = cr.dim("C", C) end
local N = cr.dim("N", cr.option("N", 2))
local n, c, k = cr.index "n c k"
local x, grid = cr.input("x", {N, C, H, H}), cr.input("grid", {N, H, H, 2})
local function around(s) return cr.tanh(s) * 1.05 end -- some places are outside
local function sampled(opts) return cr.grid_sample(x, around(grid), opts) end
local y = cr.tanh(sampled{}) * sampled{padding_mode = "border"}
local g = cr.grad(cr.sum(y * cr.roll(y, 1, 3)), {x, grid})
local plain = sampled{}
local h = cr.grad(cr.sum(plain), {x, grid}) -- beside the scatter, which leaves rows of the places
local twice = cr.grid_sample(y, around(cr.flip(grid, {1})))

-- what is added goes to places of which some are hit often
local P = 4 * H
local v, at = cr.input("v", {N, C, 8 * P}), cr.input("at", {N, 8 * P}, {dtype = "i32"})
local sums = cr.scatter({N, C, P}, "sum", {n, c, k}, {n, c, at(n, k)}, v(n, c, k) * v(n, 0, k))
local most = cr.scatter({N, C, P}, "max", {n, c, k}, {n, c, at(n, k)}, v(n, c, k))

local a, b, p = cr.input("a", {N, C, T}), cr.input("b", {T, T + 1}), cr.input("p", {N, T, T, 3})
local d, e = cr.input("d", {T, 9}), cr.input("e", {N, T, T})
return cr.program("channel", {
  sample = cr.entry{inputs = {x, grid}, outputs = {y = y, gx = g[1], gg = g[2], twice = twice}},
  plain = cr.entry{inputs = {x, grid}, outputs = {plain = plain, gx = h[1], gg = h[2]}},
  scatter = cr.entry{inputs = {v, at}, outputs = {sums = sums, most = most}},
  turn = cr.entry{inputs = {a, b, p, d, e}, outputs = {d10 = cr.transpose(d), e021 = cr.permute(e, {0, 2, 1}),
    p0312 = cr.permute(p, {0, 3, 1, 2}) * 2,
    a021 = cr.permute(a, {0, 2, 1}), a210 = cr.permute(a, {2, 1, 0}),
    a120 = cr.permute(a, {1, 2, 0}), b10 = cr.transpose(b), part = cr.transpose(cr.slice(b, 0, 1, T))}},
})
