-- block.lua: sums over the blocks of labelled elements, each block named by one of its elements
--
--   label = 0 0 2 2 2    over("sum", label, v) = a a b b b,  a = v0 + v1,  b = v2 + v3 + v4
local core = require "crescent.core"
local array = require "crescent.array"
local ops = core.ops
local unpack = table.unpack
---@class private
local M = {}

---For each element of v {.., n} the sum, or other combination, of v over its block; label {.., n} or
---{n}, i64.
function M.over(how, label, v)
  local index = {core.fresh(v.rank)}
  local at = {unpack(index)}
  at[v.rank] = label.rank == 1 and label(index[v.rank]) or label(unpack(index))
  local all = core.scatter(v.shape, how, index, at, v(unpack(index)), v.shape)
  return core.tensor(index, all(unpack(at)), v.shape)
end

---The mean of v over each element's block.
function M.mean(label, v)
  return M.over("sum", label, v) / M.over("sum", label, array.ones_like(v))
end

---The log of the sum of exponentials of v over each element's block.
function M.logsumexp(label, v)
  local most = ops.stop_gradient(M.over("max", label, v))
  return ops.log(M.over("sum", label, ops.exp(v - most))) + most
end

---y[.., place[.., k]] = x[.., k]
function M.placed(x, place)
  local index = {core.fresh(x.rank)}
  local at = {unpack(index)}
  at[x.rank] = place(unpack(index))
  return core.scatter(x.shape, "sum", index, at, x(unpack(index)), x.shape)
end

---x with axis d (from 0) last, and the function that puts it back.
function M.last(x, d)
  if d == x.rank - 1 then return x, function(y) return y end end
  return array.movedim(x, d, -1), function(y) return array.movedim(y, -1, d) end
end

return M
