-- What reads tensors in vectors, tiles, blocks and windows, each from inputs of its own: no access may be outside.
-- -D m=, n=, k=: sizes about those of tiles; -D dim=1: they are known at run time; -D products=1: products alone
local cr = require "crescent"
local dtype = cr.option("dtype", "f32")
cr.default_dtype(dtype)
local function size(name, default)
  local v = cr.option(name, default)
  return cr.option("dim", 0) == 1 and cr.dim(name:upper(), v) or v
end
local m, n, k = size("m", 5), size("n", 17), size("k", 33)
local a, b = cr.input("a", {m, k}), cr.input("b", {k, n})
local at, bt = cr.input("at", {k, m}), cr.input("bt", {n, k})
local image, maps = cr.input("image", {2, 3, 9, 11}), cr.input("maps", {4, 3, 3, 3})
local row, ids = cr.input("row", {n}), cr.input("ids", {m}, {dtype = "i32"})
local function T(x) return cr.transpose(x) end
local conv = cr.conv2d(image, maps, {stride = 2, padding = 1})
local list = {
  cr.matmul(a, b), cr.matmul(T(at), b), cr.matmul(a, T(bt)), cr.tanh(cr.matmul(T(at), T(bt)) + row),
  cr.softmax(cr.matmul(a, b), 1), cr.layer_norm(cr.matmul(a, b), {n}, row, row), cr.matmul(bt, cr.select(a, 0, 0)),
  cr.conv2d(image, maps), conv, cr.avg_pool2d(image, 3, 2, 1), cr.max_pool2d(image, 2), cr.cumsum(a, 1),
  cr.sum(a, 0), cr.sum(b, 1), cr.max(bt, 1), cr.embedding(ids, bt), (cr.sort(b, 1)), cr.roll(a, 2, 1), cr.pad(b, {2, 1}, "circular"),
  cr.attention(a, T(at), a), cr.cdist(a, T(at)),
  cr.cat({T(a) * 2, T(bt) * 3}, 1),
}
if cr.option("products", 0) == 1 then list = {table.unpack(list, 1, 4)} end
list[#list + 1] = select(2, cr.scan(function(c, x) return cr.tanh(0.5 * c + x), c * x end, row, cr.matmul(a, b)))
local out, xs = {}, {a, b, at, bt, image, maps, row}
local loss = 0
for e, y in ipairs(list) do
  out["y" .. e], loss = cr.stop_gradient(y), loss + cr.mean(cr.sin(y)) * e
end
for e, g in ipairs(cr.grad(loss, xs)) do out["g" .. e] = cr.stop_gradient(g) end
return cr.program("bounds", {f = cr.entry{inputs = {a, b, at, bt, image, maps, row, ids}, outputs = out}})
