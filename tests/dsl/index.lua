-- index.lua: index notation: inference, reductions, boundary rules, gather, scatter
local cr = require "crescent"
local t = require "lib.support"
cr.default_dtype "f64"
local N = cr.dim "N"
local i, j, k, l = cr.index "i j k l"

local A, B = cr.input("A", {2, 3}), cr.input("B", {3, 2})
local a, b = {1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}
local C = cr.tensor({i, j}, cr.sum(k, A(i, k) * B(k, j)))
t.shape(C, "2 2")
t.same(value(C, {{A, a}, {B, b}}), {58, 64, 139, 154})
assert(C == cr.matmul(A, B), "the same graph either way")
t.same(value(cr.tensor({j, i}, A(i, j)), {{A, a}}), {1, 4, 2, 5, 3, 6})
t.same(value(cr.tensor({i}, cr.max(k, A(i, k)) - cr.min(k, A(i, k))), {{A, a}}), {2, 2})
t.same(value(cr.tensor({}, cr.prod({i, k}, A(i, k))), {{A, a}}), {720})
t.same(value(cr.sum({i, k}, A(i, k) * (i + 10 * k)), {{A, a}}), {0 + 20 + 60 + 4 + 55 + 126})
t.same(value(cr.tensor({i}, cr.mean(k, A(i, k))), {{A, a}}), {2, 5})
t.same(value(cr.tensor({i}, cr.argmax(k, A(i, k) * (5 - A(i, k)))), {{A, a}}), {1, 0})
t.same(value(cr.tensor({k}, cr.argmin(i, A(i, k))), {{A, a}}), {0, 0, 0})
t.same(value(cr.tensor({i}, cr.any(k, cr.gt(A(i, k), 5))), {{A, a}}), {0, 1})
t.same(value(cr.tensor({i}, cr.all(k, cr.gt(A(i, k), 3))), {{A, a}}), {0, 1})
t.same(value(cr.tensor({i}, cr.logsumexp(k, A(i, k) * 1000)), {{A, a}}), {3000, 6000})
t.same(value(cr.logsumexp(cr.const{-math.huge, -math.huge})), {-math.huge})
t.same(value(A(1, 2) + A(0, 0), {{A, a}}), {7})
-- a reduction inside a larger expression, and one inside another
t.same(value(cr.tensor({i, k}, A(i, k) / cr.sum(j, A(i, j))), {{A, a}}), {1/6, 2/6, 3/6, 4/15,
  5/15, 6/15})
t.same(value(cr.tensor({i}, cr.max(k, A(i, k) + cr.sum(j, B(k, j)))), {{A, a}, {B, b}}), {26, 29})

-- boundary rules
local x, w = cr.input("x", {N}), cr.input("w", {3})
local bind = {{x, {1, 2, 3, 4}}, {w, {1, 10, 100}}}
local function same_conv(rule) return cr.tensor({i}, cr.sum(k, w(k) * rule(x)(i + k - 1))) end
t.same(value(same_conv(cr.zero_outside), bind, {N = 4}), {210, 321, 432, 43})
t.same(value(same_conv(cr.clamp_to_edge), bind, {N = 4}), {211, 321, 432, 443})
t.same(value(same_conv(cr.mirror), bind, {N = 4}), {211, 321, 432, 443})
t.same(value(same_conv(cr.reflect), bind, {N = 4}), {212, 321, 432, 343})
t.same(value(same_conv(cr.wrap), bind, {N = 4}), {214, 321, 432, 143})
local valid = cr.tensor({i}, cr.sum(k, w(k) * x(i + k)))
t.shape(valid, "N - 2")
t.same(value(valid, bind, {N = 4}), {321, 432})
t.shape(cr.tensor({i}, A(0, 2*i) + 1), "2")
t.shape(cr.tensor({i}, A(1, 2 - i)), "3")
t.same(value(cr.tensor({i}, cr.zero_outside(A)(1, 2*i - 1)), {{A, a}}), {0, 5})
t.same(value(cr.tensor({i}, x(i), {2}), bind, {N = 4}), {1, 2})
local two = cr.index{ two = 2 }
t.same(value(cr.tensor({two}, x(two) * two), bind, {N = 4}), {0, 2})

-- gather and scatter
local T, id = cr.input("T", {4, 2}), cr.input("id", {3}, {dtype = "i32"})
local rows = cr.tensor({i, j}, T(id(i), j))
local gather = {{T, {0, 1, 2, 3, 4, 5, 6, 7}}, {id, {3, 0, 3}}}
t.same(value(rows, gather), {6, 7, 0, 1, 6, 7})
local V = cr.input("V", {3, 2})
local summed = cr.scatter({4, 2}, "sum", {i, j}, {id(i), j}, V(i, j))
t.same(value(summed, {{id, {3, 0, 3}}, {V, {1, 2, 3, 4, 5, 6}}}), {3, 4, 0, 0, 0, 0, 6, 8})
t.same(value(cr.scatter({4}, "set", {i}, 3 - i, x(i), {4}), bind, {N = 4}), {4, 3, 2, 1})
t.same(value(cr.scatter({2}, "max", {i}, i // 2, x(i), {4}), bind, {N = 4}), {2, 4})
t.gradient(cr.sum(rows * rows), T, gather)

-- einsum
t.same(value(cr.einsum("ik,kj->ij", A, B), {{A, a}, {B, b}}), {58, 64, 139, 154})
t.same(value(cr.einsum("ij->j", A), {{A, a}}), {5, 7, 9})
t.same(value(cr.einsum("ij,ij", A, A), {{A, a}}), {91})
assert(cr.einsum("ij->ji", A) == cr.transpose(A))
t.same(value(cr.tensor({l}, cr.sum({i, j}, A(i, l) * B(l, j))), {{A, a}, {B, b}}), {75, 133, 207})
