-- Large contractions in blocks beside the same sums that are no product: -D dtype=f32 or f64
local cr = require "crescent"
local dtype = cr.option("dtype", "f32")
cr.default_dtype(dtype)
local M, N, K = cr.dim("M", 96), cr.dim("N", 64), cr.dim("K", 128)
local i, j, k, g, c, d, r, s, x, y = cr.index "i j k g c d r s x y"
local function random(...) return cr.random.uniform({...}) - 0.5 end
local function plain(e) return cr.maximum(e, -1e30) end -- keeps a sum out of tiles
local function apart(p, q) return cr.max(cr.abs(p - q)) end

local a, b = random(M, K), random(K, N)
local at, bt = random(K, M), random(N, K)
local three = random(3, K, M)
local image, maps = random(2, 32, 20, 20), random(2, 32, 18, 18)
local w_bar = cr.tensor({d, c, r, s}, cr.sum({g, y, x}, maps(g, d, y, x) * image(g, c, y + r, x + s)), {32, 32, 3, 3})
local cases = {
  a_bt = apart(cr.matmul(a, cr.transpose(bt)), cr.tensor({i, j}, cr.sum(k, plain(a(i, k) * bt(j, k))), {M, N})),
  at_b = apart(cr.tanh(cr.matmul(cr.transpose(at), b)), cr.tanh(cr.tensor({i, j}, cr.sum(k, plain(at(k, i) * b(k, j))), {M, N}))),
  at_bt = apart(cr.matmul(cr.transpose(at), cr.transpose(bt)), cr.tensor({i, j}, cr.sum(k, plain(at(k, i) * bt(j, k))), {M, N})),
  a_b = apart(cr.matmul(a, b), cr.tensor({i, j}, cr.sum(k, plain(a(i, k) * b(k, j))), {M, N})),
  two_axes = apart(cr.tensor({i, j}, cr.sum({g, k}, three(g, k, i) * bt(j, k)), {M, N}),
    cr.tensor({i, j}, cr.sum({g, k}, plain(three(g, k, i) * bt(j, k))), {M, N})),
  batch = apart(cr.tensor({g, i, j}, cr.sum(k, three(g, k, i) * b(k, j)), {3, M, N}),
    cr.tensor({g, i, j}, cr.sum(k, plain(three(g, k, i) * b(k, j))), {3, M, N})),
  filters = apart(w_bar, cr.tensor({d, c, r, s}, cr.sum({g, y, x}, plain(maps(g, d, y, x) * image(g, c, y + r, x + s))), {32, 32, 3, 3})),
}
-- sizes that are known: tiles and copies that are whole, and some that are not
local known = {}
for _, size in ipairs { {203, 77, 300}, {256, 256, 513}, {384, 128, 512}, {130, 600, 260} } do
  local m, n, q = table.unpack(size)
  local p, t, bias = random(q, m), random(n, q), random(n)
  local sum, slow = cr.matmul(cr.transpose(p), cr.transpose(t)), cr.tensor({i, j}, cr.sum(k, plain(p(k, i) * t(j, k))), {m, n})
  known["sum" .. m] = apart(sum, slow)
  known["bias" .. m] = apart(cr.relu(sum + bias), cr.relu(slow + bias))
end
local many, right = random(3, 256, 384), random(3, 256, 128)
known.batch = apart(cr.tensor({g, i, j}, cr.sum(k, many(g, k, i) * right(g, k, j)), {3, 384, 128}),
  cr.tensor({g, i, j}, cr.sum(k, plain(many(g, k, i) * right(g, k, j))), {3, 384, 128}))
-- a sum that its result holds block by block, and what is made of it beside
local kept = cr.matmul(random(96, 700), random(700, 128))
local y, z = cr.input("y", {96, 128}), cr.input("z", {96, 128})
return cr.program("product_blocks", {
  kept = cr.entry{inputs = {}, outputs = {y = kept, z = cr.where(cr.lt(kept, 0), 2 * kept, 3 * kept)}},
  same = cr.entry{inputs = {y, z}, outputs = {apart = apart(z, cr.where(cr.lt(y, 0), 2 * y, 3 * y))}},
  f = cr.entry{inputs = {}, outputs = cases},
  known = cr.entry{inputs = {}, outputs = known},
  bits = cr.entry{inputs = {}, outputs = {ab = cr.sum(cr.matmul(a, cr.transpose(bt))), ta = cr.matmul(cr.transpose(at), b)}},
})
