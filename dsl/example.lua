-- example.lua: the examples of the reference, run by the interpreter
--
--   local e = example.run "cr.exp(cr.const{0.5})"       e.results[1] is {0.5 -> 1.6487..}
--   example.verify(e)                                    nil, or what is wrong with its derivatives
--
-- Every constant of floats in an example is a leaf: derivatives are taken by it, and held against
-- differences, in both modes and to second order.
---@class private
local core = require "crescent.core"
local cr = require "crescent"
local pages = require "crescent.pages"
local M = {}

local function is_float(x) return x.dtype == "f32" or x.dtype == "f64" end

-- Tensors in `v`, which may be a tensor, a number, or lists of them.
local function collect(v, out)
  if type(v) == "table" and not core.is_expr(v) then
    for _, x in ipairs(v) do collect(x, out) end
  elseif core.is_expr(v) or type(v) == "number" or type(v) == "boolean" then
    out[#out + 1] = v
  end
end

---What an example gives: {leaves, results}, or nil and the error. Its constants of floats have the dtype.
function M.run(text, dtype)
  local leaves, fixed = {}, {}
  local proxy = setmetatable({const = function(x, t)
    local c = cr.const(x, t)
    if not is_float(c) or (t and dtype) then return c end
    if dtype then c = cr.const(x, dtype) end
    if not is_float(c) then return c end
    local leaf = core.formal("x" .. #leaves + 1, c)
    leaves[#leaves + 1] = {leaf, pages.value(c)}
    return leaf
  end}, {__index = cr})
  local env = setmetatable({cr = proxy}, {__index = _G})
  local code = text:find "return " and text or "return " .. text
  local f, why = pages.load_text(code, "=example", env)
  if not f then return nil, why end
  local got = table.pack(pcall(f))
  if not got[1] then return nil, tostring(got[2]) end
  local e = {leaves = leaves, fixed = fixed, results = {}}
  collect({table.unpack(got, 2, got.n)}, e.results)
  e.other = got[2]
  local key = cr.random.key()
  fixed[1] = {key, {1, 2}}
  return e
end

local function given(e, moved, at)
  local out = {e.fixed[1]}
  for k, leaf in ipairs(e.leaves) do out[#out + 1] = k == moved and {leaf[1], at} or leaf end
  return out
end

---The numbers of a tensor of the example.
function M.numbers(e, x)
  if not core.is_expr(x) then return {x} end
  return pages.value(core.tensor_of(x, "example"), given(e))
end

local function formals(e)
  local out = {}
  for k, leaf in ipairs(e.leaves) do out[k] = leaf[1] end
  return out
end

---The derivative of the first number of x by each leaf, or nil where it has none.
function M.slope(e, x)
  if #e.leaves == 0 or not core.is_expr(x) or not is_float(x) then return nil end
  x = core.tensor_of(x, "example")
  local at = {}
  for d = 1, x.rank do at[d] = 0 end
  local first = x.rank == 0 and x or core.tensor({}, x(table.unpack(at)))
  return cr.grad(first, formals(e))
end

-- A number of all float results that weighs each element differently.
local function total(e)
  local sum
  for k, x in ipairs(e.results) do
    if core.is_expr(x) and is_float(x) then
      local t = core.tensor_of(x, "example")
      local flat = cr.reshape(t, {-1})
      local w = cr.cos(cr.arange(flat.shape[1]):cast(t.dtype) * 1.7 + k)
      local s = cr.cast(cr.sum(cr.sin(flat * 0.7 + 0.1) * w), "f64")
      sum = sum and sum + s or s
    end
  end
  return sum
end

local function directions(e)
  local out = {}
  for k, leaf in ipairs(e.leaves) do
    local shape = leaf[1].shape
    local n = #leaf[2]
    out[k] = cr.reshape(cr.sin(cr.arange(n):cast(leaf[1].dtype) * 2.3 + k), shape)
  end
  return out
end

local function close(a, b, scale)
  return a == b or math.abs(a - b) <= 2e-5 * math.max(1, math.abs(b), scale)
end

-- Holds d[k], numbers of the derivative by leaf k, against differences of y.
local function against(e, what, y, d)
  for k, leaf in ipairs(e.leaves) do
    for j, v in ipairs(leaf[2]) do
      local h, at, slopes = 1e-4 * math.max(math.abs(v), 0.1), {table.unpack(leaf[2])}, {}
      for n, step in ipairs{h, h / 2} do
        at[j] = v + step
        local up = pages.value(y, given(e, k, at))[1]
        at[j] = v - step
        slopes[n] = (up - pages.value(y, given(e, k, at))[1]) / (2 * step)
      end
      local want = (4 * slopes[2] - slopes[1]) / 3
      if not close(d[k][j], want, 0) then
        return ("%s by element %d of constant %d is %.9g, differences say %.9g"):format(what, j, k,
          d[k][j], want)
      end
    end
  end
end

local function all_numbers(e, list)
  local out = {}
  for k, x in ipairs(list) do out[k] = M.numbers(e, x) end
  return out
end

---nil where the derivatives of the example's floats agree with differences, in both modes and to second
---order; else what is wrong.
function M.verify(e)
  local y = total(e)
  if not y or #e.leaves == 0 then return nil end
  local xs, v = formals(e), directions(e)
  local g, gv = cr.grad(y, xs), 0
  for k = 1, #xs do gv = gv + cr.cast(cr.sum(g[k] * v[k]), "f64") end
  local h = cr.grad(gv, xs)
  local wrong = against(e, "the derivative", y, all_numbers(e, g)) or
    against(e, "the second derivative", gv, all_numbers(e, h))
  if wrong then return wrong end
  local forward, want = M.numbers(e, cr.jvp(y, xs, v))[1], M.numbers(e, gv)[1]
  if not close(forward, want, 0) then
    return ("forward mode says %.9g, reverse mode %.9g"):format(forward, want)
  end
  local over = cr.jvp(g, xs, v)
  for k, numbers in ipairs(all_numbers(e, over)) do
    for j, w in ipairs(M.numbers(e, h[k])) do
      if not close(numbers[j], w, 0) then
        return ("forward over reverse says %.9g, reverse over reverse %.9g"):format(numbers[j], w)
      end
    end
  end
end

return M
