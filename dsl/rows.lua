-- rows.lua: gradients of tables, row by row
--
--   g[ids[t], j] += v[t, j]      rows: ids {n}, sum {n, features}: what is added to each row, once
--
-- What an optimizer does to a row is done for the rows that were read, each once: the sum over all
-- positions of a row stands at the first of them, with zeros at the others.
---@source PyTorch's sparse gradients; SparseAdam
local core = require "crescent.core"
local array = require "crescent.array"
local op = require "crescent.op"
local ops = core.ops
local unpack = table.unpack
---@class private
local M = {}

local unique = op.define{
  name = "unique", args = {{"x", {"n"}, "i64"}},
  results = {{"first", {"n"}, "i64"}, {"table", {"2*n"}, "i64"}},
  kernel = "rt_unique", source = "rt_unique.h", cost = "8*n", status = false,
  vjp = function() return {} end,
}

-- The numbers of the rows: one integer for the indices along all axes that rows are picked along.
local function numbers(ids, sizes)
  local out
  for k, id in ipairs(ids) do
    out = out and array.pointwise(function(a, b) return a * sizes[k] + b end, out, id) or id
  end
  return out
end

-- Whether n ids are fewer than the rows of a table with these sizes, or that is not known.
local function are_few(n, sizes)
  local all = 1
  for _, size in ipairs(sizes) do
    if type(size) ~= "number" then return true end
    all = all * size
  end
  return type(n) ~= "number" or n < all
end

---The rows of the gradient g, or nil where it has none: {sum = tensor {n, ..}, plain = whether g is a
---scatter and nothing else, few = whether the ids may be fewer than the rows there are, get = function(x) -> rows {n, ..} of a tensor of g's shape, put =
---function(x, old, new) -> x with what was old at the rows replaced}.
function M.of(g)
  local parts, picked, plain = core.row_parts(g)
  if not parts then return nil end
  local ids, sizes, shape = {}, {}, g.shape
  for d, yes in ipairs(picked) do
    if yes then sizes[#sizes + 1] = shape[d] end
  end
  for k in ipairs(sizes) do
    local list = {}
    for p, part in ipairs(parts) do list[p] = part.ids[k] end
    ids[k] = #list == 1 and list[1] or array.cat(list, 0)
  end
  local first = (unique(numbers(ids, sizes)))
  local n = first.shape[1]
  local sums, start = {}, 0
  for p, part in ipairs(parts) do
    local index, extent = {core.fresh(part.rows.rank)}, part.rows.shape
    local at, from = {unpack(index)}, start
    at[1] = first(index[1] + from)
    extent[1] = n
    sums[p] = core.scatter(extent, "sum", index, at, part.rows(unpack(index)), part.rows.shape, true)
    start = start + part.rows.shape[1]
  end
  -- {t, j..}: an index of rows and the features; the element of a table there
  local function element(index)
    local at, rest = {}, 2
    local k = 0
    for d, yes in ipairs(picked) do
      if yes then
        k = k + 1
        at[d] = ids[k](index[1])
      else
        at[d] = index[rest]
        rest = rest + 1
      end
    end
    return at
  end
  local sum = core.row_map(g, sums)
  return {
    sum = sum, plain = plain, few = are_few(n, sizes),
    get = function(x)
      local index = {core.fresh(sum.rank)}
      return core.tensor(index, core.wrap("clamp_to_edge", x)(unpack(element(index))), sum.shape)
    end,
    put = function(x, old, new)
      local index = {core.fresh(sum.rank)}
      local change = new(unpack(index)) - old(unpack(index))
      change = ops.where(ops.eq(first(index[1]), index[1]), change, 0)
      return x + core.scatter(x.shape, "sum", index, element(index), change, sum.shape, true)
    end,
  }
end

return M
