-- qp.lua: quadratic programs as layers
--
--   z = argmin 1/2 z'Qz + p'z   subject to   A z = b,  G z <= h
--
-- With C the rows that hold as equations and d their right sides, z and their multipliers y solve
-- [Q C'; C 0] [z; y] = [-p; d] in a neighbourhood. So with one more such system,
--
--   [Q C'; C 0] [u; w] = -[z_bar; y_bar]
--   Q_bar = (u z' + z u') / 2,  p_bar = u,  C_bar = w z' + y u',  d_bar = -w
--
-- which is OptNet's adjoint (Amos and Kolter, ICML 2017, equation 8) without its rows of zeros;
-- rows that are not active get 0. All of it is written in tensors, so it has derivatives itself.
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local linear = require "crescent.linear"
local op = require "crescent.op"
local lu = require "crescent.ops.lu"
local ops = core.ops
local M = {}

local function outer(a, b) return array.unsqueeze(a, -1) * array.unsqueeze(b, -2) end

-- Rows of C {k, n} where mask {k} is 1, else 0.
local function rows(mask, C) return array.unsqueeze(mask, -1) * C end

-- u {n} and w {k} of [Q C'; C 0] [u; w] = -[z_bar; y_bar], C the rows of {k, n} where mask {k} is
-- 1; w is 0 elsewhere.
local function kkt(Q, C, mask, z_bar, y_bar)
  local n = Q.shape[1]
  local on = rows(mask, C)
  local corner = array.unsqueeze(mask - 1, -1) * array.eye(mask.shape[1], mask.shape[1], Q.dtype)
  local K = array.cat({array.cat({(Q + array.transpose(Q)) / 2, array.transpose(on)}, 1),
    array.cat({on, corner}, 1)}, 0)
  local x = lu.solve(K, -array.cat({z_bar, mask * y_bar}, 0))
  return array.slice(x, 0, 0, n), array.slice(x, 0, n)
end

local solve = op.define{
  name = "qp", empty = true,
  args = {{"Q", {"n", "n"}}, {"p", {"n"}}, {"A", {"e", "n"}}, {"b", {"e"}}, {"G", {"m", "n"}},
    {"h", {"m"}}, {"most", {}}, {"tol", {}}},
  results = {{"z", {"n"}}, {"nu", {"e"}}, {"lambda", {"m"}}, {"active", {"e + m"}}},
  kernel = "rt_qp", source = "rt_qp.h",
  work = "n*n + (e + m)*n + 12*n + 7*e + 9*m + 2*(2*n + e)*(2*n + e)",
  cost = "20*(n + e)*(n + e)*(n + e + m)",
  status = {{"infeasible", "no z satisfies A z = b and G z <= h"},
    {"unbounded", "the objective falls for ever along a direction that the constraints allow"},
    {"not_convex", "Q is not positive semidefinite"},
    {"no_convergence", "no solution to the tolerance: raise iterations or tol, or scale the problem"},
    {"not_finite", "an argument is NaN or infinite (h may be inf: no bound)"}},
  vjp = function(args, r, bars)
    local e = args.A.shape[1]
    local mask = ops.stop_gradient(ops.cast(ops.eq(r.active, 1), r.z.dtype))
    local C, y = array.cat({args.A, args.G}, 0), mask * array.cat({r.nu, r.lambda}, 0)
    local u, w = kkt(args.Q, C, mask, bars.z, array.cat({bars.nu, bars.lambda}, 0))
    local C_bar = outer(w, r.z) + outer(y, u)
    return {(outer(u, r.z) + outer(r.z, u)) / 2, u, array.slice(C_bar, 0, 0, e),
      -array.slice(w, 0, 0, e), array.slice(C_bar, 0, e), -array.slice(w, 0, e)}
  end,
}

-- Constraints as a pair, or empty ones; n: how many variables.
local function constraints(name, side, C, d, n)
  if (C == nil) ~= (d == nil) then
    core.fail(("qp: %s and %s come together; give both, or nil for both"):format(name, side))
  end
  if C == nil then return core.full({0, n}, 0, "f64"), core.full({0}, 0, "f64") end
  return C, d
end

---qp(Q, p, A, b, G, h, {iterations, tol}) -> z, nu, lambda, active: the z {.., n} of least
---z'Qz / 2 + p'z with A z = b and G z <= h, for a positive semidefinite Q {.., n, n} (symmetrised), p
---{.., n}, A {.., e, n}, b {.., e}, G {.., m, n}, h {.., m}; leading axes broadcast. Constraints may
---be nil, h infinite. nu {.., e}, lambda {.., m} are the multipliers. active {.., e + m} is 1 for rows
---that hold as equations, 0.5 for those whose multiplier is 0 all the same, where the derivative taken
---is the one without that row; of rows that depend on each other, so many count as 1 as hold z. In f64 inside, to
---`tol` (1e-9) in at most `iterations` (100). Error codes: no feasible z, no bound, Q not convex, no
---convergence, not finite; in a derivative, z is not unique. Amos and Kolter, ICML 2017.
---@example (cr.qp(cr.const{{2.0, 0.0}, {0.0, 1.0}}, cr.const{-1.0, -3.0}, nil, nil, cr.const{{1.0, 1.0}}, cr.const{1.0}))
function M.qp(Q, p, A, b, G, h, opts)
  Q, p = check.floats("qp", Q, "Q"), check.floats("qp", p, "p")
  opts = check.options("qp", opts, {iterations = 100, tol = 1e-9})
  check.integer("qp", opts.iterations, "iterations", 1)
  if check.number("qp", opts.tol, "tol") <= 0 then core.fail "qp: tol is positive" end
  if Q.rank < 2 or not check.same(Q.shape[Q.rank - 1], Q.shape[Q.rank]) then
    local label, shape = core.label(Q)
    core.fail(("qp: Q must be square, but %s has shape %s"):format(label, shape), Q)
  end
  local n, dtype, args = Q.shape[Q.rank], "f32", {}
  for _, x in pairs{Q, p, A, b, G, h} do
    if core.is_expr(x) and x.dtype == "f64" then dtype = "f64" end
  end
  A, b = constraints("A", "b", A, b, n)
  G, h = constraints("G", "h", G, h, n)
  local names = {"Q", "p", "A", "b", "G", "h"}
  for k, x in ipairs{Q, p, A, b, G, h} do
    args[k] = ops.cast(check.floats("qp", x, names[k]), "f64")
  end
  args[7], args[8] = opts.iterations, opts.tol
  local out = table.pack(solve(table.unpack(args)))
  for k = 1, out.n do out[k] = ops.cast(out[k], dtype) end
  return table.unpack(out, 1, out.n)
end

return M
