-- isotonic.lua: regression in order: the nearest sequence that never falls
--
--   z = argmin sum i. w[i] (z[i] - y[i])^2 over z[0] <= z[1] <= ..: the weighted mean of each block
--
-- The kernel finds the blocks by pooling adjacent violators. The derivative is that of the means:
--   y_bar[i] = w[i] s,  w_bar[i] = (y[i] - z[i]) s,  s = sum of z_bar / sum of w, over i's block
local core = require "crescent.core"
local array = require "crescent.array"
local block = require "crescent.block"
local check = require "crescent.check"
local op = require "crescent.op"
local ops = core.ops
---@class cr.prox
local M = {}

local regression = op.define{
  name = "isotonic", empty = true,
  args = {{"y", {"n"}}, {"w", {"n"}}},
  results = {{"z", {"n"}}, {"label", {"n"}, "i64"}},
  kernel = "rt_isotonic", source = "rt_isotonic.h", work = "2*n", cost = "16*n",
  status = {{"weight", "a weight is not positive"}, {"not_finite", "a number is not finite"}},
  vjp = function(args, results, bars)
    local label, w = results.label, args.w
    local share = block.over("sum", label, bars.z) / block.over("sum", label, w)
    return {w * share, (args.y - results.z) * share}
  end,
}

---isotonic(y, {weight, axis = -1, increasing = true}) -> z, labels: the nearest z in order,
---argmin sum of weight (z - y)^2, by pooling adjacent violators; weight broadcasts to y. labels (i64)
---give each element the first of its block. Error codes: a weight is not positive, y is not finite
---@example cr.prox.isotonic(cr.const{1.0, 3.0, 2.0, 5.0}, {weight = cr.const{1.0, 2.0, 1.0, 0.5}})
function M.isotonic(y, opts)
  y = check.floats("isotonic", y, "y")
  opts = check.options("isotonic", opts, {weight = check.NONE, axis = -1, increasing = true})
  local d = check.axis("isotonic", y, opts.axis)
  local w = opts.weight
  if type(w) == "number" then
    if not (w > 0) then
      core.fail(("isotonic: the weight must be positive, but is %s"):format(tostring(w)))
    end
    w = nil
  end
  w = w == nil and array.ones_like(y) or check.floats("isotonic", w, "the weight")
  if w.rank > y.rank then
    core.fail(("isotonic: the weight has shape %s, and y %s"):format(select(2, core.label(w)),
      select(2, core.label(y))), w, y)
  end
  local moved, back = block.last(y, d)
  local sign = opts.increasing and 1 or -1
  local weight = block.last(ops.cast(array.expand(w, y.shape), "f64"), d)
  local z, label = regression(ops.cast(moved, "f64") * sign, weight)
  return back(ops.cast(z * sign, y.dtype)), back(label)
end

return M
