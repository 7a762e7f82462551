-- first.lua: the first value of a parameter, from what `init =` says
local core = require "crescent.core"
local ops = core.ops
---@class private
local M = {}

-- A number that differs for different names.
local function hash(name)
  local h = 2166136261
  for k = 1, #name do h = ((h ~ name:byte(k)) * 16777619) & 0xffffffff end
  return h
end

---The first value of a parameter, from what `init =` says.
function M.first_value(what, name, shape, dtype, how)
  if how == nil then return core.full(shape, 0, dtype) end
  if type(how) == "number" or type(how) == "boolean" then return core.full(shape, how, dtype) end
  if core.is_expr(how) then return core.tensor_of(how, what) end
  if type(how) == "table" then return core.constant(how, dtype) end
  if type(how) ~= "function" then
    core.fail(
      ("%s '%s': init is a number, a tensor or cr.init.xavier() and the like, not a %s"):format(
      what, name, type(how)))
  end
  local key = core.tensor({}, ops.philox(core.seed(), hash(name)))
  return how(shape, dtype, key)
end

return M
