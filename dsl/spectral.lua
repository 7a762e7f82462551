-- spectral.lua: functions of a matrix through its spectrum; derivatives exact at ties and zeros
--
--   symmetric A = V diag(w) V'     Y = V diag(f(w)) V'
--   any       A = U diag(s) V'     Y = U diag(f(s)) V'
--
-- Neither needs the vectors to be unique, and the derivatives never divide by a gap. They are made
-- of divided differences (Daleckii and Krein 1965; Higham, Functions of Matrices, 2008, theorem
-- 3.11; for singular values Noferini, SIAM J. Matrix Anal. Appl. 38, 2017):
--
--   A_bar = V (f[w_i, w_j] o V' Y_bar V) V'
--   A_bar = U (f[s_i, s_j] o sym G + f[s_i, -s_j] o skew G) V'
--           + (I - U U') Y_bar V diag(f[s, 0]) V',  G = U' Y_bar V, f continued as an odd function
--
-- and the second derivatives of f[., ., .] the same way. Each derivative is a function whose vjp in
-- A is stated as a whole, so its other arguments (vectors, values, differences) get none for it.
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local linear = require "crescent.linear"
local reduce = require "crescent.reduce"
local ops = core.ops
---@class private
local M = {}

local T = array.transpose
local function mm(a, b, c) return linear.matmul(c and linear.matmul(a, b) or a, c or b) end
local function row(v) return array.unsqueeze(v, -2) end
local function column(v) return array.unsqueeze(v, -1) end
local function sym(x) return (x + T(x)) * 0.5 end
local function skew(x) return (x - T(x)) * 0.5 end
local function total(x) return reduce.sum(x) end
local function wide(x) return ops.cast(x, "f64") end

-- The diagonals of a stack of square matrices.
local function diagonal(x)
  local shape = x.shape
  shape[#shape] = nil
  return array.build(shape, function(...)
    local index = {...}
    index[#index + 1] = index[#index]
    return x(table.unpack(index))
  end)
end

-- A function of tensors called as one: forward(args) -> result; backward(args, result_bar, result)
-- -> bars, exact ones, which `crescent check` holds against differences where all are f64.
local function declared(name, args, forward, backward)
  local formals = {}
  for k, x in ipairs(args) do formals[k] = core.formal("x" .. k, x) end
  local func, outer = core.close(name, formals, {forward(formals)})
  assert(#outer == 0, name)
  core.set_vjp(func, function(xs, ys, bars) return backward(xs, bars[1], ys[1]) end, "typed")
  return core.call(func, args)[1]
end

-- args followed by what f captured; and the captured among arguments, after the first n.
local function with(args, captured)
  for _, c in ipairs(captured) do args[#args + 1] = c end
  return args
end
local function rest(xs, n) return {table.unpack(xs, n + 1)} end

-- First differences over pairs of one list of points or two, in f64: {value, error}.
local function pairs_of(F, x, y, captured, odd)
  return {F:first(column(x), row(y), captured, odd)}
end

-- f[x_i, y_j, z_k] as {.., i, j, k}.
local function triples(F, x, y, z, captured, odd)
  local function third(p, axis)
    return array.unsqueeze(p[1], axis), array.unsqueeze(p[2], axis)
  end
  local ab, bc, ac = pairs_of(F, x, y, captured, odd), pairs_of(F, y, z, captured, odd),
    pairs_of(F, x, z, captured, odd)
  local ab1, ab2 = third(ab, -1)
  local bc1, bc2 = third(bc, -3)
  local ac1, ac2 = third(ac, -2)
  return (F:second(column(column(x)), column(row(y)), row(row(z)), {ab1, ab2, bc1, bc2, ac1, ac2},
    captured, odd))
end

-- out[.., i, k] = sum j. t[.., i, j, k] (a[.., i, j] b[.., j, k] + b[.., i, j] a[.., j, k])
local function through(t, a, b)
  local index = {core.fresh(t.rank)}
  local k, j, i = table.remove(index), table.remove(index), table.remove(index)
  local lead, out, shape, from = {table.unpack(index)}, {table.unpack(index)}, {}, t.shape
  for d = 1, #lead do shape[d] = from[d] end
  shape[#shape + 1], shape[#shape + 2] = from[#from - 2], from[#from]
  out[#out + 1], out[#out + 2] = i, k
  local function at(x, p, q)
    local where = {table.unpack(lead)}
    where[#where + 1], where[#where + 2] = p, q
    return x(table.unpack(where))
  end
  local all = {table.unpack(lead)}
  all[#all + 1], all[#all + 2], all[#all + 3] = i, j, k
  local product = at(a, i, j) * at(b, j, k) + at(b, i, j) * at(a, j, k)
  return core.tensor(out, (core.reduce("sum", j, t(table.unpack(all)) * product)), shape)
end

-- Adds the cotangents of what f captured after the first n.
local function append(bars, n, more)
  for k, v in pairs(more) do bars[n + k] = v end
  return bars
end

-- Symmetric matrices

-- The first differences of F at w, in the type of V.
local function symmetric_gamma(F, w, captured, like)
  return ops.cast(pairs_of(F, wide(w), wide(w), captured)[1], like.dtype)
end

-- V (f[w_i, w_j] o V' E V) V'
local function symmetric_first(F, A, w, V, E, captured)
  return declared("spectral_d1", with({A, w, V, E}, captured), function(x)
    local gamma = symmetric_gamma(F, x[2], rest(x, 4), x[3])
    return mm(x[3], gamma * mm(T(x[3]), x[4], x[3]), T(x[3]))
  end, function(x, W)
    local more, v, point = rest(x, 4), x[3], wide(x[2])
    local e, g = mm(T(v), x[4], v), mm(T(v), W, v)
    local t = ops.cast(triples(F, point, point, point, more), v.dtype)
    local bars = {mm(v, through(t, T(e), g), T(v)), nil, nil,
      symmetric_first(F, x[1], x[2], v, W, more)}
    return append(bars, 4, F:captured_bars(more, function(f)
      return total(W * symmetric_first(f, x[1], x[2], v, x[4], more))
    end, x[2], function(w_, more_) return {symmetric_gamma(F, w_, more_, v)} end, {e * g}))
  end)
end

---V diag(f(w)) V' of a symmetric A with its w and V.
function M.symmetric(F, A, w, V, captured)
  captured = captured or F.outer
  local function values(p, more) return ops.cast(F:at(wide(p), more, 0)[1], V.dtype) end
  return declared("spectral", with({A, w, V}, captured), function(x)
    return mm(x[3] * row(values(x[2], rest(x, 3))), T(x[3]))
  end, function(x, Y)
    local more, v = rest(x, 3), x[3]
    local bars = {symmetric_first(F, x[1], x[2], v, Y, more)}
    return append(bars, 3, F:captured_bars(more, function(f)
      return total(Y * M.symmetric(f, x[1], x[2], v, more))
    end, x[2], function(w_, more_) return {values(w_, more_)} end, {diagonal(mm(T(v), Y, v))}))
  end)
end

-- Any matrices with at least as many rows as columns: U {m, n}, s {n}, Vh {n, n}

-- Whether U is square: nothing is outside then, and what rounding leaves there must not meet 1 /
-- s^2.
local function is_square(U) return check.same(U.shape[U.rank - 1], U.shape[U.rank]) end

-- The parts of E in the basis of A: G = U' E V, and E V - U G, its rows outside.
local function parts(U, Vh, E)
  local e = linear.matmul(E, T(Vh))
  local g = linear.matmul(T(U), e)
  return g, is_square(U) and array.zeros_like(e) or e - linear.matmul(U, g)
end

-- [[a, b], [c, d]]
local function blocks(a, b, c, d)
  return array.cat({array.cat({a, b}, -1), array.cat({c, d}, -1)}, -2)
end

-- The second derivative of F along E and W: that of [[0, A], [A', 0]], whose eigenvalues are s, -s
-- and zeros, read off its upper right block.
local function rectangular_second(F, U, s, Vh, E, W, captured)
  local ge, oe = parts(U, Vh, E)
  local gw, ow = parts(U, Vh, W)
  local function whole(g) return blocks(sym(g), -skew(g), skew(g), -sym(g)) end
  local e, w, point = whole(ge), whole(gw), wide(s)
  local mu = array.cat({point, -point}, -1)
  local zero = array.slice(mu, -1, 0, 1) * 0
  local t = ops.cast(triples(F, mu, mu, mu, captured, true), U.dtype)
  local t0 = ops.cast(array.squeeze(triples(F, mu, zero, mu, captured, true), -2), U.dtype)
  local k = linear.matmul(T(oe), ow)
  k = k + T(k)
  local m = through(t, e, w) + t0 * blocks(k, -k, -k, k) * 0.5
  local n = s.shape[s.rank]
  local function block(x, i, j)
    local r = i and array.slice(x, -2, i * n, i * n + n) or x
    return array.slice(r, -1, j * n, j * n + n)
  end
  local c = (block(m, 0, 0) - block(m, 0, 1) + block(m, 1, 0) - block(m, 1, 1)) * 0.5
  local function outside(o, g) return linear.matmul(array.cat({o, -o}, -1), t0 * g) end
  local z = outside(oe, w) + outside(ow, e)
  z = (block(z, nil, 0) - block(z, nil, 1)) * 0.5
  return linear.matmul(linear.matmul(U, c) + z, Vh)
end

-- f[s_i, s_j], f[s_i, -s_j] and f[s, 0] in the type of U.
local function rectangular_gammas(F, s, captured, like)
  local point = wide(s)
  local function narrow(v) return ops.cast(v, like.dtype) end
  return narrow(pairs_of(F, point, point, captured)[1]),
    narrow(pairs_of(F, point, -point, captured, true)[1]),
    narrow((F:first(point, point * 0, captured, true)))
end

-- U (f[s_i, s_j] o sym G + f[s_i, -s_j] o skew G) Vh + (E V - U G) diag(f[s, 0]) Vh, G = U' E V
local function rectangular_first(F, A, U, s, Vh, E, captured)
  return declared("spectral_d1", with({A, U, s, Vh, E}, captured), function(x)
    local minus, plus, out = rectangular_gammas(F, x[3], rest(x, 5), x[2])
    local g, o = parts(x[2], x[4], x[5])
    local c = minus * sym(g) + plus * skew(g)
    return linear.matmul(linear.matmul(x[2], c) + o * row(out), x[4])
  end, function(x, W)
    local more = rest(x, 5)
    local ge, oe = parts(x[2], x[4], x[5])
    local gw, ow = parts(x[2], x[4], W)
    local bars = {rectangular_second(F, x[2], x[3], x[4], x[5], W, more), nil, nil, nil,
      rectangular_first(F, x[1], x[2], x[3], x[4], W, more)}
    return append(bars, 5, F:captured_bars(more, function(f)
      return total(W * rectangular_first(f, x[1], x[2], x[3], x[4], x[5], more))
    end, x[3], function(s_, more_) return {rectangular_gammas(F, s_, more_, x[2])} end,
      {sym(ge) * sym(gw), skew(ge) * skew(gw), reduce.sum(oe * ow, -2)}))
  end)
end

---U diag(f(s)) Vh of A {m, n}, m >= n, with its U, s and Vh.
function M.rectangular(F, A, U, s, Vh, captured)
  captured = captured or F.outer
  local function values(p, more) return ops.cast(F:at(wide(p), more, 0)[1], U.dtype) end
  return declared("spectral", with({A, U, s, Vh}, captured), function(x)
    return linear.matmul(x[2] * row(values(x[3], rest(x, 4))), x[4])
  end, function(x, Y)
    local more = rest(x, 4)
    local bars = {rectangular_first(F, x[1], x[2], x[3], x[4], Y, more)}
    return append(bars, 4, F:captured_bars(more, function(f)
      return total(Y * M.rectangular(f, x[1], x[2], x[3], x[4], more))
    end, x[3], function(s_, more_) return {values(s_, more_)} end,
      {diagonal(mm(T(x[2]), Y, T(x[4])))}))
  end)
end

M.row, M.column, M.sym, M.skew, M.diagonal, M.declared = row, column, sym, skew, diagonal, declared
return M
