-- luacats.lua: how a function is called, read from its comment, and the types of
-- lua-language-server
--
--   conv2d(x {N, C, H, W}, w, stride = 1)      ---@param x cr.Value {N, C, H, W} ..
---@class private
local M = {}

-- Splits at commas outside brackets.
local function split(text)
  local out, depth, from = {}, 0, 1
  for at = 1, #text do
    local c = text:sub(at, at)
    if c:find "[%(%{]" then depth = depth + 1 end
    if c:find "[%)%}]" then depth = depth - 1 end
    if c == "," and depth == 0 then
      out[#out + 1], from = text:sub(from, at - 1), at + 1
    end
  end
  if text:sub(from):find "%S" then out[#out + 1] = text:sub(from) end
  for k, s in ipairs(out) do out[k] = s:match "^%s*(.-)%s*$" end
  return out
end

---The head of a page, "relu(x)", and its description.
function M.head(text)
  local depth = 0
  for at = 1, #text do
    local c = text:sub(at, at)
    if c:find "[%(%{]" then depth = depth + 1 end
    if c:find "[%)%}]" then depth = depth - 1 end
    if depth == 0 and text:find("^: ", at) then return text:sub(1, at - 1), text:sub(at + 2) end
  end
  return text, ""
end

local TYPES = {axis = "cr.Axes", axes = "cr.Axes", dim = "cr.Axes", shape = "cr.Size[]",
  size = "cr.Size|cr.Size[]", dtype = "cr.Dtype", name = "string", f = "function", g = "function",
  body = "function", go_on = "function", forward = "function", backward = "function",
  xs = "cr.Tensor|cr.Tensor[]", ys = "cr.Tensor|cr.Tensor[]", ybars = "cr.Tensor|cr.Tensor[]",
  xdots = "cr.Tensor|cr.Tensor[]", vs = "cr.Tensor|cr.Tensor[]", key = "cr.Tensor",
  boundary = "cr.Boundary", grads = "cr.Tensor[]", lr = "number|function", n = "cr.Size",
  k = "cr.Size", schedule = "number|function", carry = "cr.Value|cr.Value[]"}

local MAY_LACK = {bias = true, weight = true, mask = true, key = true, dtype = true, opts = true}

-- What a function gives where its comment names no results, by its full name and its file.
local function returned(name, file)
  if name == "entry" or name == "train" then return "cr.Entry" end
  if name == "program" then return "cr.Program" end
  if name == "dim" then return "cr.Size" end
  if name == "option" then return "number|string|boolean" end
  if name == "func" or name == "custom_vjp" or name == "op" then
    return "fun(...: cr.Value): cr.Tensor ..."
  end
  if name == "index" or name == "map" or name == "cond" then return "cr.Tensor ..." end
  if name == "cimport" then return "table<string, function>" end
  if name:find "^init%." or file == "dsl/schedule.lua" then return "function" end
  if name:find "^optim%.clip" then return "cr.Tensor[]" end
  if name:find "^optim%." then return "cr.Optimizer" end
  if name == "split" or name == "chunk" or name == "unbind" or name == "meshgrid" then
    return "cr.Tensor[]"
  end
  if name == "grad" or name == "vjp" or name == "jvp" or name == "hvp" or name == "jacobian" then
    return "cr.Tensor|cr.Tensor[]"
  end
  return "cr.Tensor"
end

-- The type of an argument by its name and its default.
local function type_of(name, default)
  if TYPES[name] then return TYPES[name] end
  if default == "true" or default == "false" then return "boolean" end
  if default and default:find '^"' then return "string" end
  if default and tonumber(default) then return "number" end
  return "cr.Value"
end

-- {name =, optional =, type =, doc =} of one argument.
local function argument(text, index, last)
  local ends = text == ".." or text == "..."
  if ends then return {name = "...", type = "any"} end
  local fields = text:match "^%{(.*)%}$"
  if fields then
    local out = {}
    for _, field in ipairs(split(fields)) do
      local name, default = field:match "^([%a_][%w_]*)%s*=%s*(.+)$"
      name = name or field:match "^[%a_][%w_]*"
      if name then out[#out + 1] = name .. "?: " .. type_of(name, default) end
    end
    if not text:find "[=]" and fields:find "%.%." then
      return {name = "list", type = "cr.Value[]"}
    end
    if index > 1 and not fields:find "=" and not last then
      return {name = fields:match "^%s*(%a[%w_]*)" .. "s", type = "cr.Value[]"}
    end
    return {name = "opts", optional = true, type = "{" .. table.concat(out, ", ") .. "}"}
  end
  local name, default = text:match "^([%a_][%w_]*)%s*=%s*(.+)$"
  local quoted = text:match '^"'
  name = name or text:match "^([%a_][%w_]*)" or "arg" .. index
  local shape = text:match "(%b{})"
  local list = text:find "%.%.$"
  if list and not shape then return {name = "...", type = type_of(name)} end
  return {name = name, optional = default ~= nil, type = quoted and "string" or type_of(name, default),
    doc = shape or (default and "default " .. default)}
end

---The arguments and the names of the results of "relu(x) -> y".
function M.signature(head)
  local name, rest = head:match "^([%w_%.:]+)(.*)$"
  local args, results = {}, {}
  local inner = rest:match "^%s*(%b())" or rest:match "^%s*(%b{})"
  if inner then
    local list = inner:sub(1, 1) == "(" and split(inner:sub(2, -2)) or {inner}
    for k, text in ipairs(list) do args[k] = argument(text, k, k == #list) end
  end
  local seen = {}
  for _, a in ipairs(args) do
    while seen[a.name] and a.name ~= "..." do a.name = a.name .. "2" end
    seen[a.name] = true
  end
  if name:find "^optim%." then
    for _, a in ipairs(args) do a.type = a.type:gsub("cr%.Value", "number") end
  end
  local after = false -- what follows an argument with a default has one too
  for _, a in ipairs(args) do
    after = after or a.optional or MAY_LACK[a.name] == true
    a.optional = after and a.name ~= "..."
  end
  for k, text in ipairs(split(rest:match "%->%s*(.*)$" or "")) do
    results[k] = text:match "^([%a_][%w_]*)"
  end
  return name, args, results
end

-- The lines of one function as LuaCATS.
local function declaration(owner, page, tags, out)
  local head, doc = M.head(page.text)
  local full, args, results = M.signature(head)
  local name = full:match "([%w_]+)$"
  local said = doc ~= "" and doc or head
  out[#out + 1] = "---" .. said:gsub("^%-", " -") -- four dashes are a comment like any other
  local names, given = {}, {}
  for _, line in ipairs(tags.param or {}) do
    local n = line:match "^([%w_%.]+)"
    given[#given + 1], names[#names + 1] = line, n
  end
  if #given == 0 then
    for k, a in ipairs(args) do
      names[k] = a.name
      given[k] = ("%s%s %s%s"):format(a.name, a.optional and "?" or "", a.type,
        a.doc and " " .. a.doc or "")
    end
  end
  for _, line in ipairs(given) do out[#out + 1] = "---@param " .. line end
  for _, line in ipairs(tags["return"] or {}) do out[#out + 1] = "---@return " .. line end
  for _, line in ipairs(tags.overload or {}) do out[#out + 1] = "---@overload " .. line end
  if not tags["return"] then
    if #results == 0 then out[#out + 1] = "---@return " .. returned(full, page.file) end
    for _, r in ipairs(results) do out[#out + 1] = "---@return cr.Tensor " .. r end
  end
  out[#out + 1] = ("function %s%s(%s) end"):format(owner, name, table.concat(names, ", "))
  return names
end

-- The class of what stands under cr.NAME.
local function class_of(name) return "cr." .. name:gsub("^%l", string.upper) end

-- The table a page's function is in: "cr", or "linalg" for linalg.inv.
local function owner_of(page) return page.name:match "^([%w_]+)%." or "cr" end

-- Appends the tables that the pages' functions are put in. A class may stand in several files: it
-- has what all of them say.
local function declare_tables(list, methods, out)
  local seen = {}
  local function declare(name, class)
    if seen[name] then return end
    seen[name] = true
    out[#out + 1] = ("---@class %s\nlocal %s = {}\n"):format(class, name)
  end
  for _, p in ipairs(list) do
    local owner = owner_of(p)
    declare(owner, owner == "cr" and "cr" or class_of(owner))
    if rawget(methods, p.name) then declare("Tensor", "cr.Tensor") end
  end
end

-- Appends the functions of the pages, and the methods among them.
local function declare_functions(list, methods, out)
  for _, p in ipairs(list) do
    local names = declaration(owner_of(p) .. ".", p, p.tag, out)
    if rawget(methods, p.name) then
      local rest = table.concat(names, ", ", 2)
      out[#out + 1] = "---As cr." .. p.name .. ", of this tensor.\n---@return cr.Tensor"
      out[#out + 1] = ("function Tensor:%s(%s) end"):format(p.name, rest)
    end
  end
end

-- The class `cr`, with a field for each table of functions in it.
local function main_class(list, out)
  local seen = {cr = true}
  out[#out + 1] = "---@class cr"
  for _, p in ipairs(list) do
    local owner = owner_of(p)
    if not seen[owner] then
      seen[owner] = true
      out[#out + 1] = ("---@field %s %s"):format(owner, class_of(owner))
    end
  end
  out[#out + 1] = "local cr = {}\n"
end

local WRITTEN = "-- Written by `crescent ops --types` from the comments in %s: change those.\n"

---The files of types, {path, text} each: one for each file that has pages. list: of pages in order,
---each {name, file, text, tag}; methods: a set of names that tensors have too; start: the text that
---crescent.lua, whose value `require` gives, begins with.
function M.files(list, methods, start)
  local pages, order, files = {["dsl/crescent.lua"] = {}}, {"dsl/crescent.lua"}, {}
  for _, p in ipairs(list) do
    if not pages[p.file] then
      order[#order + 1], pages[p.file] = p.file, {}
    end
    table.insert(pages[p.file], p)
  end
  for k, file in ipairs(order) do
    local out = {k == 1 and start or "---@meta _\n" .. WRITTEN:format(file)}
    if k == 1 then
      main_class(list, out)
    else
      declare_tables(pages[file], methods, out)
    end
    declare_functions(pages[file], methods, out)
    out[#out + 1] = k == 1 and "\nreturn cr\n" or ""
    files[k] = {(file:gsub("^%w+/", ""):gsub("%.def$", ".lua")), table.concat(out, "\n")}
  end
  return files
end

return M
