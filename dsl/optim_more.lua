-- optim_more.lua: optimizers made of optimizers: groups of parameters, averages of weights
--
--   cr.optim.groups{
--     { params = {b1, b2}, optimizer = cr.optim.adam{lr = 1e-2} },
--     { optimizer = cr.optim.adamw{lr = 1e-3, weight_decay = 0.1} },      -- all the others
--   }
---@source Polyak and Juditsky 1992 for averages
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local ops = core.ops
---@class cr.optim
local M = {}

-- Lists of tensors in nested state tables, with their positions renamed by `map`.
local function remap(t, map)
  if type(t) ~= "table" then return t end
  local out = {}
  for key, v in pairs(t) do
    out[type(key) == "number" and map[key] or key] = remap(v, map)
  end
  return out
end

local function is_optimizer(x) return type(x) == "table" and type(x.step) == "function" end

-- For every group the positions of its parameters among `params`.
local function members(list, params)
  local at, owner, rest = {}, {}, nil
  for k, p in ipairs(params) do
    if p.name then at[p.name] = k end
  end
  for g, group in ipairs(list) do
    if group.params == nil then
      if rest then core.fail "optim.groups: two groups have no params; one may take the rest" end
      rest = g
    end
    for _, p in ipairs(group.params or {}) do
      local k = type(p) == "number" and p or core.is_expr(p) and p.name and at[p.name]
      if not k or not params[k] then
        local label = core.is_expr(p) and core.label(p) or tostring(p)
        core.fail(("optim.groups: %s of group %d is not among what is trained"):format(label, g))
      end
      if owner[k] then
        core.fail(("optim.groups: %s is in groups %d and %d"):format(core.label(params[k]),
          owner[k], g))
      end
      owner[k] = g
    end
  end
  local out = {}
  for g in ipairs(list) do out[g] = {} end
  for k, p in ipairs(params) do
    local g = owner[k] or rest
    if not g then
      core.fail(("optim.groups: %s is in no group"):format(core.label(p)))
    end
    out[g][#out[g] + 1] = k
  end
  return out
end

local function pick(list, at)
  local out = {}
  for k, i in ipairs(at) do out[k] = list[i] end
  return out
end

local function inverse(at)
  local out = {}
  for k, i in ipairs(at) do out[i] = k end
  return out
end

---groups{ {params = {..}, optimizer = o}, .. }: each parameter with the optimizer of its group; a
---group without params takes the others, one without optimizer leaves its parameters as they are
---@example cr.optim.groups{ {params = {W}, optimizer = cr.optim.adam{}}, {params = {b}, optimizer = cr.optim.frozen()} }
---@norun needs a program around it
function M.groups(list)
  if type(list) ~= "table" or #list == 0 then
    core.fail "optim.groups: write groups{ {params = {..}, optimizer = ..}, {optimizer = ..} }"
  end
  for g, group in ipairs(list) do
    list[g] = check.options("optim.groups", group, {params = check.NONE, optimizer = check.NONE})
    if group.optimizer ~= nil and not is_optimizer(group.optimizer) then
      core.fail(("optim.groups: the optimizer of group %d is not one of cr.optim"):format(g))
    end
  end
  return {
    name = "groups",
    init = function(params)
      local state = {}
      for g, at in ipairs(members(list, params)) do
        local opt = list[g].optimizer
        local inner = opt and opt.init and opt.init(pick(params, at))
        if inner then state["group" .. g] = remap(inner, at) end
      end
      return state
    end,
    step = function(params, grads, state, loss)
      local new, next = {}, {}
      for g, at in ipairs(members(list, params)) do
        local opt, key = list[g].optimizer, "group" .. g
        local own = pick(params, at)
        if opt and #at > 0 then
          local fresh
          own, fresh = opt.step(own, pick(grads, at), remap(state[key], inverse(at)), loss)
          next[key] = remap(fresh, at)
        elseif opt then
          next[key] = state[key]
        end
        for k, i in ipairs(at) do new[i] = own[k] end
      end
      return new, next
    end,
  }
end

---frozen(): leaves parameters as they are
---@example cr.optim.groups{ {params = {W}, optimizer = cr.optim.frozen()} }
---@norun needs a program around it
function M.frozen()
  return {name = "frozen", init = function() return {} end,
    step = function(params) return params, {} end}
end

---average{optimizer, decay = 0.999}: the optimizer, and a moving average of what it makes,
---a' = decay a + (1 - decay) p'; read gives a / (1 - decay^t), and cr.train's x:averaged(y) is y
---computed with it
---@example cr.optim.average{ optimizer = cr.optim.sgd{ lr = 0.1 }, decay = 0.99 }
---@norun needs a program around it
function M.average(opts)
  if is_optimizer(opts) then core.fail "optim.average: write cr.optim.average{optimizer = .., decay = 0.999}" end
  opts = check.options("optim.average", opts, {optimizer = check.NONE, decay = 0.999})
  local inner, decay = opts.optimizer, opts.decay
  if not is_optimizer(inner) then core.fail "optim.average: optimizer must be one of cr.optim" end
  return {
    name = inner.name or "optimizer",
    init = function(params)
      local average = {}
      for k, p in ipairs(params) do average[k] = core.full(p.shape, 0, p.dtype) end
      return {optimizer = inner.init and inner.init(params) or {}, average = average,
        count = core.constant(0)}
    end,
    step = function(params, grads, state, loss)
      local new, later = inner.step(params, grads, state.optimizer, loss)
      local seen = inner.read and inner.read(new, later) or new
      local average = {}
      for k, p in ipairs(seen) do
        average[k] = array.pointwise(function(a, w) return decay * a + (1 - decay) * w end,
          state.average[k], p)
      end
      return new, {optimizer = later, average = average, count = state.count + 1}
    end,
    read = function(params, state)
      local out = {}
      local share = 1 - ops.pow(decay, ops.cast(state.count, "f64"))
      local none = ops.eq(state.count, 0)
      for k, p in ipairs(params) do
        local c = ops.cast(ops.where(none, 1, share), p.dtype)
        out[k] = array.pointwise(function(a, w) return ops.where(none, w, a / c) end,
          state.average[k], p)
      end
      return out
    end,
  }
end

return M
