-- cimport.lua: functions written in C, in index notation and on whole tensors
---@source this project
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local M = {}

local function is_tensor(x) return type(x) == "userdata" and x.rank > 0 end

-- The shape that tensors broadcast to.
local function common(name, tensors)
  local shape = {}
  for _, t in ipairs(tensors) do
    local lead = t.rank - #shape
    for _ = 1, lead do table.insert(shape, 1, 1) end
    for d = 1, t.rank do
      local at = #shape - t.rank + d
      if shape[at] == 1 then
        shape[at] = t.shape[d]
      elseif t.shape[d] ~= 1 and not check.same(t.shape[d], shape[at]) then
        core.fail(("%s: tensors of %s and %s elements along an axis do not go together"):format(
          name, tostring(shape[at]), tostring(t.shape[d])))
      end
    end
  end
  return shape
end

-- f over tensors, element by element, as they broadcast.
local function elementwise(name, f, kinds)
  return function(...)
    local args, tensors = {...}, {}
    for k, x in ipairs(args) do
      if kinds[k] == "scalar" and is_tensor(x) then tensors[#tensors + 1] = x end
    end
    if #tensors == 0 then return f(...) end
    local n, shape = select("#", ...), common(name, tensors)
    for k, x in ipairs(args) do
      if kinds[k] == "scalar" and is_tensor(x) then args[k] = array.expand(x, shape) end
    end
    local index = {core.fresh(#shape)}
    for k = 1, n do
      if kinds[k] == "scalar" and is_tensor(args[k]) then
        args[k] = args[k](table.unpack(index))
      end
    end
    return core.tensor(index, f(table.unpack(args, 1, n)), shape)
  end
end

---cimport(file): the functions of a C file beside the model, as a table: f.bend(x(i), 0.5)
---
---They are inlined where they are called and differentiated like everything else, to any order. An
---argument is an expression, a number, or a tensor for all of its elements; an array of C is a tensor
---or a list of expressions. Taken are functions of double, float, int, long and bool with local
---variables and arrays, if, ?:, loops whose number of rounds is known, calls of each other and of
---math.h, and constant tables; C's conversions and integer division are kept. Anything else is an
---error with its line in the file, once a function that needs it is called.
---@param file string a name beside the model
---@return table functions by name
---@example local f = cr.cimport "curve.h"
---@example local i = cr.index "i"
---@example return cr.tensor({i}, f.residual(x(i), x(i + 1)), {n - 1})
---@norun needs a file
function M.cimport(file)
  local functions, kinds = core.cimport(file)
  local t = {}
  for name, f in pairs(functions) do t[name] = elementwise(name, f, kinds[name]) end
  return setmetatable(t, {__index = function(_, name)
    core.fail(("%s has no function '%s'%s"):format(file, tostring(name), check.hint(name, t)))
  end})
end

return M
