-- triangular.lua: op(A) X = B for a triangle A
--
--   B_bar = op(A)^-T X_bar,  A_bar = -tri(B_bar X'), transposed for op(A) = A'    (Giles 2008, 2.3)
---@source Giles 2008, section 2.2
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local linear = require "crescent.linear"
local matrices = require "crescent.matrices"
local matrix = require "crescent.matrix"
local op = require "crescent.op"
local M = {}

local T, mm = array.transpose, linear.matmul
local kinds = {}

local function kind(name, transposed, tri)
  kinds[name] = op.define{
    name = "solve_" .. name, empty = true,
    args = {{"A", {"n", "n"}}, {"B", {"n", "k"}}},
    results = {{"X", {"n", "k"}}},
    kernel = "rt_solve_" .. name, source = "rt_cholesky_many.h", many = "max(n, k)", cost = "n*n*k",
    status = {{"singular", "a zero on the diagonal of the triangle"}},
    vjp = function(args, results, bars)
      local other = transposed and name:sub(1, -3) or name .. "_t"
      local B_bar = kinds[other](args.A, bars.X)
      local outer = transposed and mm(results.X, T(B_bar)) or mm(B_bar, T(results.X))
      return {tri(-outer), B_bar}
    end,
  }
end

kind("lower", false, matrix.tril)
kind("lower_t", true, matrix.tril)
kind("upper", false, matrix.triu)
kind("upper_t", true, matrix.triu)

---solve_triangular(A, B, {upper, transposed, unit}): X with A X = B, or A' X = B if transposed.
---A {.., n, n}, of which one triangle is read; unit: its diagonal is taken for 1. B {.., n, k}, or
---{.., n} with A's leading axes. Error code: a zero on the diagonal.
---@example cr.linalg.solve_triangular(cr.const{{2.0, 0.0}, {1.0, 4.0}}, cr.const{1.0, -1.0})
function M.solve_triangular(A, B, opts)
  opts = check.options("solve_triangular", opts, {upper = false, transposed = false, unit = false})
  A = matrices.square("solve_triangular", A)
  local X, back
  A, X, back = matrices.right_sides("solve_triangular", A, B)
  if opts.unit then
    local eye = array.eye(A.shape[A.rank], A.shape[A.rank], A.dtype)
    A = core.ops.where(core.ops.gt(eye, 0), eye, A)
  end
  X = kinds[(opts.upper and "upper" or "lower") .. (opts.transposed and "_t" or "")](A, X)
  return back(X)
end

return M
