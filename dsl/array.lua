-- array.lua: making tensors and changing their shape, in index notation
--
-- Every function here is a few reads: transpose is x(j, i), roll is wrap(x)(i - shift).
local core = require "crescent.core"
local check = require "crescent.check"
local ops = core.ops
local unpack = table.unpack
local M = {}

-- Makes out[i..] = body(i..) of a given shape; the body's reads are known to stay inside.
local function build(shape, body)
  local index = {core.fresh(#shape)}
  return core.tensor(index, body(unpack(index)), shape, true)
end
M.build = build

-- f applied to tensors of one shape, element by element, as one tensor.
function M.pointwise(f, x, ...)
  local xs = {x, ...}
  return build(x.shape, function(...)
    local elements = {}
    for k, t in ipairs(xs) do elements[k] = t(...) end
    return f(unpack(elements))
  end)
end

-- Sets one element of a copy of a list.
local function with(list, at, value)
  local copy = {unpack(list)}
  copy[at] = value
  return copy
end

-- Constants

function M.const(x, dtype) return core.constant(x, dtype) end
function M.full(shape, value, dtype) return core.full(shape, value, dtype) end
function M.zeros(shape, dtype) return core.full(shape, 0, dtype or core.default_dtype()) end
function M.ones(shape, dtype) return core.full(shape, 1, dtype or core.default_dtype()) end
function M.zeros_like(x) return core.full(check.tensor("zeros_like", x).shape, 0, x.dtype) end
function M.ones_like(x) return core.full(check.tensor("ones_like", x).shape, 1, x.dtype) end

---arange(stop), arange(start, stop) or arange(start, stop, step)
function M.arange(start, stop, step, dtype)
  if stop == nil then start, stop = 0, start end
  step = step or 1
  if step == 0 then core.fail("arange: the step is 0") end
  local n
  if type(start) == "number" and type(stop) == "number" then
    n = math.max(0, math.ceil((stop - start) / check.number("arange", step, "the step")))
  elseif step == 1 then
    n = stop - start
  else
    core.fail("arange: a run-time size needs a step of 1")
  end
  local x = build({n}, function(i) return start + i * step end)
  return dtype and ops.cast(x, dtype) or x
end

function M.linspace(first, last, n)
  n = check.integer("linspace", n, "the count", 1)
  return build({n}, function(i)
    return first + ops.cast(i) * ((last - first) / math.max(n - 1, 1))
  end)
end

function M.eye(n, m, dtype)
  local x = build({n, m or n}, function(i, j) return ops.eq(i, j) end)
  return ops.cast(x, dtype)
end

---one_hot(ids, n): a new last axis with 1 at each id
function M.one_hot(ids, n, dtype)
  ids = check.tensor("one_hot", ids)
  local shape = ids.shape
  shape[#shape + 1] = n
  local x = build(shape, function(...)
    local index = {...}
    local k = table.remove(index)
    return ops.eq(ids(unpack(index)), k)
  end)
  return ops.cast(x, dtype)
end

-- Axes

function M.reshape(x, shape, ...)
  x = check.tensor("reshape", x)
  if type(shape) ~= "table" then shape = {shape, ...} end
  return core.reshape(x, shape)
end

function M.flatten(x, first, last)
  x = check.tensor("flatten", x)
  if x.rank == 0 then return core.reshape(x, {1}) end
  first, last = check.axis("flatten", x, first or 0), check.axis("flatten", x, last or -1)
  local shape, count = {}, 1
  for d, size in ipairs(x.shape) do
    if d - 1 < first or d - 1 > last then shape[#shape + 1] = size end
    if d - 1 >= first and d - 1 <= last then count = count * size end
    if d - 1 == last then shape[#shape + 1] = count end
  end
  return core.reshape(x, shape)
end

function M.permute(x, axes, ...)
  x = check.tensor("permute", x)
  if type(axes) ~= "table" then axes = {axes, ...} end
  if #axes ~= x.rank then
    core.fail(("permute: %d axes for a tensor with %d"):format(#axes, x.rank), x)
  end
  local shape, from, seen = {}, {}, {}
  for k, a in ipairs(axes) do
    local d = check.axis("permute", x, a)
    if seen[d] then core.fail(("permute: axis %d stands twice"):format(d)) end
    seen[d], from[k], shape[k] = true, d + 1, x.shape[d + 1]
  end
  return build(shape, function(...)
    local index = {}
    for k, i in ipairs{...} do index[from[k]] = i end
    return x(unpack(index))
  end)
end

---transpose(x, a, b): two axes exchanged, the last two unless said otherwise
function M.transpose(x, a, b)
  x = check.tensor("transpose", x)
  a, b = check.axis("transpose", x, a or -2), check.axis("transpose", x, b or -1)
  local axes = {}
  for d = 0, x.rank - 1 do axes[d + 1] = d == a and b or d == b and a or d end
  return M.permute(x, axes)
end

function M.squeeze(x, axis)
  x = check.tensor("squeeze", x)
  local shape, drop = {}, {}
  for _, d in ipairs(check.axes("squeeze", x, axis)) do
    if x.shape[d + 1] == 1 then drop[d] = true
    elseif axis ~= nil then
      core.fail(("squeeze: axis %d has %s elements, not 1"):format(d, tostring(x.shape[d + 1])), x)
    end
  end
  for d, size in ipairs(x.shape) do
    if not drop[d - 1] then shape[#shape + 1] = size end
  end
  return core.reshape(x, shape)
end

function M.unsqueeze(x, axis)
  x = check.tensor("unsqueeze", x)
  local shape = x.shape
  table.insert(shape, check.axis("unsqueeze", x, axis or 0, 1) + 1, 1)
  return core.reshape(x, shape)
end

---expand(x, shape): broadcast to a shape; -1 keeps an extent
function M.expand(x, shape)
  x = check.tensor("expand", x)
  local lead = #shape - x.rank
  if lead < 0 then core.fail(("expand: %d axes cannot become %d"):format(x.rank, #shape), x) end
  shape = {unpack(shape)}
  for d, size in ipairs(x.shape) do
    if shape[d + lead] == -1 then shape[d + lead] = size end
    if size ~= 1 and not check.same(size, shape[d + lead]) then
      core.fail(("expand: axis %d has %s elements and cannot become %s"):format(d - 1,
        tostring(size),
        tostring(shape[d + lead])), x)
    end
  end
  return build(shape, function(...)
    local index = {select(lead + 1, ...)}
    for d, size in ipairs(x.shape) do if size == 1 then index[d] = 0 end end
    return x(unpack(index))
  end)
end

-- Pieces

-- Bounds of a slice along an axis of this extent, negative ones counted from the end.
local function bound(v, size)
  if v == nil then return nil end
  if type(v) == "number" and v < 0 then v = size + v end
  if type(v) == "number" and type(size) == "number" then v = math.max(0, math.min(v, size)) end
  return v
end

---slice(x, axis, start, stop, step): elements start, start + step, .. below stop
function M.slice(x, axis, start, stop, step)
  x = check.tensor("slice", x)
  local d = check.axis("slice", x, axis or 0) + 1
  local size = x.shape[d]
  start, stop = bound(start, size) or 0, bound(stop, size) or size
  step = check.integer("slice", step or 1, "the step", 1)
  local count = (stop - start + (step - 1)) // step
  if type(count) == "number" and count < 0 then count = 0 end
  local index = {core.fresh(x.rank)}
  local at = with(index, d, index[d] * step + start)
  return core.tensor(index, x(unpack(at)), with(x.shape, d, count))
end

---cat({a, b, ..}, axis)
function M.cat(list, axis)
  if type(list) ~= "table" or core.is_expr(list) or #list == 0 then
    core.fail("cat: the first argument is a list of tensors")
  end
  local xs = {}
  for k, x in ipairs(list) do xs[k] = check.tensor("cat", x, "element " .. k) end
  local d = check.axis("cat", xs[1], axis or 0) + 1
  local shape, total = xs[1].shape, 0
  for k, x in ipairs(xs) do
    for e = 1, math.max(x.rank, #shape) do
      if x.rank ~= #shape or (e ~= d and not check.same(x.shape[e], shape[e])) then
        local label, text = core.label(x)
        core.fail(
          ("cat: element %d, %s, has shape %s, which does not go with %s along axis %d"):format(k,
          label, text, select(2, core.label(xs[1])), d - 1), x, xs[1])
      end
    end
    total = total + x.shape[d]
  end
  return build(with(shape, d, total), function(...)
    local index, start, parts = {...}, 0, {}
    for k, x in ipairs(xs) do
      local read = core.wrap("zero_outside", x, d - 1)
      parts[k] = {read(unpack(with(index, d, index[d] - start))), start + x.shape[d]}
      start = parts[k][2]
    end
    local e = parts[#parts][1]
    for k = #parts - 1, 1, -1 do e = ops.where(ops.lt(index[d], parts[k][2]), parts[k][1], e) end
    return e
  end)
end

---stack({a, b, ..}, axis): joined along a new axis
function M.stack(list, axis)
  if type(list) ~= "table" or core.is_expr(list) or #list == 0 then
    core.fail("stack: the first argument is a list of tensors")
  end
  local parts = {}
  for k, x in ipairs(list) do
    parts[k] = M.unsqueeze(check.tensor("stack", x, "element " .. k), axis or 0)
  end
  return M.cat(parts, axis or 0)
end

---split(x, size or sizes, axis): a list of pieces
function M.split(x, sizes, axis)
  x = check.tensor("split", x)
  axis = check.axis("split", x, axis or 0)
  local n, out, start = x.shape[axis + 1], {}, 0
  if type(n) ~= "number" then core.fail("split: a run-time size cannot be split; use slice", x) end
  if type(sizes) ~= "table" then
    local size = check.integer("split", sizes, "the size", 1)
    sizes = {}
    for at = 0, n - 1, size do sizes[#sizes + 1] = math.min(size, n - at) end
  end
  for k, size in ipairs(sizes) do
    out[k] = M.slice(x, axis, start, start + size)
    start = start + size
  end
  if start ~= n then
    core.fail(("split: the sizes add up to %d, but axis %d has %d elements"):format(start, axis,
      n), x)
  end
  return out
end

---index_select(x, axis, ids): slices of x at the ids
function M.index_select(x, axis, ids)
  x, ids = check.tensor("index_select", x), check.ranked("index_select", ids, "ids", 1)
  local d = check.axis("index_select", x, axis) + 1
  local index = {core.fresh(x.rank)}
  return core.tensor(index, x(unpack(with(index, d, ids(index[d])))), with(x.shape, d,
    ids.shape[1]))
end

---gather(x, axis, ids): out[i, j] = x[ids[i, j], j] along axis 0
function M.gather(x, axis, ids)
  x = check.tensor("gather", x)
  ids = check.ranked("gather", ids, "ids", x.rank)
  local d = check.axis("gather", x, axis) + 1
  local index = {core.fresh(x.rank)}
  return core.tensor(index, x(unpack(with(index, d, ids(unpack(index))))), ids.shape)
end

---scatter_add(x, axis, ids, values): x with values added at the ids
function M.scatter_add(x, axis, ids, values)
  x = check.tensor("scatter_add", x)
  ids = check.ranked("scatter_add", ids, "ids", x.rank)
  values = check.ranked("scatter_add", values, "values", x.rank)
  local d = check.axis("scatter_add", x, axis) + 1
  local index = {core.fresh(x.rank)}
  return x + core.scatter(x.shape, "sum", index, with(index, d, ids(unpack(index))),
    values(unpack(index)), ids.shape)
end

function M.flip(x, axes)
  x = check.tensor("flip", x)
  local turned = {}
  for _, d in ipairs(check.axes("flip", x, axes)) do turned[d + 1] = true end
  return build(x.shape, function(...)
    local index = {...}
    for d in pairs(turned) do index[d] = x.shape[d] - 1 - index[d] end
    return x(unpack(index))
  end)
end

function M.roll(x, shift, axis)
  x = check.tensor("roll", x)
  local d = check.axis("roll", x, axis or 0) + 1
  local read = core.wrap("wrap", x, d - 1)
  return build(x.shape, function(...)
    local index = {...}
    return read(unpack(with(index, d, index[d] - shift)))
  end)
end

function M.tile(x, counts)
  x = check.tensor("tile", x)
  counts = type(counts) == "table" and counts or {counts}
  while #counts > x.rank do x = M.unsqueeze(x, 0) end
  local lead, shape = x.rank - #counts, x.shape
  for k, c in ipairs(counts) do shape[k + lead] = shape[k + lead] * c end
  return build(shape, function(...)
    local index = {...}
    for d, size in ipairs(x.shape) do index[d] = index[d] % size end
    return x(unpack(index))
  end)
end

function M.repeat_interleave(x, count, axis)
  x = check.tensor("repeat_interleave", x)
  local d = check.axis("repeat_interleave", x, axis or 0) + 1
  return build(with(x.shape, d, x.shape[d] * count), function(...)
    local index = {...}
    return x(unpack(with(index, d, index[d] // count)))
  end)
end

local pad_rules = {constant = "zero_outside", zero = "zero_outside", replicate = "clamp_to_edge",
  edge = "clamp_to_edge", reflect = "reflect", mirror = "mirror", symmetric = "mirror",
  circular = "wrap", wrap = "wrap"}

---pad(x, {left, right, ..}, {mode = "constant", value = 0}): pairs for the last axis first
function M.pad(x, pads, opts)
  x = check.tensor("pad", x)
  opts = check.options("pad", opts, {mode = "constant", value = 0})
  local rule = pad_rules[opts.mode]
  if not rule then
    core.fail(("pad: there is no mode '%s'%s"):format(tostring(opts.mode), check.hint(opts.mode,
      pad_rules)))
  end
  if type(pads) ~= "table" or #pads % 2 == 1 or #pads > 2 * x.rank then
    core.fail("pad: the widths are pairs, {left, right} of the last axis first", x)
  end
  local shape, before = x.shape, {}
  for k = 1, #pads, 2 do
    local d = x.rank - k // 2
    before[d], shape[d] = pads[k], shape[d] + pads[k] + pads[k + 1]
  end
  local read = core.wrap(rule, x)
  return build(shape, function(...)
    local index, inside = {...}, nil
    for d, left in pairs(before) do
      index[d] = index[d] - left
      local here = ops.logical_and(ops.ge(index[d], 0), ops.lt(index[d], x.shape[d]))
      inside = inside and ops.logical_and(inside, here) or here
    end
    local e = read(unpack(index))
    if opts.value ~= 0 and rule == "zero_outside" and inside then
      return ops.where(inside, e, opts.value)
    end
    return e
  end)
end

-- Matrices

-- x where keep(row, column), else 0, on the last two axes
local function masked(what, x, keep)
  x = check.tensor(what, x)
  if x.rank < 2 then core.fail(what .. ": a tensor with rows and columns is needed", x) end
  return build(x.shape, function(...)
    local index = {...}
    return ops.where(keep(index[#index - 1], index[#index]), x(...), 0)
  end)
end

function M.tril(x, k) return masked("tril", x, function(i, j) return ops.le(j - i, k or 0) end) end
function M.triu(x, k) return masked("triu", x, function(i, j) return ops.ge(j - i, k or 0) end) end

---diag(x): the diagonal of a matrix, or the diagonal matrix of a vector
function M.diag(x)
  x = check.tensor("diag", x)
  if x.rank == 1 then
    local n = x.shape[1]
    return build({n, n}, function(i, j) return ops.where(ops.eq(i, j), x(i), 0) end)
  end
  x = check.ranked("diag", x, "the matrix", 2)
  local n, m = x.shape[1], x.shape[2]
  if type(n) == "number" and type(m) == "number" then n = math.min(n, m)
  elseif not check.same(n, m) then core.fail("diag: the matrix must be square", x) end
  return build({n}, function(i) return x(i, i) end)
end

return M
