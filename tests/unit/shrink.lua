--[[
shrink.lua: a model of models.lua that fails, made smaller while it still fails in the same way

    v9 = cr.tanh(cr.matmul(v3, v7))   becomes   cr.matmul(v3, v7), v3, v7, or an input of its shape
]]
-- The places of calls cr.f(a, b): start, end, arguments.
local function calls(text)
  local found, at = {}, 1
  while true do
    local s, open = text:find("[%w_%.]*%(", at)
    if not s then return found end
    local depth, args, from, last = 0, {}, open + 1, nil
    for p = open, #text do
      local c = text:sub(p, p)
      if c:find("[%(%{%[]") then depth = depth + 1 end
      if c:find("[%)%}%]]") then depth = depth - 1 end
      if depth == 0 or (depth == 1 and c == ",") then
        args[#args + 1] = text:sub(from, p - 1):match("^%s*(.-)%s*$")
        from = p + 1
      end
      if depth == 0 then last = p break end
    end
    if not last then return found end
    found[#found + 1] = {s, last, args}
    at = open + 1
  end
end

local function clone(model)
  local m = {}
  for k, v in pairs(model) do m[k] = v end
  m.list = {}
  for k, v in ipairs(model.list) do
    m.list[k] = {}
    for key, value in pairs(v) do m.list[k][key] = value end
  end
  return m
end

-- Smaller models, one step away, the largest steps first.
local function steps(text_of, model)
  local list = {}
  local function step(f)
    local m = clone(model)
    f(m)
    list[#list + 1] = text_of(m) ~= text_of(model) and m or nil
  end
  for _, extra in ipairs{"train", "part", "mapped"} do
    if model[extra] then step(function(m) m[extra] = false end) end
  end
  for k = #model.list, 1, -1 do
    if model.list[k].out then
      step(function(m)
        m.list[k].out = false
        for _, v in ipairs(m.list) do
          if v.out then return end
        end
        for j = k - 1, 1, -1 do -- the result before it instead
          if m.list[j].text then m.list[j].out = true return end
        end
        m.list[k].out = true
      end)
    end
    if model.list[k].text then step(function(m) m.list[k].text = nil end) end
    if model.list[k].disguise then step(function(m) m.list[k].disguise = nil end) end
    if model.list[k].twin then step(function(m) m.list[k].twin = nil end) end
  end
  if model.real == "f32" then step(function(m) m.real = "f64" end) end
  for k = #model.list, 1, -1 do
    for _, c in ipairs(model.list[k].text and calls(model.list[k].text) or {}) do
      for _, a in ipairs(c[3]) do
        step(function(m)
          local t = m.list[k].text
          m.list[k].text = t:sub(1, c[1] - 1) .. a .. t:sub(c[2] + 1)
        end)
      end
    end
  end
  return list
end

-- The smallest model found of which `try` still says `what`; patience: how many are tried.
return function(text_of, model, try, what, patience)
  local budget = patience or 150
  while true do
    local better
    for _, m in ipairs(steps(text_of, model)) do
      budget = budget - 1
      if budget < 0 then return model end
      local ok, text = pcall(text_of, m)
      if ok and try(text) == what then
        better = m
        break
      end
    end
    if not better then return model end
    model = better
  end
end
