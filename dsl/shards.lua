-- shards.lua: a training step in two parts, for programs that train under mpirun (--mpi)
--
--   train_shard(inputs) -> the loss, metrics, gradients and next states of some rows of a batch
--   train_step(the means of these over all shards): clipping, the optimizer, the updates
--
-- The program calls the first for its own shards of a batch and the second, with what all processes
-- found, as every process does (runtime/rt_mpi.c). Both are entries like any other.
---@source this project
local core = require "crescent.core"
local ops = core.ops
---@class private
local M = {}

local function depends_on_inputs(x)
  for _, p in ipairs(core.reach{x}) do
    if core.role(p) == "input" then return true end
  end
  return false
end

local taken = {}

-- An input of a name that no other split has taken: "shard", "shard2".
local function new_input(name, shape, dtype)
  taken[name] = (taken[name] or 0) + 1
  if taken[name] > 1 then name = name .. taken[name] end
  return core.declare("input", name, shape, dtype)
end

-- Every key the values draw with becomes one of the shard's own. Returns its number, an input, too.
local function own_keys(outputs, keys)
  local from, to = {}, {}
  local shard = new_input("shard", {}, "i64")
  for k, key in ipairs(keys) do
    local i = core.fresh(1)
    from[k] = key
    to[k] = core.tensor({i}, ops.where(ops.eq(i, 0), ops.philox(key(0), shard + 1), key(i)), {2})
  end
  return core.replace(outputs, from, to), shard
end

---Splits a train entry e whose outputs are read. `step` gives the updates of the optimizer from
---gradients and loss; `own` are the user's updates, `keys` the random keys with their next values.
---Fills e.updates, and returns the shard's {inputs, outputs} and the step's {inputs, updates}.
function M.split(e, params, grads, own, keys, step)
  local names, values, stand = {}, {}, {}
  local function mean_of(name, x)
    name = name:gsub("%.", "_")
    local input = new_input("mean_" .. name, x.shape, x.dtype)
    names[#names + 1], values[#values + 1], stand[#stand + 1] = name, x, input
    return input
  end
  local loss
  for _, o in ipairs(e.outputs) do
    if o[2].rank == 0 then
      local input = mean_of(o[1], o[2])
      loss = loss or input
    end
  end
  local bars = {}
  for k, p in ipairs(params) do bars[k] = mean_of("gradient_" .. p.name, grads[k]) end
  local later = step(bars, loss)
  for _, u in ipairs(own) do
    local value = depends_on_inputs(u[2]) and mean_of("next_" .. u[1].name, u[2]) or u[2]
    later[#later + 1] = {u[1], value}
  end
  local next = {}
  for k, u in ipairs(later) do next[k] = u[2] end
  for k, x in ipairs(core.replace(next, stand, values)) do e.updates[k] = {later[k][1], x} end

  local inputs, drawn, reached = {table.unpack(e.inputs)}, {}, {}
  for _, p in ipairs(core.reach(values)) do reached[p.name] = true end
  for _, u in ipairs(keys) do
    if reached[u[1].name] then drawn[#drawn + 1], later[#later + 1] = u[1], u end
  end
  local found = values
  if #drawn > 0 then found, inputs[#inputs + 1] = own_keys(values, drawn) end
  local outputs = {}
  for k, x in ipairs(found) do outputs[k] = {names[k], x} end
  return {inputs = inputs, outputs = outputs, updates = {}},
    {inputs = stand, outputs = {}, updates = later}
end

return M
