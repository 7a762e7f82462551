-- peer.lua: a library function against weighed sums of what another library gives (bench/agree_torch.py)
local cr = require "crescent"
local M = {}

-- The sum of all numbers of the tensors with weights that have no pattern, and of their sizes.
local function weighed(tensors, bind, sizes)
  local sum, size, at = 0, 0, 0
  for _, x in ipairs(tensors) do
    for _, v in ipairs(value(x, bind, sizes)) do
      at = at + 1
      local term = v * (0.5 + at * 0.6180339887498949 % 1)
      sum, size = sum + term, size + math.abs(term)
    end
  end
  return sum, size
end

local function is_float(x) return x.dtype == "f64" end

-- Inputs, and rows of what is computed of them: the sums of y, of its gradient g of sum(sin(y)) by all
-- inputs of floats, and of that of sum(g^2).
function M.group(name, sizes)
  local g, bind, floats = {}, {}, {}
  function g.input(label, dtype, shape, numbers)
    local x = cr.input(name .. "_" .. label, shape, {dtype = dtype})
    bind[#bind + 1] = {x, numbers}
    if is_float(x) then floats[#floats + 1] = x end
    return x
  end
  local function compare(row, what, tensors, want)
    local got, size = weighed(tensors, bind, sizes)
    if not (math.abs(got - want) <= 1e-9 * math.max(size, math.abs(want)) + 1e-13) then
      error(("%s %s: the weighed sum of %s is %.15g, not %.15g"):format(name, row, what, got, want), 0)
    end
  end
  function g.row(row, y, want)
    compare(row, "values", {y}, want[1])
    if not want[2] then return end
    local first = cr.grad(cr.sum(cr.sin(y)), floats)
    compare(row, "gradients", first, want[2])
    if not want[3] then return end
    local total = 0
    for _, x in ipairs(first) do total = total + cr.sum(x * x) end
    compare(row, "second derivatives", cr.grad(total, floats), want[3])
  end
  return g
end

return M
