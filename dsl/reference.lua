-- reference.lua: the reference of every operation, as docs/reference.md and as types for editors
--
--   crescent ops --markdown > docs/reference.md        what the examples give is computed
--   crescent ops --types -o dsl/meta
--   crescent ops --verify                              every example, its derivatives to second order
--
-- All of it comes from the rows of ops.def and the `---` comments of the Lua sources.
---@class private
local core = require "crescent.core"
local cr = require "crescent"
local pages = require "crescent.pages"
local example = require "crescent.example"
local luacats = require "crescent.luacats"
local M = {}

local OWN = {philox = true, uniform = true, same = true, after = true} -- rows that scripts do not call by these names
local STOPS = {stop_gradient = true, floor_div = true}

-- The lines "@tag text" of a comment, by tag.
local function tags_of(text)
  local out = {}
  for tag, rest in text:gmatch "@(%w+) ([^\n]*)" do
    out[tag] = out[tag] or {}
    table.insert(out[tag], rest)
  end
  return out
end

-- Pages of functions, with the tags of their file where they have none of their own.
local function all_pages()
  local out, file, common = {}, nil, {}
  for _, p in ipairs(pages.pages) do
    local tag = tags_of(p.tags)
    if p.file ~= file then file, common = p.file, {} end
    if p.name then
      for k, v in pairs(common) do tag[k] = tag[k] or v end
      p.tag = tag
      out[#out + 1] = p
    else
      for k, v in pairs(tag) do common[k] = v end
    end
  end
  return out
end

local KINDS = {f = "floats", n = "numbers", b = "numbers, gives bool", p = "floats, gives bool",
  l = "bools", i = "integers", s = "a bool and two values of one type", c = "any", u = "integers"}

local SAMPLES = {{"0.25, 0.75", "0.5, 0.2", "2.0, 3.0"}, {"7, -7", "3, 2", "1, 0"},
  {"true, false", "true, true", "false, true"}}

-- The example of a row of ops.def.
local function row_example(row)
  local args = {}
  for k = 1, row.arity do
    local kind = row.kind == "l" and 3 or row.kind == "i" and 2 or 1
    if row.kind == "s" and k == 1 then kind = 3 end
    args[k] = "cr.const{" .. SAMPLES[kind][k] .. "}"
  end
  if row.name == "polygamma" then args[1] = "1" end
  if row.name == "acosh" then args[1] = "cr.const{1.25, 3.0}" end
  if row.kind == "c" then args[2] = '"i32"' end
  return ("cr.%s(%s)"):format(row.name, table.concat(args, ", "))
end

local function number(v)
  if type(v) ~= "number" then return tostring(v) end
  if math.type(v) == "integer" then return tostring(v) end
  if v == math.floor(v) and math.abs(v) < 1e15 then return ("%.1f"):format(v) end
  local text = ("%.6g"):format(v)
  return text:find "[%.en]" and text or text .. ".0"
end

-- Numbers in the braces of their shape; long ones are cut.
local function nested(x, v)
  if not core.is_expr(x) then return number(v[1]) end
  local shape, at = x.shape, 0
  if #v > 64 then return ("%d numbers, the first %s"):format(#v, number(v[1])) end
  local function level(d)
    if d > #shape then
      at = at + 1
      return x.dtype == "bool" and tostring(v[at] ~= 0) or number(v[at])
    end
    local out = {}
    for k = 1, shape[d] do out[k] = level(d + 1) end
    return "{" .. table.concat(out, ", ") .. "}"
  end
  return level(1)
end

local function kind_of(x)
  if not core.is_expr(x) then return "" end
  return x.dtype .. " {" .. table.concat(x.shape, ", ") .. "} "
end

-- Which types an example's constants may have, and what it then gives.
local function dtypes(text)
  local out = {}
  for _, t in ipairs{"f32", "f64", "i32", "bool"} do
    local e = example.run(text, t)
    local r = e and e.results[1]
    if r then out[#out + 1] = t .. (core.is_expr(r) and " gives " .. r.dtype or "") end
  end
  return table.concat(out, ", ")
end

local function put(out, fmt, ...) out[#out + 1] = fmt:format(...) end

-- What an example gives, and how its first number changes with each constant.
local function show_example(out, name, text, tag)
  put(out, "\n```lua\n%s\n```\n", text)
  if text:find "^cr%.program" or tag.norun then return true end
  local e, why = example.run(text)
  if not e then
    put(out, "fails: %s: %s\n", name, why)
    return false
  end
  for k, x in ipairs(e.results) do
    if k > 4 then break end
    put(out, "%s `%s%s`", k == 1 and "gives" or "and", kind_of(x), nested(x, example.numbers(e, x)))
  end
  if tag.derivative then return true end
  local slope = #e.results > 0 and example.slope(e, e.results[1])
  if not slope then return true end
  local parts = {}
  for k, d in ipairs(slope) do parts[k] = "`" .. nested(d, example.numbers(e, d)) .. "`" end
  put(out, "\nDerivative of the first number by %s: %s", #parts == 1 and "the constant" or
    "each constant", table.concat(parts, ", "))
  if not e.leaves[1][1].rank then return true end
  put(out, "\nTypes: %s", dtypes(text))
  return true
end

local function title(p) return (p.head:match "^ *%S+: ([^\n]*)" or p.file) end

local function show_page(out, p)
  local head, doc = luacats.head(p.text)
  put(out, "\n### %s\n\n`cr.%s`\n", p.name, head)
  if doc ~= "" then put(out, "%s\n", doc) end
  local fine, tag = true, p.tag
  if tag.example then fine = show_example(out, p.name, table.concat(tag.example, "\n"), tag) end
  if tag.derivative then put(out, "\nDerivative: %s", table.concat(tag.derivative, " ")) end
  put(out, "\nSource: %s; `%s`", tag.source and table.concat(tag.source, " ") or "as written above",
    p.file)
  return fine
end

local function show_row(out, row)
  local letters = {"x", "y", "z"}
  put(out, "\n### %s\n\n`cr.%s(%s)`: %s\n\nTakes %s, elementwise, with broadcasting.", row.name,
    row.name, table.concat(letters, ", ", 1, row.arity), row.doc, KINDS[row.kind])
  local some = {}
  for k = 1, row.arity do
    local d = row.partial[k]
    some[k] = ("`d/d%s = %s`"):format(letters[k], d ~= "" and d or "0")
  end
  put(out, "\nDerivative (r is the result): %s\n", table.concat(some, ", "))
  local fine = show_example(out, row.name, row_example(row), {})
  put(out, "\nSource: the row of compiler/ops.def; in C runtime/rt_math*.h")
  return fine
end

local START = [[
# Reference

Every operation a model may use. This file is written by `crescent ops --markdown` from the table
compiler/ops.def and the comments above the functions in dsl/; `crescent ops NAME` prints one page.
What an example gives is computed; `crescent ops --verify` holds its derivatives against differences,
in both modes and to second order. Here the default type is f64. Functions without a line on their
derivative have that of what they are made of: derivatives of any order, in both modes, are taken of
everything that gives floats; they stop at integers, booleans and comparisons.
]]

---The whole reference as Markdown, and whether all examples run.
function M.markdown()
  cr.default_dtype "f64"
  local out, fine, file = {START}, true, nil
  put(out, "## Scalar operations\n\nThe rows of compiler/ops.def: one row is the value, the derivative and this text.")
  for _, row in ipairs(pages.rows) do
    if not OWN[row.name] then fine = show_row(out, row) and fine end
  end
  for _, p in ipairs(all_pages()) do
    if p.file ~= file then
      file = p.file
      put(out, "\n## %s", title(p))
      if file:find "^dsl/ops/" then put(out, "\n```\n%s```", p.head) end
    end
    fine = show_page(out, p) and fine
  end
  local text = table.concat(out, "\n"):gsub("\n\n\n+", "\n\n")
  return text .. "\n", fine
end

---Types of everything a model may use, as LuaCATS: a list of {path, text}.
function M.types()
  local list, known = {}, {}
  for _, p in ipairs(all_pages()) do
    local name = p.name:match "^[^:]*$"
    if name and not known[name] then list[#list + 1], known[name] = p, true end
  end
  local args = {"(x)", "(x, y)", "(x, y, z)"}
  for _, row in ipairs(pages.rows) do
    if not known[row.name] and not OWN[row.name] then
      list[#list + 1] = {name = row.name, text = row.name .. args[row.arity] .. ": " .. row.doc,
        file = "compiler/ops.def", tag = {}}
    end
  end
  return luacats.files(list, core.methods, require "crescent.types"), true
end

---What is wrong with any example, or its derivatives.
function M.verify()
  cr.default_dtype "f64"
  local out, count = {}, 0
  local function verify(name, text, tag)
    local e, why = example.run(text)
    count = count + 1
    if e and not tag.derivative then
      local fine
      fine, why = pcall(example.verify, e)
      if not fine then why = tostring(why) end
    end
    if why then put(out, "%s: %s", name, why) end
  end
  for _, row in ipairs(pages.rows) do
    if not OWN[row.name] then verify(row.name, row_example(row), {derivative = STOPS[row.name]}) end
  end
  for _, p in ipairs(all_pages()) do
    if p.tag.example then
      if not p.tag.norun then verify(p.name, table.concat(p.tag.example, "\n"), p.tag) end
    else
      put(out, "%s: no example (---@example in %s)", p.name, p.file)
    end
  end
  put(out, "%d examples, %d wrong\n", count, #out)
  return table.concat(out, "\n"), #out == 1
end

return M
