-- expm.lua: the matrix exponential, and whole powers
--
--   exp [[A', G], [0, A']] = [[e^A', L], [0, e^A']],  A_bar = L for G = E_bar
--
-- (Mathias, SIAM J. Matrix Anal. Appl. 17, 1996.) The derivative is an exponential itself, so it
-- has one too, to any order.
---@source Higham 2005 (scaling and squaring)
local core = require "crescent.core"
local array = require "crescent.array"
local check = require "crescent.check"
local linear = require "crescent.linear"
local matrices = require "crescent.matrices"
local op = require "crescent.op"
local M = {}

local exponential
exponential = op.define{
  name = "expm", empty = true,
  args = {{"A", {"n", "n"}}},
  results = {{"E", {"n", "n"}}},
  kernel = "rt_expm", source = "rt_expm.h", work = "7*n*n", cost = "30*n*n*n",
  status = {{"singular", "the Pade approximant of e^A is singular"},
    {"not_finite", "the matrix holds NaN or infinity"}},
  vjp = function(args, _, bars)
    local n, At = args[1].shape[1], array.transpose(args[1])
    local upper = array.cat({At, bars[1]}, 1)
    local lower = array.cat({array.zeros({n, n}, At.dtype), At}, 1)
    local E = exponential(array.cat({upper, lower}, 0))
    return {array.slice(array.slice(E, 0, 0, n), 1, n)}
  end,
}

---expm(A): e^A of square matrices {.., n, n}
---@example cr.linalg.expm(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.expm(A) return (exponential(matrices.square("expm", A))) end

---matrix_power(A, k): A A .. A, k whole; of the inverse for negative k, the identity for 0
---@example cr.linalg.matrix_power(cr.const{{1.0, 2.0}, {3.0, 5.0}}, 3)
function M.matrix_power(A, k)
  A = matrices.square("matrix_power", A)
  k = check.integer("matrix_power", k, "the power")
  if k < 0 then A, k = require("crescent.linalg").inv(A), -k end
  local result
  while k > 0 do
    if k % 2 == 1 then result = result and linear.matmul(result, A) or A end
    k = k // 2
    if k > 0 then A = linear.matmul(A, A) end
  end
  if result then return result end
  return array.build(A.shape, function(...)
    local i = {...}
    return core.ops.cast(core.ops.eq(i[#i], i[#i - 1]), A.dtype)
  end)
end

return M
