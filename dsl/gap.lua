-- gap.lua: reciprocals of the gaps between eigenvalues or singular values, with a report of ties
--
--   Q[i, j] = 1 / D[i, j], 0 at a tie;   Q_bar -> D_bar = -Q_bar o Q o Q
--
-- Two values closer than their rounding are a tie. What a tie leaves undetermined must not matter
-- to the loss; where it does, the kernel returns a status instead of a number that is wrong. So
-- does another where the second derivative of a loss that turning hardly changes would be rounding
-- alone.
local core = require "crescent.core"
local array = require "crescent.array"
local op = require "crescent.op"
local ops = core.ops
---@class private
local M = {}

-- Q as it is, for a second derivative: there, what a near tie leaves of the digits is seen first.
local near = op.define{
  name = "near", empty = true,
  args = {{"Q", {"m", "n"}}, {"N", {"m", "n"}}, {"B", {"m", "n"}}, {"s", {"k"}}},
  results = {{"Y", {"m", "n"}}},
  kernel = "rt_near", source = "rt_gap.h",
  status = {{"digits", "two eigenvalues or singular values are so near to each other that a second derivative "
    .. "through their vectors has no digits left: use cr.linalg.spectral, which has no vectors"}},
  vjp = function(_, _, bars) return {bars[1]} end,
}

local gap = op.define{
  name = "gap", empty = true,
  args = {{"D", {"m", "n"}}, {"N", {"m", "n"}}, {"B", {"m", "n"}}, {"s", {"k"}}, {"t", {"k"}}},
  results = {{"Q", {"m", "n"}}},
  kernel = "rt_gap", source = "rt_gap.h",
  status = {{"tie", "two eigenvalues or singular values are equal, and the loss depends on "
    .. "how their vectors are turned: use cr.linalg.spectral, which has no vectors"}},
  vjp = function(args, results, bars)
    return {-bars[1] * results[1] * near(results[1], args.N, args.B, args.s)}
  end,
}

---1 / D, 0 at ties among the values s. N, beside the largest of B, and the differences of the
---cotangents t must vanish there.
function M.gap(D, N, B, s, t)
  local stop = ops.stop_gradient
  return gap(D, stop(N), stop(B), stop(s), stop(t or array.zeros_like(s)))
end

---|x| off the diagonal, 0 on it
function M.off_diagonal(x)
  return array.build(x.shape, function(...)
    local i = {...}
    return ops.where(ops.eq(i[#i], i[#i - 1]), 0, ops.abs(x(...)))
  end)
end

return M
