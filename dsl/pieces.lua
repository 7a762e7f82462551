-- pieces.lua: parts of tensors: splitting, picking by index, scattering, turning, padding
---@source PyTorch's and NumPy's functions of that name
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local ops = core.ops
local unpack = table.unpack
local build = array.build
local M = {}

-- Sets one element of a copy of a list.
local function with(list, at, value)
  local copy = {unpack(list)}
  copy[at] = value
  return copy
end

---narrow(x, axis, start, length): `length` elements from start on
---@example cr.narrow(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1, 0, 2)
function M.narrow(x, axis, start, length)
  if start == nil or length == nil then core.fail "narrow: write narrow(x, axis, start, length)" end
  x = check.tensor("narrow", x)
  local d = check.axis("narrow", x, axis)
  local size = x.shape[d + 1]
  if not core.is_expr(start) then start = check.integer("narrow", start, "the start") end
  if not core.is_expr(length) then length = check.integer("narrow", length, "the length", 0) end
  if type(start) == "number" and start < 0 then start = size + start end
  local stop = start + length
  if type(stop) == "number" and type(size) == "number" and (start < 0 or stop > size) then
    core.fail(("narrow: elements %d to %d of axis %d, which has %d"):format(start, stop - 1, d, size),
      x)
  end
  return array.slice(x, axis, start, stop)
end

---select(x, axis, i): element i along an axis, which is gone; negative ones count from the end
---@example cr.select(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 0, -1)
function M.select(x, axis, i)
  x = check.tensor("select", x)
  local d = check.axis("select", x, axis) + 1
  local size, index, shape = x.shape[d], {core.fresh(x.rank)}, x.shape
  if not core.is_expr(i) then i = check.integer("select", i, "the element") end
  local asked = i
  if type(i) == "number" and i < 0 then i = size + i end
  if type(i) == "number" and (i < 0 or type(size) == "number" and i >= size) then
    core.fail(("select: axis %d has %s elements, and no element %d"):format(d - 1, tostring(size),
      asked), x)
  end
  local at = with(index, d, i)
  table.remove(index, d)
  table.remove(shape, d)
  return core.tensor(index, x(unpack(at)), shape)
end

---split(x, size or sizes, axis = 0): a list of pieces of that size, the last may be smaller; or of
---the sizes listed
---@example cr.split(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 2, 1)
function M.split(x, sizes, axis)
  x = check.tensor("split", x)
  axis = check.axis("split", x, axis or 0)
  local n, out, start = x.shape[axis + 1], {}, 0
  if type(sizes) ~= "table" then
    if type(n) ~= "number" then core.fail("split: a run-time size is split by a list of sizes", x) end
    local size = check.integer("split", sizes, "the size", 1)
    sizes = {}
    for at = 0, n - 1, size do sizes[#sizes + 1] = math.min(size, n - at) end
    if n == 0 then sizes = {0} end
  end
  for k, size in ipairs(sizes) do
    if not core.is_expr(size) then size = check.integer("split", size, "size " .. k, 0) end
    out[k] = array.slice(x, axis, start, start + size)
    start = start + size
  end
  if not check.same(start, n) then
    core.fail(("split: the sizes add up to %s, but axis %d has %s elements"):format(tostring(start),
      axis, tostring(n)), x)
  end
  return out
end

---chunk(x, n, axis = 0): a list of at most n pieces of equal size, the last may be smaller
---@example cr.chunk(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 2, 1)
function M.chunk(x, n, axis)
  x, n = check.tensor("chunk", x), check.integer("chunk", n, "the number of pieces", 1)
  local size = x.shape[check.axis("chunk", x, axis or 0) + 1]
  if type(size) ~= "number" then core.fail("chunk: the axis must have a fixed extent", x) end
  if size > 0 then return M.split(x, (size + n - 1) // n, axis) end
  local none = {}
  for k = 1, n do none[k] = 0 end -- as in PyTorch
  return M.split(x, none, axis)
end

---unbind(x, axis = 0): a list of the elements along an axis
---@example cr.unbind(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}})
function M.unbind(x, axis)
  x = check.tensor("unbind", x)
  local d, out = check.axis("unbind", x, axis or 0), {}
  local size = x.shape[d + 1]
  if type(size) ~= "number" then core.fail("unbind: the axis must have a fixed extent", x) end
  for i = 1, size do out[i] = M.select(x, d, i - 1) end
  return out
end

-- Picking

---index_select(x, axis, ids): slices of x at the ids
---@example cr.index_select(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1, cr.const{2, 0})
function M.index_select(x, axis, ids)
  x = check.tensor("index_select", x)
  ids = check.ranked("index_select", check.integers("index_select", ids, "ids"), "ids", 1)
  local d = check.axis("index_select", x, axis) + 1
  local index = {core.fresh(x.rank)}
  return core.tensor(index, x(unpack(with(index, d, ids(index[d])))), with(x.shape, d,
    ids.shape[1]))
end

---take(x, ids): elements of x in row-major order at the ids, of the ids' shape
---@example cr.take(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, cr.const{5, 0})
function M.take(x, ids)
  x, ids = core.reshape(check.tensor("take", x), {-1}), check.integers("take", ids, "ids")
  local index = {core.fresh(ids.rank)}
  return core.tensor(index, x(ids(unpack(index))), ids.shape)
end

-- ids and values of a gather or scatter along an axis of x, whose ranks must agree.
local function along(what, x, axis, ids)
  x = check.tensor(what, x)
  ids = check.ranked(what, check.integers(what, ids, "ids"), "ids", x.rank)
  return x, check.axis(what, x, axis) + 1, ids
end

---gather(x, axis, ids): out[i, j] = x[ids[i, j], j] along axis 0
---@example cr.gather(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1, cr.const{{2, 0}, {1, 1}})
function M.gather(x, axis, ids)
  local d
  x, d, ids = along("gather", x, axis, ids)
  local index = {core.fresh(x.rank)}
  return core.tensor(index, x(unpack(with(index, d, ids(unpack(index))))), ids.shape)
end

---take_along_axis(x, ids, axis): as gather; the other axes of ids and x broadcast
---@example cr.take_along_axis(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, cr.const{{2, 0}, {1, 1}}, 1)
function M.take_along_axis(x, ids, axis)
  local d
  x, d, ids = along("take_along_axis", x, axis == nil and -1 or axis, ids)
  local sx, si = x.shape, ids.shape
  for e = 1, x.rank do
    if e ~= d then sx[e], si[e] = si[e] == 1 and sx[e] or sx[e] == 1 and si[e] or sx[e], -1 end
  end
  for e = 1, x.rank do
    if e == d then sx[e] = -1 else si[e] = sx[e] end
  end
  return M.gather(array.expand(x, sx), d - 1, array.expand(ids, si))
end

-- How values meet at an element, and what an element nothing is written to holds.
local meetings = {sum = "sum", add = "sum", prod = "prod", multiply = "prod", amax = "max",
  max = "max", amin = "min", min = "min", mean = "sum"}

-- Scatter of values (a tensor of at least the ids' shape, or a number) along axis d into x's shape.
local function scattered(what, x, d, ids, values, how)
  local index = {core.fresh(x.rank)}
  local value = values
  if core.is_expr(values) then
    value = ops.cast(check.ranked(what, values, "values", x.rank)(unpack(index)), x.dtype)
  end
  core.expect(ids, x.shape[d], ("index of %s along axis %d"):format(what, d - 1))
  return core.scatter(x.shape, how, index, with(index, d, ids(unpack(index))), value, ids.shape)
end

---scatter_add(x, axis, ids, values): x with values added at the ids
---@example cr.scatter_add(cr.const{1.0, 2.0, 3.0}, 0, cr.const{0, 2, 0}, cr.const{10.0, 20.0, 30.0})
function M.scatter_add(x, axis, ids, values)
  local d
  x, d, ids = along("scatter_add", x, axis, ids)
  return x + scattered("scatter_add", x, d, ids, values, "sum")
end

-- Where something is written.
local function touched(what, x, d, ids)
  return ops.gt(scattered(what, x, d, ids, core.full(ids.shape, 1, x.dtype), "sum"), 0)
end

---scatter_reduce(x, axis, ids, values, reduce = "sum"|"prod"|"mean"|"amax"|"amin", {include_self =
---true}): x with values put together at the ids; x itself takes part unless include_self is false
---@example cr.scatter_reduce(cr.const{1.0, 2.0, 3.0}, 0, cr.const{0, 2, 0}, cr.const{10.0, 20.0, 30.0}, "amax")
function M.scatter_reduce(x, axis, ids, values, how, opts)
  local what, d = "scatter_reduce", nil
  x, d, ids = along(what, x, axis, ids)
  opts = check.options(what, opts, {include_self = true})
  local meet = check.choice(what, "reduction", how, meetings)
  local y = scattered(what, x, d, ids, values, meet)
  local some = touched(what, x, d, ids)
  if opts.include_self then
    if meet == "prod" then y = x * y
    elseif meet == "max" then y = ops.maximum(x, y)
    elseif meet == "min" then y = ops.minimum(x, y)
    else y = x + y end
  end
  if how == "mean" then
    local count = scattered(what, x, d, ids, core.full(ids.shape, 1, x.dtype), "sum")
    y = y / ops.maximum(opts.include_self and count + 1 or count, 1)
  end
  return ops.where(some, y, x)
end

---put_along_axis(x, ids, values, axis): x with values (a tensor or a number) put at the ids; of
---several at one place the last. cr.scatter(x, axis, ids, values) is the same
---@example cr.put_along_axis(cr.const{1.0, 2.0, 3.0}, cr.const{0, 2}, cr.const{10.0, 20.0}, 0)
function M.put_along_axis(x, ids, values, axis)
  local what, d = "put_along_axis", nil
  x, d, ids = along(what, x, axis == nil and -1 or axis, ids)
  if values == nil then core.fail(what .. ": the values are missing") end
  if type(values) == "number" then values = core.full(ids.shape, values, x.dtype) end
  return ops.where(touched(what, x, d, ids), scattered(what, x, d, ids, values, "set"), x)
end

---index_add(x, axis, ids {n}, values, alpha = 1): x with alpha times the slices of values added at the
---ids
---@example cr.index_add(cr.const{1.0, 2.0, 3.0}, 0, cr.const{0, 2, 0}, cr.const{10.0, 20.0, 30.0})
function M.index_add(x, axis, ids, values, alpha)
  x = check.tensor("index_add", x)
  ids = check.ranked("index_add", check.integers("index_add", ids, "ids"), "ids", 1)
  values = check.ranked("index_add", values, "values", x.rank)
  local d = check.axis("index_add", x, axis) + 1
  local index = {core.fresh(x.rank)}
  core.expect(ids, x.shape[d], ("index of index_add along axis %d"):format(d - 1))
  return x + core.scatter(x.shape, "sum", index, with(index, d, ids(index[d])),
    values(unpack(index)) * (alpha or 1), with(x.shape, d, ids.shape[1]))
end

---masked_fill(x, mask, value): value where the mask holds, else x
---@example cr.masked_fill(cr.const{-1.5, 0.25, 2.0}, cr.gt(cr.const{0.5, -1.0, 2.0}, 0), 9)
function M.masked_fill(x, mask, value)
  x, mask = check.tensor("masked_fill", x), check.tensor("masked_fill", mask, "the mask")
  if mask.dtype ~= "bool" then
    core.fail("masked_fill: the mask must be of booleans, not " .. mask.dtype, mask)
  end
  if value == nil then core.fail "masked_fill: the value is missing" end
  return ops.where(mask, type(value) == "number" and value or ops.cast(value, x.dtype), x)
end

-- Turning and repeating

---flip(x, axes): reversed along an axis, several, or all
---@example cr.flip(cr.const{{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}, 1)
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

---roll(x, shift, axis): moved round along an axis, or by lists along several; without an axis in
---row-major order
---@example cr.roll(cr.const{-1.5, 0.25, 2.0}, 1, 0)
function M.roll(x, shift, axis)
  x = check.tensor("roll", x)
  if axis == nil then
    return core.reshape(M.roll(core.reshape(x, {-1}), shift, 0), x.shape)
  end
  local shifts = type(shift) == "table" and shift or {shift}
  local axes = type(axis) == "table" and axis or {axis}
  if #shifts ~= #axes then core.fail "roll: as many shifts as axes" end
  local moved = {}
  for k, a in ipairs(axes) do
    local d = check.axis("roll", x, a) + 1
    local s = core.is_expr(shifts[k]) and shifts[k] or check.integer("roll", shifts[k], "the shift")
    moved[d] = (moved[d] or 0) + s
  end
  local wrapped = {}
  for d in pairs(moved) do wrapped[#wrapped + 1] = d - 1 end
  if #wrapped == 0 then return x end
  local read = core.wrap("wrap", x, unpack(wrapped))
  return build(x.shape, function(...)
    local index = {...}
    for d, s in pairs(moved) do index[d] = index[d] - s end
    return read(unpack(index))
  end)
end

---rot90(x, k = 1, axes = {0, 1}): turned k times by 90 degrees, from the first axis to the second
---@example cr.rot90(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.rot90(x, k, axes)
  x = check.tensor("rot90", x)
  k, axes = check.integer("rot90", k or 1, "k") % 4, axes or {0, 1}
  if type(axes) ~= "table" or #axes ~= 2 then core.fail "rot90: the axes are a pair" end
  local a, b = check.axis("rot90", x, axes[1]), check.axis("rot90", x, axes[2])
  if k == 0 then return x end
  if k == 2 then return M.flip(x, {a, b}) end
  return M.flip(array.transpose(x, a, b), k == 1 and a or b)
end

---tile(x, counts): x repeated along each axis, the last ones first, as in NumPy
---@example cr.tile(cr.const{1.0, -1.0}, {2, 2})
function M.tile(x, counts, ...)
  x = check.tensor("tile", x)
  counts = type(counts) == "table" and counts or {counts, ...}
  while #counts > x.rank do x = array.unsqueeze(x, 0) end
  local lead, shape = x.rank - #counts, x.shape
  for k = 1, #counts do
    local c = counts[k]
    if not core.is_expr(c) then c = check.integer("tile", c, "a count", 0) end
    shape[k + lead] = shape[k + lead] * c
  end
  return build(shape, function(...)
    local index = {...}
    for d, size in ipairs(x.shape) do index[d] = index[d] % size end
    return x(unpack(index))
  end)
end

---repeat_interleave(x, count, axis): each element `count` times; without an axis in row-major order
---@example cr.repeat_interleave(cr.const{1.0, -1.0}, 2, 0)
function M.repeat_interleave(x, count, axis)
  x = check.tensor("repeat_interleave", x)
  if axis == nil then x, axis = core.reshape(x, {-1}), 0 end
  if not core.is_expr(count) then
    count = check.integer("repeat_interleave", count, "the count", 1)
  elseif count.rank ~= 0 then
    core.fail("repeat_interleave: one count for all elements; the shape cannot depend on data", x)
  end
  local d = check.axis("repeat_interleave", x, axis) + 1
  return build(with(x.shape, d, x.shape[d] * count), function(...)
    local index = {...}
    return x(unpack(with(index, d, index[d] // count)))
  end)
end

local pad_rules = {constant = "zero_outside", zero = "zero_outside", replicate = "clamp_to_edge",
  edge = "clamp_to_edge", reflect = "reflect", mirror = "mirror", symmetric = "mirror",
  circular = "wrap", wrap = "wrap"}

---pad(x, {left, right, ..}, mode = "constant", value = 0): pairs for the last axis first, negative
---ones cut; modes constant, reflect, replicate, circular, and symmetric (NumPy's)
---@example cr.pad(cr.const{1.0, -1.0}, {1, 2})
function M.pad(x, pads, ...)
  x = check.tensor("pad", x)
  local opts = check.optional("pad", {"mode", "value"}, {mode = "constant", value = 0}, ...)
  local rule = check.choice("pad", "mode", opts.mode, pad_rules)
  if type(pads) ~= "table" or core.is_expr(pads) or #pads % 2 == 1 or #pads > 2 * x.rank then
    core.fail("pad: the widths are pairs, {left, right} of the last axis first", x)
  end
  local shape, before, axes = x.shape, {}, {}
  for k = 1, #pads, 2 do
    local d = x.rank - k // 2
    for e = k, k + 1 do
      if not core.is_expr(pads[e]) then pads[e] = check.integer("pad", pads[e], "a width") end
    end
    before[d], shape[d], axes[#axes + 1] = pads[k], shape[d] + pads[k] + pads[k + 1], d - 1
    if type(shape[d]) == "number" and shape[d] < 0 then
      core.fail(("pad: nothing is left of axis %d"):format(d - 1), x)
    end
  end
  if #axes == 0 then return x end
  local read = core.wrap(rule, x, unpack(axes))
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

return M
