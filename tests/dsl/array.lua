-- array.lua: shapes, broadcasting, dtypes and the functions of array.lua
local cr = require "crescent"
local t = require "lib.support"
local N = cr.dim "N"
local x = cr.input("x", {2, 3})
local X = {{x, {1, 2, 3, 4, 5, 6}}}
local function check(y, shape, want) t.shape(y, shape); t.same(value(y, X), want, 1e-6) end
check(x + cr.const{10, 20, 30}, "2 3", {11, 22, 33, 14, 25, 36})
check(x * cr.const{{1}, {2}}, "2 3", {1, 2, 3, 8, 10, 12})
check(x:reshape{3, 2}, "3 2", {1, 2, 3, 4, 5, 6})
check(x:reshape(-1), "6", {1, 2, 3, 4, 5, 6})
check(x:transpose(), "3 2", {1, 4, 2, 5, 3, 6})
check(x:permute{1, 0}, "3 2", {1, 4, 2, 5, 3, 6})
check(x:unsqueeze(1), "2 1 3", {1, 2, 3, 4, 5, 6})
check(x:unsqueeze(-1):squeeze(), "2 3", {1, 2, 3, 4, 5, 6})
check(cr.expand(cr.const{{1}, {2}}, {2, 3}), "2 3", {1, 1, 1, 2, 2, 2})
check(cr.cat({x, x * 10}, 1), "2 6", {1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60})
check(cr.stack({x, x + 1}, 0), "2 2 3", {1, 2, 3, 4, 5, 6, 2, 3, 4, 5, 6, 7})
check(cr.split(x, 2, 1)[2], "2 1", {3, 6})
check(cr.slice(x, 1, 0, 3, 2), "2 2", {1, 3, 4, 6})
check(cr.chunk(cr.zeros{0, 2}, 3)[3], "0 2", {})
check(cr.attention(x, cr.zeros{0, 3}, cr.zeros{0, 2}, {causal = true}), "2 2", {0, 0, 0, 0})
check(cr.slice(x, 1, -2), "2 2", {2, 3, 5, 6})
check(cr.flip(x, 1), "2 3", {3, 2, 1, 6, 5, 4})
check(cr.roll(x, 1, 1), "2 3", {3, 1, 2, 6, 4, 5})
check(cr.pad(x, {1, 1}, {value = 9}), "2 5", {9, 1, 2, 3, 9, 9, 4, 5, 6, 9})
check(cr.pad(x, {1, 1}, {mode = "reflect"}), "2 5", {2, 1, 2, 3, 2, 5, 4, 5, 6, 5})
check(cr.tile(x, {1, 2}), "2 6", {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6})
check(cr.repeat_interleave(x, 2, 1), "2 6", {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6})
check(cr.tril(x), "2 3", {1, 0, 0, 4, 5, 0})
check(cr.triu(x, 1), "2 3", {0, 2, 3, 0, 0, 6})
check(cr.diag(x), "2", {1, 5})
check(cr.diag(cr.const{1, 2}), "2 2", {1, 0, 0, 2})
check(cr.eye(2), "2 2", {1, 0, 0, 1})
check(cr.arange(2, 8, 2), "3", {2, 4, 6})
check(cr.arange(3, {dtype = "f64"}), "3", {0, 1, 2})
assert(cr.arange(1, 3, {dtype = "f32"}).dtype == "f32" and cr.zeros({2}, {dtype = "i64"}).dtype == "i64")
local least = cr.tensor({cr.index{i = 2}}, cr.min(cr.index{k = 3}, 0.5))
check(least, "2", {0.5, 0.5})
check(cr.linspace(0, 1, 5), "5", {0, 0.25, 0.5, 0.75, 1})
check(cr.one_hot(cr.const{2, 0}, 3), "2 3", {0, 0, 1, 1, 0, 0})
check(cr.index_select(x, 1, cr.const{2, 0}), "2 2", {3, 1, 6, 4})
check(cr.gather(x, 1, cr.const{{2}, {0}}), "2 1", {3, 4})
check(x:sum(1), "2", {6, 15})
check(x:sum(0, {keepdim = true}), "1 3", {5, 7, 9})
check(x:max(-1), "2", {3, 6})
check(x:argmax(1), "2", {2, 2})
check(x:argmax(), "", {5})
check(x:mean(), "", {3.5})
check(x:var(1), "2", {1, 1})
check(x:std(1, {correction = 0}), "2", {math.sqrt(2 / 3), math.sqrt(2 / 3)})
check(x:norm(), "", {math.sqrt(91)})
check(x % 4, "2 3", {1, 2, 3, 0, 1, 2})
check(x // 4, "2 3", {0, 0, 0, 1, 1, 1})
check(-x ^ 2, "2 3", {-1, -4, -9, -16, -25, -36})
check(2 ^ x, "2 3", {2, 4, 8, 16, 32, 64})
check(1 - x / 2, "2 3", {0.5, 0, -0.5, -1, -1.5, -2})
check(cr.where(cr.gt(x, 3), x, 0), "2 3", {0, 0, 0, 4, 5, 6})
-- dtypes
local n = cr.const{1, 2, 3}
assert(n.dtype == "i64" and (n * 2).dtype == "i64" and (n * 2.0).dtype == "f32")
assert((n / 2).dtype == "f32" and (n // 2).dtype == "i64" and (n + x).dtype == "f32")
assert(cr.cast(x, "f64").dtype == "f64" and (cr.cast(x, "f64") + 1.5).dtype == "f64")
assert(cr.eq(n, 2).dtype == "bool" and cr.sum(cr.eq(n, 2)).dtype == "i64")
assert(cr.const({1, 2}, "f32").dtype == "f32" and cr.const{1.5}.dtype
  == "f32" and cr.const{true}.dtype == "bool")
assert(cr.exp(n).dtype == "f32" and cr.mean(n).dtype == "f32")
-- run-time sizes
local z = cr.input("z", {N, 4})
t.shape(z:reshape{-1}, "4*N")
t.shape(z:reshape{N * 2, 2}, "2*N 2")
t.shape(cr.cat({z, z}, 0), "2*N 4")
t.same(value(z:reshape{N * 2, 2}:sum(1), {{z, {1, 2, 3, 4, 5, 6, 7, 8}}}, {N = 2}), {3, 7, 11, 15})
t.shape(z:reshape{N, 2, 2}:permute{0, 2, 1}, "N 2 2")
-- names and lines
local function block(u)
  local inner = u * 3
  local outer = cr.exp(inner)
  assert(inner.name == "inner")
  return outer
end
local holder = {field = x * 7}
local made, more = block(x), x * 9
local _ = made + more + holder.field
assert(more.name == "more" and made.name == "outer" and holder.field.name == "field")
local function twice(arg) return cr.exp(arg) + arg end
local first = twice(x * 11)
local second = twice(first)
assert(first.name == "first" and twice(second * 3) and second.name == "second")
