-- control.lua: functions, loops and maps; a function of the script runs once, on formals
---@source JAX's jax.lax.scan, jax.vmap
local core = require "crescent.core"
local check = require "crescent.check"
local M = {}

-- The step counters of the loops being traced; random draws fold them in (random.lua).
M.steps = {}

local function is_list(x) return type(x) == "table" and not core.is_expr(x) end

-- Several values as a list, whether one or a list was given.
local function listed(what, x, name)
  local out = {}
  if x == nil then return out, false end
  for k, v in ipairs(is_list(x) and x or {x}) do
    if type(v) == "number" then v = core.constant(v + 0.0) end
    out[k] = check.tensor(what, v, name)
  end
  return out, is_list(x)
end

local function extend(to, from)
  for _, v in ipairs(from) do to[#to + 1] = v end
  return to
end

local function depends(results, x)
  for _, r in ipairs(results) do
    if core.depends(r, x) then return true end
  end
  return false
end

-- Runs f with a step counter in force, which random draws may use.
local function traced(step, f, ...)
  M.steps[#M.steps + 1] = step
  local results = table.pack(f(...))
  M.steps[#M.steps] = nil
  return table.unpack(results, 1, results.n)
end

local function count_up(n)
  local i = core.fresh(1)
  return core.tensor({i}, i, {n})
end

local function same_shape(a, b)
  if a.rank ~= b.rank then return false end
  for d, size in ipairs(a.shape) do
    if not check.same(size, b.shape[d]) then return false end
  end
  return true
end

local function describe(x) return x.dtype .. select(2, core.label(x)) end

-- What a loop's function returns for its carry must be what it was given.
local function check_carry(what, before, after)
  if #before ~= #after then
    core.fail(("%s: the carry has %d tensors, but the function returns %d"):format(what, #before,
      #after))
  end
  for k, c in ipairs(after) do
    if not same_shape(before[k], c) or before[k].dtype ~= c.dtype then
      if same_shape(before[k], c) and type(c) ~= "number" then
        core.fail(
          ("%s: the carry starts as %s, but the function returns %s; cast one of them"):format(what,
          describe(before[k]), describe(c)), before[k])
      end
      core.fail(("%s: the carry starts as %s, but the function returns %s"):format(what,
        describe(before[k]), describe(c)), before[k])
    end
  end
end

local loop_options = {reverse = false, checkpoint = 0, unroll = 0, length = check.NONE,
  name = check.NONE}

-- The whole number nearest the root of n, by ratio, that divides n: segments of one length need no
-- copy of what is sliced. The root itself where none is within a factor of two.
local function root_divisor(n)
  local root = math.sqrt(n)
  for c = math.floor(root), math.max(2, math.ceil(root / 2)), -1 do
    if n % c == 0 then return c end
  end
  return math.max(2, math.floor(root))
end

local MOST_UNROLLED = 1000 -- the C grows with them

-- unroll and checkpoint: a number of steps; true unrolls all, and keeps every root-of-the-length-th
-- carry.
local function attribute(what, name, value, trip)
  if value == true then
    local fixed = type(trip) == "number"
    if name == "checkpoint" then return fixed and root_divisor(trip) or 16 end
    if not fixed then core.fail(what .. ": unroll = true needs a fixed number of steps") end
    value = trip
  end
  local steps = check.integer(what, value or 0, name, 0)
  if name == "unroll" and steps > MOST_UNROLLED then
    core.fail(("%s: unroll: at most %d steps at a time, not %d"):format(what, MOST_UNROLLED, steps))
  end
  return steps
end

-- The common loop of scan and iterate. Returns lists: last carries, stacks.
local function loop(what, f, carry, xs, trip, opts, call)
  local formals, cs, slices = {}, {}, {}
  for k, c in ipairs(carry) do
    cs[k] = core.formal(core.parameter_name(f, 1) or "carry", c)
  end
  for k, x in ipairs(xs) do
    slices[k] = core.formal(core.parameter_name(f, 2) or "x", x, 1)
  end
  extend(extend(formals, cs), slices)
  local step = core.formal("step", core.constant(0))
  local next_carry, ys = traced(step, call, cs, slices, step)
  check_carry(what, carry, next_carry)
  local results = extend(extend({}, next_carry), ys)
  local args = extend(extend({}, carry), xs)
  if depends(results, step) then
    formals[#formals + 1], args[#args + 1] = step, count_up(trip)
  end
  local nslice = #formals - #cs
  local func, outer = core.close(opts.name or what, formals, results)
  local all = core.loop(what, func, trip, extend(args, outer), {carry = #cs, slice = nslice,
    stack = #ys, reverse = opts.reverse, unroll = attribute(what, "unroll", opts.unroll, trip),
    checkpoint = attribute(what, "checkpoint", opts.checkpoint, trip)})
  return {table.unpack(all, 1, #cs)}, {table.unpack(all, #cs + 1)}
end

---scan(f, carry, xs, opts) -> last carry, stacked ys; f(carry, x) -> carry, y. Lists where there
---are several; xs nil with {length = n}. Options: reverse, checkpoint, unroll, length, name.
---@example cr.scan(function(c, x)
---@example   return c * 0.5 + x, cr.sin(c)
---@example end, cr.const(1.0), cr.const{-1.5, 0.25, 2.0})
function M.scan(f, carry, xs, opts)
  check.func("scan", f, "the first argument")
  opts = check.options("scan", opts, loop_options)
  if carry == nil then core.fail("scan: the carry is missing; use cr.map where there is none") end
  local carries, many_c = listed("scan", carry, "the carry")
  local slices, many_x = listed("scan", xs, "xs")
  local trip = opts.length
  for k, x in ipairs(slices) do
    if x.rank == 0 then core.fail("scan: xs must have an axis to go along", x) end
    if trip and not check.same(x.shape[1], trip) then
      core.fail(("scan: %s steps, but xs has %s"):format(tostring(trip), tostring(x.shape[1])), x)
    end
    trip = trip or x.shape[1]
    if k == 1 then trip = x.shape[1] end
  end
  if not trip then core.fail("scan: say how many steps: {length = n}") end
  local single_y = true
  local last, stacks = loop("scan", f, carries, slices, trip, opts, function(cs, ss, step)
    local x = step
    if #ss > 0 then
      if many_x then x = ss else x = ss[1] end
    end
    local c, y = f(many_c and cs or cs[1], x)
    if c == nil then
      core.fail("scan: the function returns nothing; it must return the next carry")
    end
    single_y = not is_list(y)
    local next_c, ys = listed("scan", c, "the carry returned"), listed("scan", y, "what is stacked")
    if #next_c == 0 and #ys == 0 then
      core.fail("scan: nothing comes out: no carry, nothing stacked; return the next carry, " ..
        "and after it what to stack: f(carry, x) -> carry, y")
    end
    return next_c, ys
  end)
  if single_y then stacks = stacks[1] end
  return many_c and last or last[1], stacks
end

---iterate(k, f, x): f applied k times; f may take the step as its second argument
---@example local a = cr.const(2.0)
---@example return cr.iterate(4, function(x) return (x + a / x) / 2 end, cr.const(1.0))
function M.iterate(k, f, x, opts)
  check.func("iterate", f, "the second argument")
  opts = check.options("iterate", opts, loop_options)
  local carry, many = listed("iterate", x, "the start")
  if #carry == 0 then core.fail("iterate: the start is missing") end
  if not core.is_expr(k) then check.integer("iterate", k, "the number of times", 0) end
  local takes_step = core.parameter_name(f, 2) ~= nil -- cr.sin takes none
  local last = loop("iterate", f, carry, {}, k, opts, function(cs, _, step)
    local start = many and cs or cs[1]
    local c
    if takes_step then c = f(start, step) else c = f(start) end
    if c == nil then core.fail("iterate: the function returns nothing") end
    return (listed("iterate", c, "what the function returns")), {}
  end)
  return many and last or last[1]
end

---map(f, xs): f on every element along the first axis of xs, a tensor or a list for f(x1, x2, ..)
---@example cr.map(function(row) return cr.sum(row * row) end, cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.map(f, xs)
  check.func("map", f, "the first argument")
  local args = listed("map", xs, "xs")
  if #args == 0 then core.fail("map: there is nothing to map over") end
  local formals = {}
  for k, x in ipairs(args) do
    if x.rank == 0 then core.fail("map: xs must have an axis to go along", x) end
    if not check.same(x.shape[1], args[1].shape[1]) then
      core.fail(("map: %s and %s elements along axis 0"):format(tostring(args[1].shape[1]),
        tostring(x.shape[1])), args[1], x)
    end
    formals[k] = core.formal(core.parameter_name(f, k) or "x" .. k, x, 1)
  end
  local step, n = core.formal("step", core.constant(0)), args[1].shape[1]
  local results = table.pack(traced(step, f, table.unpack(formals)))
  if results.n == 0 then core.fail("map: the function returns nothing") end
  for k = 1, results.n do
    results[k] = check.tensor("map", results[k], "what the function returns")
  end
  if depends(results, step) then
    formals[#formals + 1], args[#args + 1] = step, count_up(n)
  end
  local func, outer = core.close("map", formals, results)
  local mapped = core.vmap(func, n, extend({table.unpack(args)}, outer), #args)
  return table.unpack(mapped)
end

---func(name, f): f traced once for each combination of shapes and dtypes, emitted once and called
---@example local f = cr.func("f", function(x) return cr.tanh(x) + 1 end)
---@example return f(cr.const{-1.5, 0.25, 2.0}), f(cr.const{{1.0, 2.0}, {3.0, 5.0}})
function M.func(name, f)
  if type(name) ~= "string" then core.fail("func: the first argument is its name") end
  check.func("func", f, "the second argument")
  local known, calls = {}, 0
  return function(...)
    local args, key = {...}, {}
    for k = 1, select("#", ...) do
      args[k] = check.tensor(name, args[k], "argument " .. k)
      key[k] = describe(args[k])
    end
    key = table.concat(key, " ")
    if not known[key] then
      local formals = {}
      for k, x in ipairs(args) do
        formals[k] = core.formal(core.parameter_name(f, k) or "x" .. k, x)
      end
      local site = core.formal("call", core.constant(0))
      local results = table.pack(traced(site, f, table.unpack(formals)))
      if results.n == 0 then core.fail(name .. ": the function returns nothing") end
      for k = 1, results.n do
        results[k] = check.tensor(name, results[k], "what the function returns")
      end
      local numbered = depends(results, site)
      if numbered then formals[#formals + 1] = site end
      local func, outer = core.close(name, formals, results)
      known[key] = {func = func, outer = outer, numbered = numbered}
    end
    local k = known[key]
    if k.numbered then
      args[#args + 1], calls = core.constant(calls), calls + 1
    end
    return table.unpack(core.call(k.func, extend(args, k.outer)))
  end
end

-- For branch.lua.
M.parts = {listed = listed, traced = traced, depends = depends, check_carry = check_carry,
  describe = describe, same_shape = same_shape}

return M
