-- array.lua: making tensors and changing their shape, in index notation
--
-- Every function here is a few reads: transpose is x(j, i), roll is wrap(x)(i - shift).
---@source NumPy's function of that name
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

---const(numbers, dtype): nested lists of numbers or booleans as a tensor; a tensor is cast
---@example cr.const({{1, 2}, {3, 4}})
function M.const(x, dtype) return core.constant(x, dtype) end

---full(shape, value, dtype): a tensor of one value
---@example cr.full({2, 2}, 7.5)
function M.full(shape, value, dtype) return core.full(shape, value, dtype) end

---zeros(shape, dtype)
---@example cr.zeros({2, 3})
function M.zeros(shape, dtype)
  return core.full(shape, 0, dtype or core.default_dtype(), "zeros")
end

---ones(shape, dtype)
---@example cr.ones({2, 3})
function M.ones(shape, dtype)
  return core.full(shape, 1, dtype or core.default_dtype(), "ones")
end

---zeros_like(x): zeros of x's shape and dtype
---@example cr.zeros_like(cr.const{{1.0, 2.0}, {3.0, 5.0}})
---@derivative 0
function M.zeros_like(x)
  x = check.tensor("zeros_like", x)
  return core.full(x.shape, 0, x.dtype)
end

---ones_like(x): ones of x's shape and dtype
---@example cr.ones_like(cr.const{{1.0, 2.0}, {3.0, 5.0}})
---@derivative 0
function M.ones_like(x)
  x = check.tensor("ones_like", x)
  return core.full(x.shape, 1, x.dtype)
end

---full_like(x, value): one value in x's shape and dtype
---@example cr.full_like(cr.const{{1.0, 2.0}, {3.0, 5.0}}, 3)
---@derivative 0
function M.full_like(x, value)
  x = check.tensor("full_like", x)
  return core.full(x.shape, value, x.dtype)
end

local function is_options(x) return type(x) == "table" and not core.is_expr(x) end

---arange(stop), arange(start, stop) or arange(start, stop, step, dtype): start, start + step, ..
---before stop; integers where all are, else floats; a run-time size with a step of 1. The dtype may
---also stand last as {dtype = "f32"}
---@example cr.arange(1, 10, 4)
function M.arange(start, stop, step, dtype)
  if is_options(stop) then stop, dtype = nil, stop end
  if is_options(step) then step, dtype = nil, step end
  if stop == nil then start, stop = 0, start end
  if stop == nil then core.fail "arange: say where to stop" end
  if not core.is_expr(start) then check.number("arange", start, "the start") end
  if not core.is_expr(stop) then check.number("arange", stop, "the stop") end
  step = check.number("arange", step or 1, "the step")
  if step == 0 then core.fail("arange: the step is 0") end
  local n
  if type(start) == "number" and type(stop) == "number" then
    n = (stop - start) / step
    if not (n < 2^31) then
      core.fail(("arange: from %s to %s there are too many elements"):format(tostring(start),
        tostring(stop)))
    end
    n = math.max(0, math.ceil(n))
  elseif step == 1 then
    n = stop - start
  else
    core.fail("arange: a run-time size needs a step of 1")
  end
  local real = math.type(start) == "float" or math.type(stop) == "float"
    or math.type(step) == "float"
  local x = build({n}, function(i)
    return start + (real and ops.cast(i, dtype) or i) * step
  end)
  return dtype and ops.cast(x, dtype) or x
end

---linspace(first, last, n, dtype): n numbers from first to last, both included
---@example cr.linspace(0, 1, 5)
function M.linspace(first, last, n, dtype)
  first, last = check.number("linspace", first, "first"), check.number("linspace", last, "last")
  if not core.is_expr(n) then n = check.integer("linspace", n, "the count", 1) end
  if n == 1 then return core.full({1}, first, dtype or core.default_dtype()) end
  local fixed = type(n) == "number"
  return build({n}, function(i)
    local t = ops.cast(i, dtype)
    local step = fixed and (last - first) / (n - 1)
      or (last - first) / ops.cast(ops.maximum(n - 1, 1), dtype)
    return ops.where(ops.logical_and(ops.eq(i, n - 1), ops.gt(i, 0)), last, first + t * step)
  end)
end

---logspace(first, last, n, base = 10, dtype): base to the powers linspace(first, last, n)
---@example cr.logspace(0, 3, 4)
function M.logspace(first, last, n, base, dtype)
  base = check.number("logspace", base or 10, "the base")
  return ops.exp(M.linspace(first, last, n, dtype) * math.log(base))
end

---eye(n, m, dtype): ones on the diagonal, {n, m or n}
---@example cr.eye(2, 3)
function M.eye(n, m, dtype)
  if n == nil then core.fail "eye: say how many rows" end
  for _, size in ipairs{n, m} do
    if not core.is_expr(size) then check.integer("eye", size, "a size", 0) end
  end
  local x = build({n, m or n}, function(i, j) return ops.eq(i, j) end)
  return ops.cast(x, dtype)
end

---one_hot(ids, n, dtype): a new last axis with 1 at each id, of the default float unless said
---otherwise; an id outside [0, n) gives zeros
---@example cr.one_hot(cr.const{2, 0}, 3)
function M.one_hot(ids, n, dtype)
  ids = check.integers("one_hot", ids, "ids")
  if n == nil then core.fail "one_hot: say how many classes" end
  if not core.is_expr(n) then n = check.integer("one_hot", n, "the number of classes", 0) end
  local shape = ids.shape
  shape[#shape + 1] = n
  local x = build(shape, function(...)
    local index = {...}
    local k = table.remove(index)
    return ops.eq(ids(unpack(index)), k)
  end)
  return ops.cast(x, dtype)
end

---meshgrid({x, y, ..}, {indexing = "ij"}): one tensor a vector, which varies along its own axis;
---"xy" exchanges the first two axes
---@example cr.meshgrid({cr.const{1.0, 2.0}, cr.const{3.0, 4.0, 5.0}})
function M.meshgrid(list, opts)
  if type(list) ~= "table" or core.is_expr(list) or #list == 0 then
    core.fail("meshgrid: the first argument is a list of vectors")
  end
  opts = check.options("meshgrid", opts, {indexing = "ij"})
  check.choice("meshgrid", "indexing", opts.indexing, {ij = true, xy = true})
  local shape, out, at = {}, {}, {}
  for k, x in ipairs(list) do
    x = check.ranked("meshgrid", x, "element " .. k, 1)
    at[k] = opts.indexing == "xy" and #list > 1 and k <= 2 and 3 - k or k
    shape[at[k]], out[k] = x.shape[1], x
  end
  for k, x in ipairs(out) do
    out[k] = build(shape, function(...) return x((select(at[k], ...))) end)
  end
  return out
end

-- Axes

---reshape(x, shape): the same elements in row-major order; one extent may be -1
---@example cr.reshape(cr.const{{1.0, 2.0}, {3.0, 5.0}}, {4})
function M.reshape(x, shape, ...)
  x = check.tensor("reshape", x)
  if type(shape) ~= "table" then shape = {shape, ...} end
  return core.reshape(x, shape)
end

---flatten(x, first = 0, last = -1): the axes from first to last made one
---@example cr.flatten(cr.const{{1.0, 2.0}, {3.0, 5.0}})
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

---permute(x, axes): axis k of the result is axis axes[k] of x
---@example cr.permute(cr.const{{1.0, 2.0}, {3.0, 5.0}}, {1, 0})
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
---@example cr.transpose(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.transpose(x, a, b)
  x = check.tensor("transpose", x)
  a, b = check.axis("transpose", x, a or -2), check.axis("transpose", x, b or -1)
  local axes = {}
  for d = 0, x.rank - 1 do axes[d + 1] = d == a and b or d == b and a or d end
  return M.permute(x, axes)
end

---squeeze(x, axis): without an axis (or axes) of one element, or without all of them
---@example cr.squeeze(cr.const{{1.0, 2.0}}, 0)
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

---unsqueeze(x, axis = 0): with a new axis of one element
---@example cr.unsqueeze(cr.const{1.0, 2.0}, 1)
function M.unsqueeze(x, axis)
  x = check.tensor("unsqueeze", x)
  local shape = x.shape
  table.insert(shape, check.axis("unsqueeze", x, axis or 0, 1) + 1, 1)
  return core.reshape(x, shape)
end

---expand(x, shape): broadcast to a shape; -1 keeps an extent
---@example cr.expand(cr.const{{1.0}, {2.0}}, {2, 3})
function M.expand(x, shape, ...)
  x = check.tensor("expand", x)
  if type(shape) ~= "table" then shape = {shape, ...} end
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

---swapaxes(x, a, b): two axes exchanged, as transpose
---@example cr.swapaxes(cr.const{{1.0, 2.0}, {3.0, 5.0}}, 0, 1)
function M.swapaxes(x, a, b) return M.transpose(x, a, b) end

---movedim(x, from, to): axis `from` (or a list) put at place `to`, the others in their order
---@example cr.movedim(cr.const{{1.0, 2.0}, {3.0, 5.0}}, 0, 1)
function M.movedim(x, from, to)
  x = check.tensor("movedim", x)
  if type(from) ~= "table" then from, to = {from}, {to} end
  if type(to) ~= "table" or #from ~= #to then core.fail "movedim: as many places as axes" end
  local axes, taken, rest = {}, {}, {}
  for k, a in ipairs(from) do
    local d = check.axis("movedim", x, a)
    if taken[d] then core.fail(("movedim: axis %d stands twice"):format(d)) end
    taken[d], axes[check.axis("movedim", x, to[k]) + 1] = true, d
  end
  for d = 0, x.rank - 1 do
    if not taken[d] then rest[#rest + 1] = d end
  end
  for d = 1, x.rank do axes[d] = axes[d] or table.remove(rest, 1) end
  return M.permute(x, axes)
end

---unflatten(x, axis, shape): one axis split into several; one extent may be -1
---@example cr.unflatten(cr.const{1.0, 2.0, 3.0, 4.0}, 0, {2, -1})
function M.unflatten(x, axis, shape)
  x = check.tensor("unflatten", x)
  local d, out = check.axis("unflatten", x, axis) + 1, {}
  if type(shape) ~= "table" or core.is_expr(shape) then
    core.fail "unflatten: the extents are a list"
  end
  local known, open = 1, nil
  for e, size in ipairs(x.shape) do
    if e ~= d then out[#out + 1] = size end
    for k = 1, e == d and #shape or 0 do
      out[#out + 1] = shape[k]
      if shape[k] == -1 then open = #out else known = known * shape[k] end
    end
  end
  if open then out[open] = x.shape[d] // known end
  return core.reshape(x, out)
end

-- Pieces

-- Bounds of a slice along an axis of this extent, negative ones counted from the end.
local function bound(v, size, low, high)
  if v == nil then return nil end
  if not core.is_expr(v) then v = check.integer("slice", v, "a bound") end
  if type(v) == "number" and v < 0 then v = size + v end
  if type(v) == "number" and type(size) == "number" then
    v = math.max(low, math.min(v, size + high))
  end
  return v
end

---slice(x, axis = 0, start, stop, step = 1): elements start, start + step, .. before stop, counted as
---in Python: negative bounds from the end, a negative step backwards; nil is the end in question
---@example cr.slice(cr.const{1.0, 2.0, 3.0, 4.0}, 0, 3, 0, -2)
function M.slice(x, axis, start, stop, step)
  x = check.tensor("slice", x)
  local d = check.axis("slice", x, axis or 0) + 1
  local size = x.shape[d]
  step = check.integer("slice", step or 1, "the step")
  if step == 0 then core.fail("slice: the step is 0") end
  local count
  if step > 0 then
    start, stop = bound(start, size, 0, 0) or 0, bound(stop, size, 0, 0) or size
    count = (stop - start + (step - 1)) // step
  else
    start, stop = bound(start, size, -1, -1) or size - 1, bound(stop, size, -1, -1) or -1
    count = (start - stop + (-step - 1)) // -step
  end
  if type(count) == "number" and count < 0 then count = 0 end
  local index = {core.fresh(x.rank)}
  local at = with(index, d, index[d] * step + start)
  return core.tensor(index, x(unpack(at)), with(x.shape, d, count))
end

---cat({a, b, ..}, axis)
---@example cr.cat({cr.const{1.0, -1.0}, cr.const{3.0, 4.0}}, 0)
function M.cat(list, axis)
  if type(list) ~= "table" or core.is_expr(list) or #list == 0 then
    core.fail("cat: the first argument is a list of tensors")
  end
  local xs = {}
  for k = 1, #list do xs[k] = check.tensor("cat", list[k], "element " .. k) end
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
---@example cr.stack({cr.const{1.0, -1.0}, cr.const{3.0, 4.0}}, 0)
function M.stack(list, axis)
  if type(list) ~= "table" or core.is_expr(list) or #list == 0 then
    core.fail("stack: the first argument is a list of tensors")
  end
  local parts, first = {}, nil
  for k, x in ipairs(list) do
    x = check.tensor("stack", x, "element " .. k)
    first = first or x
    if not check.same_shape(first, x) then
      local name, shape = core.label(x)
      core.fail(("stack: element %d, %s, has shape %s, but the first has %s"):format(k, name, shape,
        select(2, core.label(first))), x, first)
    end
    parts[k] = M.unsqueeze(x, axis or 0)
  end
  return M.cat(parts, axis or 0)
end

return M
