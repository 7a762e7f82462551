-- program.lua: inputs, parameters, entries, programs
---@source this project
local core = require "crescent.core"
local check = require "crescent.check"
local first = require "crescent.first"
local key_updates = require "crescent.random".updates
local derive = require "crescent.derive"
local optim = require "crescent.optim"
local shards = require "crescent.shards"
local M = {}

-- Declarations

---dim(name, default): a size known only at run time; `--dim name=` gives it, or the inputs do
---@example local N = cr.dim "N"
---@example local X = cr.input("X", {N, 64})
---@norun needs a program around it
function M.dim(name, default) return core.dim(name, default) end
---option(name, default): what -D name=value says, of the default's type
---@example cr.option("width", 64)
function M.option(name, default) return core.option(name, default) end
---default_dtype(name): the type of what is not given one, "f32" or "f64", set if a name is given
---@example cr.default_dtype()
function M.default_dtype(name) return core.default_dtype(name) end

---input(name, shape, {dtype})
---@example cr.input("image", {28, 28}, {dtype = "f32"})
---@norun needs a program around it
function M.input(name, shape, opts)
  opts = check.options("input", opts, {dtype = core.default_dtype()})
  return core.declare("input", name, shape, opts.dtype)
end

local function declared(role, name, shape, opts)
  opts = check.options(role, opts, {dtype = check.NONE, init = check.NONE})
  if shape == nil and core.is_expr(opts.init) then shape = opts.init.shape end
  local dtype = opts.dtype
  if not dtype then
    dtype = role == "state" and core.is_expr(opts.init) and opts.init.dtype or core.default_dtype()
  end
  local p = core.declare(role, name, shape, dtype)
  if role == "param" and dtype ~= "f32" and dtype ~= "f64" then
    core.fail(("param '%s': what is trained must be f32 or f64; use cr.state for %s"):format(name,
      dtype))
  end
  core.set_init(p, first.first_value(role, name, p.shape, dtype, opts.init))
  return p
end

---param(name, shape, {init, dtype}): a trained parameter; zeros unless said otherwise
---@example cr.param("W", {64, 10}, {init = cr.init.xavier()})
---@norun needs a program around it
function M.param(name, shape, opts) return declared("param", name, shape, opts) end

---state(name, shape, {init, dtype}): kept between calls and saved, but not trained
---@example cr.state("mean", {64})
---@norun needs a program around it
function M.state(name, shape, opts) return declared("state", name, shape, opts) end

-- Entries

local serial = 0
local entry_methods = {}
local entry_meta = {__name = "cr.entry", __index = entry_methods}

local function new_entry(kind, what)
  serial = serial + 1
  local file, line = core.place()
  return setmetatable({kind = kind, what = what, serial = serial, file = file, line = line,
    inputs = {}, outputs = {}, updates = {}}, entry_meta)
end

local MOST = 512 -- inputs or outputs of an entry, as RT_MAX_PAIRS in runtime/rt_program.h

local function read_inputs(what, list)
  if list == nil then return {} end
  if type(list) ~= "table" or core.is_expr(list) then
    core.fail(what .. ": inputs is a list such as {x, y}")
  end
  local out, seen = {}, {}
  for k, x in pairs(list) do
    if core.role(x) ~= "input" then
      local label = core.is_expr(x) and core.label(x) or "a " .. type(x)
      core.fail(("%s: element %s of inputs, %s, was not made by cr.input"):format(what,
        tostring(k), label), x)
    end
    if not seen[x.name] then out[#out + 1] = x end
    seen[x.name] = true
  end
  if #out > MOST then
    core.fail(("%s: %d inputs; an entry has at most %d"):format(what, #out, MOST))
  end
  return out
end

local function add_output(what, out, name, x)
  if #out == MOST then
    core.fail(("%s: an entry has at most %d outputs; stack some of them"):format(what, MOST))
  end
  x = check.tensor(what, x, "output '" .. name .. "'")
  out[#out + 1] = {name, x}
end

-- Outputs by name, in the order of names; or a list, named as the script's variables are.
local function read_outputs(what, list, out)
  if type(list) ~= "table" or core.is_expr(list) then
    core.fail(what .. ": outputs is a table such as { prob = x }")
  end
  local taken = {}
  for _, o in ipairs(out) do taken[o[1]] = true end
  for key, x in pairs(list) do
    local name = key
    if type(key) ~= "string" then
      if not core.is_expr(x) then
        core.fail(("%s: output %s must be a tensor, not a %s"):format(what, tostring(key), type(x)))
      end
      name = x.name or core.fail(
        ("%s: output %s has no name; write { name = tensor }"):format(what, tostring(key)))
    end
    if taken[name] then core.fail(("%s: two outputs are called '%s'"):format(what, name)) end
    if not name:match "^[%a_][%w_]*$" then
      core.fail(
        ("%s: '%s' is no name for an output; names are letters, digits and '_'"):format(what, name))
    end
    taken[name] = true
    add_output(what, out, name, x)
  end
end

local function read_updates(what, list, out)
  if list == nil then return end
  if type(list) ~= "table" or core.is_expr(list) then
    core.fail(what .. ": updates is a list of pairs: { {state, next value}, ... }")
  end
  for k, pair in ipairs(list) do
    local state, value = type(pair) == "table" and pair[1], type(pair) == "table" and pair[2]
    local role = core.role(state)
    if role ~= "param" and role ~= "state" then
      core.fail(
        ("%s: update %d must be {state, next value}, state made by cr.state"):format(what, k))
    end
    value = check.tensor(what, value, "the next value of '" .. state.name .. "'")
    local ls, lv = select(2, core.label(state)), select(2, core.label(value))
    if ls ~= lv then
      core.fail(("%s: '%s' has shape %s, but its next value has %s"):format(what, state.name, ls,
        lv), state)
    end
    value = core.hint((state.name:gsub("%.", "_")) .. "_next", core.ops.cast(value, state.dtype))
    out[#out + 1] = {state, value}
  end
end

-- Everything the entry computes must come from its inputs, and what it draws moves its keys on.
local function finish(e)
  local all, given, updated = {}, {}, {}
  for _, o in ipairs(e.outputs) do all[#all + 1] = o[2] end
  for _, u in ipairs(e.updates) do
    if updated[u[1].name] then
      core.fail(("%s: '%s' is updated twice"):format(e.what, u[1].name), u[1])
    end
    updated[u[1].name] = true
    all[#all + 1] = u[2]
  end
  for _, x in ipairs(e.inputs) do given[x.name] = true end
  local reached = {}
  for _, p in ipairs(core.reach(all)) do
    local role = core.role(p)
    reached[p.name] = true
    if role == "input" and not given[p.name] then
      core.fail(("%s: input '%s' is used, but is not listed in inputs"):format(e.what, p.name), p)
    elseif role == "formal" then
      core.fail(
        ("%s: '%s' belongs to a function given to cr.scan, cr.map or cr.func"):format(
        e.what, p.name or "a tensor"), p)
    end
  end
  for _, u in ipairs(key_updates()) do
    if reached[u[1].name] and not updated[u[1].name] then e.updates[#e.updates + 1] = u end
  end
  return e
end

---entry{inputs = {..}, outputs = {name = tensor}, updates = {{state, value}, ..}}
---@example cr.entry{ inputs = {X}, outputs = { prob = cr.softmax(logits, 1) } }
---@norun needs a program around it
function M.entry(t)
  if type(t) ~= "table" then
    core.fail "entry: write cr.entry{ inputs = {x}, outputs = { y = y } }"
  end
  t = check.options("entry", t, {inputs = check.NONE, outputs = check.NONE, updates = check.NONE})
  local e = new_entry("entry", "entry")
  e.inputs = read_inputs("entry", t.inputs)
  if t.outputs == nil and t.updates == nil then
    core.fail "entry: it has neither outputs nor updates"
  end
  if t.outputs ~= nil then read_outputs("entry", t.outputs, e.outputs) end
  read_updates("entry", t.updates, e.updates)
  return finish(e)
end

---e:averaged(x): x, a tensor or a list, computed with the parameters that the optimizer of the
---train entry e predicts with: the moving averages of cr.optim.average, the point of cr.optim.nesterov
---@example cr.entry{ inputs = {X}, outputs = { prob = train:averaged(prob) } }
---@norun needs a program around it
function entry_methods.averaged(e, x)
  if getmetatable(e) ~= entry_meta or e.kind ~= "train" then
    core.fail "averaged: write e:averaged(x), e made by cr.train"
  end
  if not e.read then return x end
  local many = type(x) == "table" and not core.is_expr(x)
  local out = core.replace(many and x or {check.tensor("averaged", x, "x")}, e.params, e.read)
  return many and out or out[1]
end

-- Optimizer state

-- Calls f(path, tensor) on every tensor of nested tables, in order of keys, and builds their image.
local function map_state(t, path, names, f)
  if core.is_expr(t) then return f(path, t) end
  if type(t) == "number" then return f(path, core.constant(t)) end
  if type(t) ~= "table" then core.fail("optimizer: its state holds a " .. type(t)) end
  local out = {}
  for key, v in pairs(t) do
    local part = type(key) == "number" and names[key] or tostring(key)
    out[key] = map_state(v, path .. "." .. part, names, f)
  end
  return out
end

local prefixes = {}

local function prefix(name)
  prefixes[name] = (prefixes[name] or 0) + 1
  return prefixes[name] == 1 and name or name .. prefixes[name]
end

-- The updates that one step of the optimizer makes. Returns what it predicts with, where that is
-- not the parameters themselves.
local function optimize(optimizer, params, grads, loss, updates)
  if type(optimizer) ~= "table" or type(optimizer.step) ~= "function" then
    core.fail "train: optimizer must be one of cr.optim, or a table with functions init and step"
  end
  local names = {}
  for k, p in ipairs(params) do names[k] = p.name end
  local first = optimizer.init and optimizer.init(params) or {}
  local state = map_state(first, prefix(optimizer.name or "optimizer"), names, function(path, x)
    local s = core.declare("state", path, x.shape, x.dtype)
    core.set_init(s, x)
    return s
  end)
  local new, next_state = optimizer.step(params, grads, state, loss)
  if type(new) ~= "table" or #new ~= #params then
    core.fail "train: the optimizer's step must return the new parameters, and the new state"
  end
  local list = {}
  for k, p in ipairs(params) do list[k] = {p, new[k]} end
  local function pair_up(old, fresh)
    if core.is_expr(old) then
      list[#list + 1] = {old, fresh}
    else
      for key, v in pairs(old) do
        if type(fresh) ~= "table" or fresh[key] == nil then
          core.fail(
            ("train: the optimizer's step does not return '%s' of its state"):format(tostring(key)))
        end
        pair_up(v, fresh[key])
      end
    end
  end
  pair_up(state, next_state or {})
  read_updates("train", list, updates)
  return optimizer.read and optimizer.read(params, state)
end

-- The loss; a table of named terms is their sum, and each is reported.
local function read_loss(e, loss)
  if type(loss) ~= "table" or core.is_expr(loss) then return derive.scalar_loss("train", loss) end
  local names, sum = {}, nil
  for name in pairs(loss) do
    if type(name) ~= "string" then
      core.fail "train: terms of the loss have names: loss = { fit = a, decay = b }"
    end
    names[#names + 1] = name
  end
  if #names == 0 then core.fail "train: the loss has no terms" end
  table.sort(names)
  local terms = {}
  for _, name in ipairs(names) do
    terms[name] = derive.scalar_loss("train", loss[name])
    sum = sum and sum + terms[name] or terms[name]
  end
  return derive.scalar_loss("train", sum), terms
end

-- What is trained: the list given, or every parameter the loss depends on, but for the frozen.
local function read_params(loss, params, frozen)
  local kept, still = {}, {}
  for k, p in ipairs(frozen or {}) do
    if core.role(p) ~= "param" then
      core.fail(("train: element %d of frozen was not made by cr.param"):format(k), p)
    end
    still[p.name] = true
  end
  if params == nil then
    params = {}
    for _, p in ipairs(core.reach{loss}) do
      if core.role(p) == "param" then params[#params + 1] = p end
    end
    if #params == 0 then
      core.fail("train: the loss depends on no parameter made by cr.param", loss)
    end
  end
  for k, p in ipairs(params) do
    if core.role(p) ~= "param" then
      core.fail(("train: element %d of params was not made by cr.param"):format(k), p)
    end
    if not still[p.name] then kept[#kept + 1] = p end
  end
  if #kept == 0 then core.fail "train: every parameter is frozen" end
  return kept
end

-- An entry that a train entry is split in for --mpi (shards.lua).
local function new_part(fields)
  local part = new_entry("entry", "train, for --mpi")
  for key, value in pairs(fields) do part[key] = value end
  return part
end

---train{inputs, loss, optimizer, params, frozen, clip_norm, clip_value, metrics, updates}: one step
---of training. The loss is a scalar or a table of named terms. clip_norm bounds the joint 2-norm of
---all gradients, clip_value every element; metrics are reported by name.
---@example cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.adam{ lr = 1e-3 } }
---@norun needs a program around it
function M.train(t)
  if type(t) ~= "table" then
    core.fail "train: write cr.train{ inputs = {x, y}, loss = loss, optimizer = ... }"
  end
  t = check.options("train", t, {inputs = check.NONE, loss = check.NONE, optimizer = check.NONE,
    params = check.NONE, metrics = check.NONE, outputs = check.NONE, updates = check.NONE,
    frozen = check.NONE, clip_norm = check.NONE, clip_value = check.NONE})
  local e = new_entry("train", "train")
  e.inputs = read_inputs("train", t.inputs)
  if t.loss == nil then core.fail "train: the loss is missing" end
  if t.optimizer == nil then
    core.fail "train: the optimizer is missing: optimizer = cr.optim.adam{ lr = 1e-3 }"
  end
  local loss, terms = read_loss(e, t.loss)
  local params = read_params(loss, t.params, t.frozen)
  local grads = derive.grad(loss, params)
  add_output("train", e.outputs, "loss", loss)
  if terms then read_outputs("train", terms, e.outputs) end
  if t.metrics ~= nil then read_outputs("train", t.metrics, e.outputs) end
  if t.outputs ~= nil then read_outputs("train", t.outputs, e.outputs) end
  e.params = params
  local function step(bars, mean_loss)
    if t.clip_value then
      bars = optim.clip_by_value(bars, check.number("train", t.clip_value, "clip_value"))
    end
    if t.clip_norm then
      bars = optim.clip_by_norm(bars, check.number("train", t.clip_norm, "clip_norm"))
    end
    local updates = {}
    e.read = optimize(t.optimizer, params, bars, mean_loss, updates)
    return updates
  end
  if core.parallel() then
    local own = {}
    read_updates("train", t.updates, own)
    local shard, rest = shards.split(e, params, grads, own, key_updates(), step)
    e.parts = {shard = new_part(shard), step = finish(new_part(rest))}
  else
    e.updates = step(grads, loss)
    read_updates("train", t.updates, e.updates)
  end
  return finish(e)
end

-- The schedule as {position in list, times}, checked.
local function read_schedule(schedule, list)
  if schedule == nil then return {} end
  if type(schedule) ~= "table" or #schedule == 0 then
    core.fail "program: a schedule is a list such as {{\"train_d\", 5}, {\"train_g\", 1}}"
  end
  local at, out = {}, {}
  for k, e in ipairs(list) do at[e.name] = k end
  for k, turn in ipairs(schedule) do
    if type(turn) == "string" then turn = {turn, 1} end
    local position = type(turn) == "table" and at[turn[1]]
    if not position or list[position].kind ~= "train" then
      core.fail(("program: turn %d of the schedule names no train entry"):format(k))
    end
    out[k] = {position, check.integer("program", turn[2] or 1, "times in the schedule", 1)}
  end
  return out
end

---program(name, {entry = cr.entry{..}, train = cr.train{..}}, {schedule = {{"train_d", 5},
---{"train_g", 1}}}): with a schedule, the command `train` runs train_d five times, then train_g
---once, and so on, each on the next rows of the data
---@example cr.program("regression", { predict = predict, train = train })
---@norun needs a program around it
function M.program(name, entries, opts)
  opts = check.options("program", opts, {schedule = check.NONE})
  if type(name) ~= "string" or not name:match "^%a[%w_]*$" then
    core.fail "program: the first argument is its name: letters, digits and '_'"
  end
  if type(entries) ~= "table" then
    core.fail "program: the second argument is a table of entries"
  end
  local list = {}
  for key, e in pairs(entries) do
    if getmetatable(e) ~= entry_meta then
      core.fail(
        ("program: '%s' is not an entry; make it with cr.entry or cr.train"):format(tostring(key)))
    end
    if type(key) ~= "string" or not key:match "^%a[%w_]*$" then
      core.fail(("program: '%s' is no name for an entry"):format(tostring(key)))
    end
    if key == "init" then
      core.fail "program: the entry 'init' is made by the compiler; choose another name"
    end
    if e.name and e.name ~= key then
      core.fail(("program: one entry is called both '%s' and '%s'"):format(e.name, key))
    end
    e.name = key
    list[#list + 1] = e
    for part, made in pairs(e.parts or {}) do
      made.name = key .. "_" .. part
      if entries[made.name] then
        core.fail(("program: --mpi makes the entry '%s'; choose another name"):format(made.name))
      end
      list[#list + 1] = made
    end
  end
  if #list == 0 then core.fail "program: it has no entries" end
  table.sort(list, function(a, b) return a.serial < b.serial end)
  return core.program(name, list, read_schedule(opts.schedule, list))
end

return M
