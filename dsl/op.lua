-- op.lua: structured operations: kernels in C, with derivatives in the DSL
--
--   local solve = cr.op{ name = "solve", kernel = "my_solve", source = "solve.c",
--     args = { {"A", {"n", "n"}}, {"b", {"n"}} }, results = { {"y", {"n"}} }, work = "n*n",
--     status = { {"singular", "the matrix is singular"} },
--     vjp = function(args, results, bars) ... return {A_bar, b_bar} end }
--
-- The declaration says what one item is. A call binds the size variables, finds the batch among the
-- leading axes as NumPy broadcasts, and the compiler runs the kernel over it.
---@source this project
local core = require "crescent.core"
local check = require "crescent.check"
local M = {}

-- Sizes: whole numbers, names, and expressions such as "n*(n + 1)//2", "min(m, n)"

local function least(a, b)
  if type(a) == "number" and type(b) == "number" then return math.min(a, b) end
  return check.same(a, b) and a or core.ops.minimum(a, b)
end

local function most(a, b)
  if type(a) == "number" and type(b) == "number" then return math.max(a, b) end
  return check.same(a, b) and a or core.ops.maximum(a, b)
end

local binary = {["+"] = function(a, b) return a + b end, ["-"] = function(a, b) return a - b end,
  ["*"] = function(a, b) return a * b end, ["/"] = function(a, b) return a // b end}

-- The value of a size's text; sizes: name -> extent; fail(reason) where it is none.
local function evaluate(text, sizes, fail)
  local rest = text:gsub("%s", ""):gsub("//", "/")
  local sum
  local function take(pattern)
    local got = rest:match("^" .. pattern)
    if got then rest = rest:sub(#got + 1) end
    return got
  end
  local function expect(mark)
    if not take("%" .. mark) then fail(("'%s' is missing"):format(mark)) end
  end
  local function atom()
    local digits = take "%d+"
    if digits then return math.tointeger(tonumber(digits)) end
    if take "%(" then
      local v = sum()
      expect ")"
      return v
    end
    local name = take "[%a_][%w_]*"
    if not name then fail(rest == "" and "it ends too soon" or ("'%s' is unexpected"):format(rest)) end
    if take "%(" then
      local f = name == "min" and least or name == "max" and most
        or fail(("there are min and max, but no %s"):format(name))
      local a = sum()
      expect ","
      local b = sum()
      expect ")"
      return f(a, b)
    end
    if sizes[name] == nil then fail(("no argument has a size %s"):format(name)) end
    return sizes[name]
  end
  local function chain(part, marks)
    return function()
      local v = part()
      while true do
        local mark = take(marks)
        if not mark then return v end
        v = binary[mark](v, part())
      end
    end
  end
  sum = chain(chain(atom, "[*/]"), "[+-]")
  local v = sum()
  if rest ~= "" then fail(("'%s' is unexpected"):format(rest)) end
  return v
end

-- The declaration

local known = {name = true, args = true, results = true, kernel = true, source = true, vjp = true,
  jvp = true, work = true, cost = true, status = true, empty = true, doc = true}

local dtypes = {f32 = true, f64 = true, i32 = true, i64 = true, bool = true, T = true}

local function is_identifier(s) return type(s) == "string" and s:match "^[%a_][%w_]*$" ~= nil end

-- One row of args or results as {name, shape, dtype}.
local function formal(what, field, k, row, seen)
  if type(row) ~= "table" or core.is_expr(row) then
    core.fail(("%s: %s[%d] is a row such as {\"A\", {\"n\", \"n\"}}"):format(what, field, k))
  end
  local name, shape, dtype = row.name or row[1], row.shape or row[2], row.dtype or row[3] or "T"
  if not is_identifier(name) then
    core.fail(("%s: %s[%d] has no name; write {\"A\", {\"n\", \"n\"}}"):format(what, field, k))
  end
  if seen[name] then core.fail(("%s: the name %s stands twice"):format(what, name)) end
  seen[name] = true
  if type(shape) ~= "table" and not (field == "results" and type(shape) == "function") then
    core.fail(("%s: the shape of %s is a list such as {\"n\", 3}, not a %s"):format(what, name,
      type(shape)))
  end
  for d, size in ipairs(type(shape) == "table" and shape or {}) do
    if type(size) ~= "string" and math.type(size) ~= "integer" then
      core.fail(("%s: axis %d of %s: a size is a whole number or a text, not a %s"):format(what,
        d - 1, name, type(size)))
    end
  end
  if not dtypes[dtype] then
    core.fail(("%s: %s: '%s' is no dtype: there are T (f32 or f64), f32 f64 i32 i64 bool"):format(
      what, name, tostring(dtype)))
  end
  return {name = name, shape = shape, dtype = dtype}
end

local function formals(what, field, list, seen)
  if type(list) ~= "table" or #list == 0 then
    core.fail(("%s: %s is a list of rows such as {\"A\", {\"n\", \"n\"}}"):format(what, field))
  end
  local out = {}
  for k, row in ipairs(list) do out[k] = formal(what, field, k, row, seen) end
  return out
end

local function statuses(what, list)
  if list == false then return false end
  local out = {}
  for k, row in ipairs(list or {}) do
    local name, words = row, row
    if type(row) == "table" then name, words = row[1], row[2] or row[1] end
    if type(name) ~= "string" or type(words) ~= "string" then
      core.fail(("%s: status %d is a pair such as {\"singular\", \"the matrix is singular\"}"):format(
        what, k))
    end
    out[k] = {name, words}
  end
  return out
end

-- The user's files, as paths; whether they hold a kernel of each type.
local function sources(what, list, kernel)
  local paths, names, generic = {}, {}, false
  if type(list) == "string" then list = {list} end
  if type(list) ~= "table" or #list == 0 then
    core.fail(what .. ": source is the C file of the kernel, or a list of files")
  end
  local compiled, found = false, false
  for k, name in ipairs(list) do
    if type(name) ~= "string" then core.fail(what .. ": source is the name of a C file") end
    local path, text = core.op_source(name)
    if not path then
      core.fail(("%s: source: there is no file %s beside the model"):format(what, name))
    end
    local base = name:match "[^/]*$"
    if not base:match "^[%w_.-]+%.[ch]$" then
      core.fail(("%s: source: %s is no C file (.c) or header (.h)"):format(what, name))
    end
    if base:match "^rt[_.]" or base == "main.c" then
      core.fail(("%s: source: a file called %s is emitted already; rename yours"):format(what, base))
    end
    if names[base] then core.fail(("%s: source: two files are called %s"):format(what, base)) end
    names[base], paths[k] = true, path
    compiled = compiled or base:match "%.c$" ~= nil
    found = found or text:find(kernel, 1, true) ~= nil
    generic = generic or text:find("%f[%w_]" .. kernel .. "_f[36][24]%f[^%w_]") ~= nil
  end
  if not compiled then core.fail(what .. ": source has headers only; it needs the kernel's .c file") end
  if not found then
    core.fail(("%s: source: %s has no function %s"):format(what, table.concat(list, ", "), kernel))
  end
  return paths, generic
end

local function declaration(what, d, builtin)
  for key in pairs(d) do
    if not known[key] and not (builtin and (key == "many" or key == "within")) then
      core.fail(("%s: there is no field '%s'%s"):format(what, tostring(key),
        check.hint(tostring(key), known)))
    end
  end
  local seen = {}
  local op = {name = d.name, kernel = d.kernel, vjp = d.vjp, jvp = d.jvp, work = d.work,
    cost = d.cost, many = builtin and d.many, within = builtin and d.within, empty = d.empty, args = formals(what, "args", d.args, seen),
    results = formals(what, "results", d.results, seen), status = statuses(what, d.status)}
  if not is_identifier(d.kernel) then
    core.fail(what .. ": kernel is the name of a C function")
  end
  if d.vjp ~= nil then check.func(what, d.vjp, "vjp") end
  if d.jvp ~= nil then check.func(what, d.jvp, "jvp") end
  if d.empty ~= nil and type(d.empty) ~= "boolean" then
    core.fail(what .. ": empty is true where the kernel takes sizes of 0, else false")
  end
  for _, field in ipairs{"work", "cost"} do
    local v = d[field]
    if v ~= nil and type(v) ~= "string" and math.type(v) ~= "integer" then
      core.fail(("%s: %s is a size such as \"n*n\""):format(what, field))
    end
  end
  if builtin then
    op.header, op.generic = d.source, d.kernel
  else
    local generic
    op.sources, generic = sources(what, d.source, d.kernel)
    op.generic = generic and d.kernel or nil
  end
  op.file, op.line = core.place()
  return op
end

-- A call

local function shape_of(x) return select(2, core.label(x)) end

local function shape_text(shape)
  local out = {}
  for d, size in ipairs(shape) do out[d] = tostring(size) end
  return "{" .. table.concat(out, ", ") .. "}"
end

-- The arguments as tensors of their declared types; the type that T stands for.
local function typed(op, given)
  local args, T, any = {}, nil, false
  if #given > #op.args then
    core.fail(("%s: %d arguments, but it takes %d"):format(op.name, #given, #op.args))
  end
  for k, f in ipairs(op.args) do
    local x = given[k]
    if type(x) ~= "number" then
      args[k] = check.tensor(op.name, x, "argument " .. f.name)
      if f.dtype == "T" then
        local t = args[k].dtype
        if t ~= "f32" and t ~= "f64" then
          core.fail(("%s: %s is %s; it must be f32 or f64 (cr.cast)"):format(op.name, f.name, t),
            args[k])
        end
        T = (T == "f64" or t == "f64") and "f64" or "f32"
      end
    end
    any = any or f.dtype == "T" or f.dtype == "f32" or f.dtype == "f64"
  end
  T = T or core.default_dtype()
  for k, f in ipairs(op.args) do
    local want = f.dtype == "T" and T or f.dtype
    if not args[k] then
      args[k] = core.full({}, given[k], want)
    elseif f.dtype == "T" then
      args[k] = core.ops.cast and args[k].dtype ~= want and core.ops.cast(args[k], want) or args[k]
    elseif args[k].dtype ~= want then
      core.fail(("%s: %s is %s; it must be %s (cr.cast)"):format(op.name, f.name, args[k].dtype,
        want), args[k])
    end
  end
  return args, T
end

-- Binds the size variables of the arguments' last axes.
local function bind(op, args)
  local sizes, order, from, later = {}, {}, {}, {}
  for k, f in ipairs(op.args) do
    local x, r = args[k], #f.shape
    local shape = x.shape
    if x.rank < r then
      core.fail(("%s: %s must be {.., %s, but its shape is %s"):format(op.name, f.name,
        shape_text(f.shape):sub(2), shape_of(x)), x)
    end
    for d, size in ipairs(f.shape) do
      local have = shape[x.rank - r + d]
      if is_identifier(size) then
        if sizes[size] == nil then
          sizes[size], from[size] = have, f.name
          order[#order + 1] = size
        elseif not check.same(sizes[size], have) then
          local where = from[size] == f.name and "" or (" in %s"):format(from[size])
          core.fail(("%s: %s is %s, and has shape %s: %s is %s%s and %s here"):format(op.name,
            f.name, shape_text(f.shape), shape_of(x), size, tostring(sizes[size]), where,
            tostring(have)), x)
        end
      else
        later[#later + 1] = {f = f, x = x, size = size, have = have}
      end
    end
  end
  for _, l in ipairs(later) do
    local want = type(l.size) == "string" and evaluate(l.size, sizes, function(why)
      core.fail(("%s: the size %s of %s: %s"):format(op.name, l.size, l.f.name, why))
    end) or l.size
    if not check.same(want, l.have) then
      core.fail(("%s: %s is %s, and has shape %s: %s is %s, not %s"):format(op.name, l.f.name,
        shape_text(l.f.shape), shape_of(l.x), tostring(l.size), tostring(want), tostring(l.have)),
        l.x)
    end
  end
  return sizes, order
end

-- The batch: the leading axes, broadcast; which of them each argument has, as bits; the arguments
-- without the axes of extent 1 that they repeat along.
local function batch_of(op, args)
  local n, batch, share, out = 0, {}, {}, {}
  for k, f in ipairs(op.args) do n = math.max(n, args[k].rank - #f.shape) end
  for b = 1, n do
    batch[b] = 1
    for k, f in ipairs(op.args) do
      local d = b - n + args[k].rank - #f.shape
      local size = d >= 1 and args[k].shape[d] or 1
      if batch[b] == 1 then batch[b] = size end
      if size ~= 1 and not check.same(size, batch[b]) then
        core.fail(("%s: the leading axes do not broadcast: %s of shape %s has %s where another has %s"
          ):format(op.name, f.name, shape_of(args[k]), tostring(size), tostring(batch[b])), args[k])
      end
    end
  end
  for k, f in ipairs(op.args) do
    local x, shape, bits = args[k], {}, 0
    for d, size in ipairs(x.shape) do
      local b = d + n - (x.rank - #f.shape)
      local repeated = d <= x.rank - #f.shape and size == 1 and batch[b] ~= 1
      if not repeated then shape[#shape + 1] = size end
      if d <= x.rank - #f.shape and not repeated then bits = bits | 1 << (b - 1) end
    end
    share[k] = bits
    out[k] = #shape < x.rank and core.reshape(x, shape) or x
  end
  return batch, share, out
end

local function size_value(op, what, text, sizes)
  if type(text) ~= "string" then return text end
  return evaluate(text, sizes, function(why)
    core.fail(("%s: %s = \"%s\": %s"):format(op.name, what, text, why))
  end)
end

-- The list of tensors, with names beside the numbers.
local function named(list, rows)
  for k, row in ipairs(rows) do list[row.name] = list[k] end
  return list
end

-- What a declared derivative returns, checked against what it must look like.
local function checked(op, what, got, rows, like)
  local where = ("%s of %s%s"):format(what, op.name, op.line and op.line > 0
    and not op.header and (" (%s:%d)"):format(op.file, op.line) or "")
  if type(got) ~= "table" or core.is_expr(got) then
    local names = {}
    for k, row in ipairs(rows) do names[k] = row.name end
    core.fail(("%s must return a list, {%s}, with nil for zero; it returns a %s"):format(where,
      table.concat(names, ", "), core.is_expr(got) and "tensor" or type(got)))
  end
  local out = {}
  for k, row in ipairs(rows) do
    local x = got[k]
    if x == nil then x = got[row.name] end
    if x then
      x = check.tensor(where, x, row.name)
      if shape_of(x) ~= shape_of(like[k]) or x.dtype ~= like[k].dtype then
        core.fail(("%s gives %s%s for %s, which is %s%s"):format(where, x.dtype, shape_of(x),
          row.name, like[k].dtype, shape_of(like[k])))
      end
      out[k] = x
    end
  end
  return out
end

local deriving -- what the script called whose derivative is being made

-- f(..), for the derivative of an operation.
local function derived(op, f, ...)
  local before = deriving
  deriving = op.header and op.caller or before
  local got = f(...)
  deriving = before
  return got
end

local function derivatives(op)
  local vjp = op.vjp and function(args, results, bars, given)
    named(given, op.results)
    return checked(op, "vjp", derived(op, op.vjp, named(args, op.args), named(results, op.results),
      named(bars, op.results), given), op.args, args)
  end
  local jvp = op.jvp and function(args, results, dots, given)
    named(given, op.args)
    return checked(op, "jvp", derived(op, op.jvp, named(args, op.args), named(results, op.results),
      named(dots, op.args), given), op.results, results)
  end
  return vjp or nil, jvp or nil
end

-- The Func of one item for these sizes and type, made once.
local function item_of(op, T, sizes, order)
  local key = {T}
  for _, name in ipairs(order) do key[#key + 1] = tostring(sizes[name]) end
  key = table.concat(key, " ")
  if op.items[key] then return op.items[key] end
  local args, results, list, total = {}, {}, {}, 0
  local function row(f, shape)
    local dims = {}
    for d, size in ipairs(shape) do dims[d] = size_value(op, "the shape of " .. f.name, size, sizes) end
    local count = 1
    for _, size in ipairs(dims) do count = count * size end
    total = total + count
    return {f.name, f.dtype == "T" and T or f.dtype, dims}
  end
  for k, f in ipairs(op.args) do args[k] = row(f, f.shape) end
  for k, f in ipairs(op.results) do
    local shape = f.shape
    if type(shape) == "function" then shape = shape(sizes) end
    results[k] = row(f, shape)
  end
  for k, name in ipairs(order) do list[k] = sizes[name] end
  local vjp, jvp = derivatives(op)
  op.items[key] = core.op_item{name = op.name, args = args, results = results, sizes = list,
    kernel = op.generic and op.generic .. "_" .. T or op.kernel, generic = op.generic,
    within = op.within and op.within .. "_" .. T, header = op.header, sources = op.sources, dtype = T, status = op.status, vjp = vjp, jvp = jvp,
    empty = op.empty,
    work = size_value(op, "work", op.work, sizes), file = op.file, line = op.line,
    many = op.many and size_value(op, "many", op.many, sizes) or nil,
    cost = op.cost and size_value(op, "cost", op.cost, sizes) or total}
  return op.items[key]
end

local function declare(what, d, builtin)
  if type(d) ~= "table" or core.is_expr(d) then
    core.fail(what .. ": write cr.op{ name = .., args = .., results = .., kernel = .., source = .. }")
  end
  if not is_identifier(d.name) then core.fail(what .. ": name is the operation's name") end
  local op = declaration(what .. " " .. d.name, d, builtin)
  op.items = {}
  return function(...)
    local args, T = typed(op, table.pack(...))
    local sizes, order = bind(op, args)
    local batch, share, list = batch_of(op, args)
    local caller = deriving or core.called()
    op.caller = op.caller or caller
    return table.unpack(core.op_call(item_of(op, T, sizes, order), batch, share, list, caller,
      deriving ~= nil))
  end
end

---op{ name, args, results, kernel, source, vjp, jvp, work, cost, status, empty } -> a function of tensors.
---args, results: rows {name, shape, dtype}; a shape has whole numbers, size variables such as "n",
---and expressions over them; dtype "T" (the default) is f32 or f64. The C function is
---int kernel(int64_t size.., const T *arg.., T *result.., T *work) for one item, row-major; sizes in
---order of first appearance; it returns 0 or the number of a status. vjp(args, results, bars) gives
---the cotangents of the args of one item, nil for zero. empty = true: run-time sizes of an item may be 0.
---@example local cube = cr.op{
---@example   name = "cube", args = {{"x", {"n"}}}, results = {{"y", {"n"}}}, kernel = "cube", source = "cube.c",
---@example   vjp = function(args, results, bars) return {3 * args[1] ^ 2 * bars[1]} end,
---@example }
---@norun needs a file
function M.op(d) return declare("op", d, false) end

-- The same for a kernel of the runtime: source is its header, the kernel exists as _f32 and _f64.
-- many: a size; where it is 32 at most, items go side by side through KERNEL_many_f32
-- (runtime/rt_many.h). within: the kernel of one that gives the same results, by name, and more.
function M.define(d) return declare("op", d, true) end

return M
