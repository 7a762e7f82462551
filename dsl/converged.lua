-- converged.lua: an iteration's result, or a status where it did not come to rest
---@class private
local op = require "crescent.op"

-- An operation (x {n}, r, most, flag): x if r <= most and flag is 0; else the entry fails, with the
-- second status where flag is positive, the third where r is NaN or x not finite, and the fourth where
-- flag is negative.
local function rest(name, advice)
  return op.define{
    name = name, empty = true,
    args = {{"x", {"n"}}, {"r", {}}, {"most", {}}, {"flag", {}}},
    results = {{"y", {"n"}}},
    kernel = "rt_converged", source = "rt_krylov.h",
    status = {{"no_convergence", "no tolerance reached: " .. advice},
      {"indefinite", "the matrix is not positive definite: conjugate gradients need one that is"},
      {"not_finite", "NaN or infinity, in the problem or on the way"},
      {"affine", "A must be linear, but A(0) is not 0"}},
    vjp = function(_, _, bars) return {bars[1]} end,
  }
end

return {
  system = rest("iteration", "raise max, or precondition"), -- of linear solvers
  step = rest("fixed_point", "raise max or tol; the step must contract"),
}
