-- check.lua: what every library function asks of its arguments
--
--   local opts = check.options("conv2d", opts, {stride = 1, padding = 0})
--   local d = check.axis("softmax", x, -1)          -- counted from 0
local core = require "crescent.core"
---@class private
local M = {}

-- The number of single-letter changes between two words.
local function distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      local best = math.min(row[j] + 1, row[j - 1] + 1, diagonal + cost)
      diagonal, row[j] = row[j], best
    end
  end
  return row[#b]
end

---The known word most like `word`, or nil.
---@param word string
---@param known table<string, any>
---@return string?
function M.nearest(word, known)
  local best, least = nil, math.max(1, #word // 3) + 1
  for name in pairs(known) do
    if type(name) == "string" then
      local d = distance(word:lower(), name:lower())
      if d < least or (d == least and best and name < best) then best, least = name, d end
    end
  end
  return best
end

---" (did you mean 'x'?)" or nothing.
function M.hint(word, known)
  local near = type(word) == "string" and M.nearest(word, known)
  return near and (": did you mean '%s'?"):format(near) or ""
end

-- What an option must be: a default that is a boolean or made by M.a says so.
local function fits(want, value)
  if want == "number" then return type(value) == "number" or core.is_expr(value) end
  if want == "text" then return type(value) == "string" end
  return type(value) == want
end

---A default with a kind: number (or a tensor), text, boolean. check.a("number", 1e-5)
function M.a(kind, default) return {kind = kind, default = default} end

local others = {dim = "axis", dims = "axis", keepdims = "keepdim"} -- other names of an option

---Options with defaults filled in; a key that is not among them is an error, and so is a value of
---another kind than M.a says. A default of M.NONE stands for nil.
---@param what string
---@param given table?
---@param known table
function M.options(what, given, known)
  if given ~= nil and (type(given) ~= "table" or core.is_expr(given)) then
    core.fail(("%s: options are a table such as {%s = ...}, not a %s"):format(what,
      next(known) or "", core.is_expr(given) and "tensor" or type(given)))
  end
  local out = {}
  for key, value in pairs(known) do
    if type(value) == "table" and value.kind then value = value.default end
    if value ~= M.NONE then out[key] = value end
  end
  for key, value in pairs(given or {}) do
    if known[key] == nil and known[others[key]] ~= nil then key = others[key] end
    local default = known[key]
    if default == nil then
      local names = {}
      for name in pairs(known) do names[#names + 1] = name end
      core.fail(("%s has no option '%s'%s"):format(what, tostring(key), #names == 0 and ""
        or M.nearest(tostring(key), known) and M.hint(tostring(key), known)
        or "; there are " .. table.concat(names, ", ")))
    end
    local want = type(default) == "boolean" and "boolean"
      or type(default) == "table" and default.kind
    if want and not fits(want, value) then
      core.fail(("%s: %s must be a %s, not %s"):format(what, key, want, core.is_expr(value)
        and "a tensor" or type(value) == "string" and "'" .. value .. "'"
        or "a " .. type(value)))
    end
    out[key] = value
  end
  return out
end

-- Whether a value is a table of options: it has names, or is empty and stands last.
local function is_options(v, last)
  if type(v) ~= "table" or core.is_expr(v) or getmetatable(v) then return false end
  for key in pairs(v) do
    if type(key) == "string" then return true end
  end
  return last and next(v) == nil
end

---The optional arguments of a function: in the order of `order`, as PyTorch has them, by name in a
---table that stands last, or some of either.
---@param what string
---@param order string[]
---@param known table
function M.optional(what, order, known, ...)
  local given, n = {}, select("#", ...)
  while n > 0 and select(n, ...) == nil do n = n - 1 end
  for k = 1, n do
    local v = select(k, ...)
    if is_options(v, k == n) then
      if k < n then core.fail(what .. ": the table of options stands last") end
      for key, value in pairs(v) do
        if given[key] ~= nil then core.fail(("%s: %s is given twice"):format(what, key)) end
        given[key] = value
      end
    elseif v ~= nil then
      if not order[k] then
        core.fail(("%s: an argument too many; options go into a table at the end"):format(what))
      end
      given[order[k]] = v
    end
  end
  return M.options(what, given, known)
end
M.NONE = setmetatable({}, {__tostring = function() return "none" end})

---x as a tensor; anything else is an error that names the function and the argument.
---@example local i, j, k = cr.index "i j k"
---@example local A, B = cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}}
---@example return cr.tensor({i, j}, cr.sum(k, A(i, k) * B(k, j)))
function M.tensor(what, x, name)
  if x == nil then
    local several = (name or ""):match("^the .*[^s]s$") -- "the labels"
    core.fail(("%s: %s %s missing"):format(what, name or "a tensor", several and "are" or "is"))
  end
  return core.tensor_of(x, name and what .. ": " .. name or what)
end

---x as a tensor of a given rank.
function M.ranked(what, x, name, rank, meaning)
  x = M.tensor(what, x, name)
  if x.rank ~= rank then
    local label, shape = core.label(x)
    core.fail(("%s: %s must have %d axes%s, but %s has shape %s"):format(what, name, rank,
      meaning and " " .. meaning or "", label, shape), x)
  end
  return x
end

local floats = {f32 = true, f64 = true}

---x as a tensor of floats.
function M.floats(what, x, name)
  x = M.tensor(what, x, name)
  if not floats[x.dtype] then
    core.fail(("%s: %s must be of floats, not %s; cast it: cr.cast(x, \"%s\")"):format(what,
      name or core.label(x), x.dtype, core.default_dtype()), x)
  end
  return x
end

---x as a tensor of integers.
function M.integers(what, x, name)
  x = M.tensor(what, x, name)
  if x.dtype ~= "i32" and x.dtype ~= "i64" then
    core.fail(("%s: %s must be of integers, not %s"):format(what, name or core.label(x), x.dtype),
      x)
  end
  return x
end

---The labels of a structured model, integers below the last extent of its unary scores, which is
---checked when the entry is called.
function M.labels(what, labels, unary)
  labels = M.tensor(what, labels, "the labels")
  if floats[labels.dtype] then
    core.fail(("%s: the labels must be integers, but %s is of %s"):format(what, core.label(labels),
      labels.dtype), labels)
  end
  local u = M.tensor(what, unary, "the unary scores")
  if u.rank > 0 then core.expect(labels, u.shape[u.rank], "label in " .. what) end
  return labels
end

---Weights: a number that is not negative, or a tensor of rank 0, or one whose last axes have the extents,
---as those of x, which messages call `of`, ask for.
function M.weights(what, w, name, x, of, extents)
  if type(w) == "number" then
    if not (w >= 0) then
      core.fail(("%s: %s must not be negative, but is %s"):format(what, name, tostring(w)))
    end
    return w
  end
  w = M.floats(what, w, name)
  local want, fits, k = {}, w.rank >= #extents, w.rank - #extents
  for d, size in ipairs(extents) do
    want[d] = tostring(size)
    fits = fits and M.same(w.shape[k + d], size)
  end
  if w.rank > 0 and not fits then
    local label, shape = core.label(w)
    core.fail(("%s: for %s of shape %s, %s must be a number or {.., %s}, but %s has shape %s"):format(
      what, of, select(2, core.label(x)), name, table.concat(want, ", "), label, shape), w)
  end
  return w
end

---One of several words; `known` has them as keys.
function M.choice(what, name, value, known)
  if type(value) ~= "string" or known[value] == nil then
    local names = {}
    for word in pairs(known) do names[#names + 1] = word end
    table.sort(names)
    core.fail(("%s: there is no %s '%s'%s"):format(what, name, tostring(value),
      M.nearest(tostring(value), known) and M.hint(tostring(value), known)
      or "; there are " .. table.concat(names, ", ")))
  end
  return known[value]
end

---A whole number.
function M.integer(what, v, name, least)
  local i = math.type(v) == "integer" and v or (type(v) == "number" and math.tointeger(v))
  if not i or (least and i < least) then
    core.fail(("%s: %s must be a whole number%s, not %s"):format(what, name,
      least and (" of at least %d"):format(least) or "", tostring(v)))
  end
  return i
end

---A number.
function M.number(what, v, name)
  if type(v) ~= "number" then
    core.fail(("%s: %s must be a number, not a %s"):format(what, name, type(v)))
  end
  return v
end

---A number from low to high, either of which may be nil; a tensor is as it is.
function M.between(what, v, name, low, high)
  if core.is_expr(v) then return v end
  v = M.number(what, v, name)
  if (low == nil or v >= low) and (high == nil or v <= high) and v == v then return v end
  local range = not high and ("at least %g"):format(low) or ("between %g and %g"):format(low, high)
  core.fail(("%s: %s must be %s, not %s"):format(what, name, range, tostring(v)))
end

---An axis of x, counted from 0; negative ones count from the end.
function M.axis(what, x, axis, extra)
  local rank = x.rank + (extra or 0)
  local d = math.type(axis) == "integer"
    and axis or (type(axis) == "number" and math.tointeger(axis))
  if d and d < 0 then d = d + rank end
  if not d or d < 0 or d >= rank then
    local label, shape = core.label(x)
    core.fail(("%s: %s of shape %s has no axis %s"):format(what, label, shape, tostring(axis)), x)
  end
  return d
end

---A sorted list of axes: one, several or (nil) all.
function M.axes(what, x, axis)
  local out, seen = {}, {}
  if axis == nil then
    for d = 0, x.rank - 1 do out[#out + 1] = d end
    return out
  end
  for _, a in ipairs(type(axis) == "table" and axis or {axis}) do
    local d = M.axis(what, x, a)
    if seen[d] then core.fail(("%s: axis %d stands twice"):format(what, d)) end
    seen[d] = true
  end
  for d = 0, x.rank - 1 do
    if seen[d] then out[#out + 1] = d end
  end
  return out
end

---A number, or a list of n, as a list of n whole numbers.
function M.tuple(what, v, name, n, least)
  local out = {}
  if type(v) == "table" and not core.is_expr(v) and #v ~= n then
    core.fail(("%s: %s is a number or a list of %d, not of %d"):format(what, name, n, #v))
  end
  local list = type(v) == "table" and not core.is_expr(v)
  for d = 1, n do out[d] = M.integer(what, list and v[d] or not list and v, name, least) end
  return out
end

---A pair from a number or a list of two.
function M.pair(what, v, name, least)
  if type(v) == "table" and #v == 2 then
    return M.integer(what, v[1], name, least), M.integer(what, v[2], name, least)
  elseif type(v) == "table" then
    core.fail(("%s: %s is a number or a pair, not a list of %d"):format(what, name, #v))
  end
  v = M.integer(what, v, name, least)
  return v, v
end

function M.same(a, b) return core.same_size(a, b) end

---Whether two tensors have one shape.
function M.same_shape(a, b)
  if a.rank ~= b.rank then return false end
  for d, size in ipairs(a.shape) do
    if not M.same(size, b.shape[d]) then return false end
  end
  return true
end

---A function from the arguments it is given, with a clear message for anything else.
---@example local f = cr.func("f", function(x) return cr.tanh(x) + 1 end)
---@example return f(cr.const{-1.5, 0.25, 2.0}), f(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.func(what, f, name)
  local meta = getmetatable(f)
  if type(f) ~= "function" and not (type(meta) == "table" and meta.__call) then
    core.fail(("%s: %s must be a function, not a %s"):format(what, name, type(f)))
  end
  return f
end

return M
