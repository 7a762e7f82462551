--[[
models_text.lua: the script of a model that models.lua has drawn

    local text = models_text(kit, twins)      text(model) -> 'local cr = require "crescent" ..'
]]
return function(kit, twins)
  local shape, dim = kit.shape, kit.dim

  -- The names a text mentions.
  local function words(text)
    local t = {}
    for word in text:gmatch("[%a_][%w_]*") do t[word] = true end
    return t
  end

  -- What the values with `wanted` need, by name, themselves too.
  local function needs(model, wanted)
    local needed = {}
    for k = #model.list, 1, -1 do
      local v = model.list[k]
      if wanted(v) then needed[v.name] = true end
      if needed[v.name] and v.text then
        for w in pairs(words(v.text .. (v.twin or ""))) do needed[w] = true end
      end
    end
    return needed
  end

  local function settle(model, text)
    return (text:gsub("REAL", '"' .. model.real .. '"'):gsub("TOL", model.real == "f32" and "1e-6" or "1e-12"))
  end

  local function leaf_text(v)
    local options = v.param and (", {init = cr.init.normal{std = 0.5}%s}"):format(v.type == "int" and ", dtype = \"i32\"" or "")
                    or v.type ~= "real" and (", {dtype = %q}"):format(v.type == "int" and "i32" or "bool") or ""
    return ("cr.%s(%q, %s%s)"):format(v.param and "param" or "input", v.name, shape(v.dims), options)
  end

  -- Appends the statement said in the other way, and both derivatives by a leaf.
  local function say_twin(model, v, lines, out)
    lines[#lines + 1] = ("local %s_twin = %s"):format(v.name, settle(model, v.twin))
    out[#out + 1] = ("%s_twin = %s_twin"):format(v.name, v.name)
    for _, a in ipairs(model.list) do
      if not a.text and a.type == "real" and v.deps[a.name] then
        for _, end_of in ipairs{"", "_twin"} do
          out[#out + 1] = ("%s_bar%s = cr.grad(cr.sum(cr.sin(%s%s)), %s)"):format(v.name, end_of, v.name, end_of, a.name)
        end
        return
      end
    end
  end

  -- All statements again, each in disguise, as an entry whose results have the same names.
  local function say_disguised(model, needed, lines, inputs)
    local new, out = {}, {}
    for _, v in ipairs(model.list) do
      if needed[v.name] and v.text then
        local text = settle(model, v.text:gsub("[%a_][%w_]*", new))
        new[v.name] = v.name .. "_again"
        lines[#lines + 1] = ("local %s = %s"):format(new[v.name], text)
        if v.disguise then
          lines[#lines + 1] = ("%s = %s"):format(new[v.name], settle(model, twins.disguised(v.disguise, v, new[v.name])))
        end
      end
      if v.out then out[#out + 1] = ("%s = %s"):format(v.name, new[v.name]) end
    end
    return ("  again = cr.entry{ inputs = {%s}, outputs = { %s } },"):format(inputs, table.concat(out, ", "))
  end

  -- The last result as a function of one leaf, mapped over three, and called three times.
  local function say_mapped(model, last, lines)
    local needed, inputs, over = needs(model, function(v) return v == last end), {}, nil
    for _, v in ipairs(model.list) do
      if needed[v.name] and not v.text and not v.param then
        if not over and v.type == "real" then over = v else inputs[#inputs + 1] = v.name end
      end
    end
    if not over then return end
    lines[#lines + 1] = ("local function each(%s)"):format(over.name)
    for _, v in ipairs(model.list) do
      if needed[v.name] and v.text then lines[#lines + 1] = ("  local %s = %s"):format(v.name, settle(model, v.text)) end
    end
    local dims = table.move(over.dims, 1, #over.dims, 2, {dim(3)})
    lines[#lines + 1] = ("  return %s\nend\nlocal batch = cr.input(\"batch\", %s)"):format(last.name, shape(dims))
    inputs[#inputs + 1] = "batch"
    local calls = {}
    for k = 0, 2 do calls[k + 1] = ("each(cr.select(batch, 0, %d))"):format(k) end
    return ("  mapped = cr.entry{ inputs = {%s}, outputs = { all = cr.map(each, batch), all_twin = cr.stack({%s}, 0) } },"):format(
      table.concat(inputs, ", "), table.concat(calls, ", "))
  end

  -- Whether a parameter reaches the value.
  local function trainable(model, loss)
    local under, has = {[loss.name] = true}, false
    for k = #model.list, 1, -1 do
      local v = model.list[k]
      if under[v.name] and v.text then
        for w in pairs(words(v.text)) do under[w] = true end
      end
      has = has or v.param and under[v.name]
    end
    return has
  end

  -- The script of a model. Statements that no result needs are left out.
  local function text(model)
    local needed, out, lines = needs(model, function(v) return v.out end), {}, {}
    lines[1] = 'local cr = require "crescent"'
    lines[2] = ("cr.default_dtype %q"):format(model.real)
    lines[3] = 'local N, M = cr.dim("N", 5), cr.dim("M", 4)'
    local inputs, entries, loss, disguised = {}, {}, nil, false
    for _, v in ipairs(model.list) do
      if needed[v.name] then
        if not v.text and not v.param then inputs[#inputs + 1] = v.name end
        lines[#lines + 1] = ("local %s = %s"):format(v.name, settle(model, v.text or leaf_text(v)))
        disguised = disguised or v.disguise
      end
      if v.out then
        out[#out + 1] = ("%s = %s"):format(v.name, v.name)
        if v.type == "real" then loss = v end
        if v.twin and v.text then say_twin(model, v, lines, out) end
      end
    end
    local list = table.concat(inputs, ", ")
    entries[1] = ("  run = cr.entry{ inputs = {%s}, outputs = { %s } },"):format(list, table.concat(out, ", "))
    if disguised then entries[2] = say_disguised(model, needed, lines, list) end
    if model.part and loss then
      entries[#entries + 1] = ("  part = cr.entry{ inputs = {%s}, outputs = { y = cr.sum(cr.tanh(%s)) } },"):format(list, loss.name)
    end
    if model.mapped and loss then entries[#entries + 1] = say_mapped(model, loss, lines) end
    if model.train and loss and trainable(model, loss) then
      entries[#entries + 1] = ("  train = cr.train{ inputs = {%s}, loss = cr.mean(cr.tanh(%s)) + 0.1 * cr.mean(cr.square(%s)), optimizer = cr.optim.%s{ lr = 0.01 } },"):format(
        list, loss.name, model.list[2].name, model.optim)
    end
    return ("%s\nreturn cr.program(\"random\", {\n%s\n})\n"):format(table.concat(lines, "\n"), table.concat(entries, "\n"))
  end

  return text
end
