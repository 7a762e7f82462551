-- linear.lua: products of tensors
---@source NumPy's matmul and einsum; torch.nn.functional.linear
local core = require "crescent.core"
local check = require "crescent.check"
local unpack = table.unpack
local M = {}

local function shapes(what, a, b, why)
  local la, sa = core.label(a)
  local lb, sb = core.label(b)
  core.fail(("%s: %s has shape %s and %s has %s: %s"):format(what, la, sa, lb, sb, why), a, b)
end

---matmul(a, b): vectors, matrices, or stacks of matrices whose leading axes broadcast
---@example cr.matmul(cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.matmul(a, b)
  a, b = check.tensor("matmul", a, "the first factor"), check.tensor("matmul", b,
    "the second factor")
  local ra, rb = a.rank, b.rank
  if ra == 0 or rb == 0 then shapes("matmul", a, b, "a scalar has no axis to sum over; use *") end
  local columns, rows = a.shape[ra], b.shape[rb == 1 and 1 or rb - 1]
  if not check.same(columns, rows) then
    shapes("matmul", a, b, ("%s columns meet %s rows"):format(tostring(columns), tostring(rows)))
  end
  local nbatch = math.max(ra, rb, 2) - 2
  local index = {core.fresh(nbatch + 3)}
  local i, j, k = index[nbatch + 1], index[nbatch + 2], index[nbatch + 3]
  local out, shape, ia, ib = {}, {}, {}, {}
  for d = 1, nbatch do
    local da, db = d - (nbatch - (ra - 2)), d - (nbatch - (rb - 2))
    local sa, sb = da >= 1 and a.shape[da] or 1, db >= 1 and b.shape[db] or 1
    if sa ~= 1 and sb ~= 1 and not check.same(sa, sb) then
      shapes("matmul", a, b, ("%s and %s matrices do not broadcast"):format(tostring(sa),
        tostring(sb)))
    end
    out[d], shape[d] = index[d], sa == 1 and sb or sa
    if da >= 1 then ia[da] = sa == 1 and 0 or index[d] end
    if db >= 1 then ib[db] = sb == 1 and 0 or index[d] end
  end
  if ra >= 2 then
    ia[#ia + 1], out[#out + 1], shape[#shape + 1] = i, i, a.shape[ra - 1]
  end
  ia[#ia + 1], ib[#ib + 1] = k, k
  if rb >= 2 then
    ib[#ib + 1], out[#out + 1], shape[#shape + 1] = j, j, b.shape[rb]
  end
  return core.tensor(out, (core.reduce("sum", k, a(unpack(ia)) * b(unpack(ib)))), shape)
end

---linear(x, weight, bias): x weight' + bias with weight {out, in}, as in PyTorch
---@example cr.linear(cr.const{1.0, -1.0}, cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{0.5, 0.25})
function M.linear(x, weight, bias)
  x, weight = check.tensor("linear", x, "x"), check.ranked("linear", weight, "weight", 2,
    "{out, in}")
  if x.rank == 0 or not check.same(x.shape[x.rank], weight.shape[2]) then
    shapes("linear", x, weight, "the last axes must agree; weight is {out, in}")
  end
  local index, shape = {core.fresh(x.rank + 1)}, x.shape
  local k = table.remove(index)
  local at = {unpack(index)}
  at[#at], shape[#shape] = k, weight.shape[1]
  local y = core.tensor(index, (core.reduce("sum", k, x(unpack(at)) * weight(index[#index], k))),
    shape)
  return bias ~= nil and y + bias or y
end

-- The axes a term leaves to "...", counted from the last one, as indices; those of one element
-- broadcast.
local function dotted(terms, args)
  local sizes, indices = {}, {}
  for k, term in ipairs(terms) do
    local x, letters = args[k], #term:gsub("%W", "")
    local last = #(term:match "^(%a*)%." or "") + x.rank - letters
    for d = 1, term:find(".", 1, true) and x.rank - letters or 0 do
      local size = x.shape[last - d + 1]
      if not sizes[d] or sizes[d] == 1 then sizes[d] = size
      elseif size ~= 1 and not check.same(size, sizes[d]) then
        core.fail(("einsum: axis %d of %s, of shape %s, does not broadcast with %s"):format(last - d,
          core.label(x), select(2, core.label(x)), tostring(sizes[d])), x)
      end
    end
  end
  for d = 1, #sizes do indices[d] = core.fresh(1) end
  return sizes, indices
end

-- The terms on the left of a text, the result's (nil: not said) and the tensors, which fit them.
local function einsum_terms(text, args)
  local clean = text:gsub("%s", "")
  local left, right = clean:match "^([%a,.]*)%->([%a.]*)$"
  left = left or clean:match "^[%a,.]*$"
  local terms = {}
  for term in ((left or "?") .. ","):gmatch "([^,]*)," do terms[#terms + 1] = term end
  for _, term in ipairs{right or "", table.unpack(terms)} do
    local one = term:gsub("%.%.%.", "", 1)
    if one:find "%A" then
      core.fail(("einsum: '%s' is not of the form \"ij,jk->ik\""):format(text))
    end
  end
  if #args ~= #terms then
    core.fail(("einsum: '%s' has %d terms, but %d tensors are given"):format(text, #terms, #args))
  end
  for k, term in ipairs(terms) do
    local x, letters = check.tensor("einsum", args[k], "tensor " .. k), #term:gsub("%.", "")
    if x.rank < letters or x.rank > letters and letters == #term then
      core.fail(("einsum: '%s' names %d axes, but %s has shape %s"):format(term, letters,
        core.label(x)), x)
    end
    args[k] = x
  end
  return terms, right, args
end

---einsum("bij,bjk->bik", a, b, ..): sums over the letters the result lacks; "..." stands for further
---axes, which broadcast
---@example cr.einsum("ij,jk->ik", cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}})
function M.einsum(text, ...)
  if type(text) ~= "string" then
    core.fail("einsum: the first argument is a text such as \"ij,jk->ik\"")
  end
  local terms, right, args = einsum_terms(text, {...})
  local index, count, order = {}, {}, {}
  local sizes, dots = dotted(terms, args)
  local product
  for k, term in ipairs(terms) do
    local x, at = args[k], {}
    for letter in term:gsub("%.%.%.", "."):gmatch "." do
      if letter == "." then
        for d = x.rank - #term + 3, 1, -1 do
          at[#at + 1] = x.shape[#at + 1] == 1 and sizes[d] ~= 1 and 0 or dots[d]
        end
      else
        if not index[letter] then
          index[letter], order[#order + 1] = core.index(letter), letter
        end
        count[letter] = (count[letter] or 0) + 1
        at[#at + 1] = index[letter]
      end
    end
    local read = x(unpack(at))
    product = product and product * read or read
  end
  if not right then -- as in NumPy: letters that stand once, in order
    local once = {}
    for _, letter in ipairs(order) do if count[letter] == 1 then once[#once + 1] = letter end end
    table.sort(once)
    right = (#dots > 0 and "..." or "") .. table.concat(once)
  end
  local out, kept, ks = {}, {}, {}
  for letter in right:gsub("%.%.%.", "."):gmatch "." do
    if letter == "." then
      for d = #dots, 1, -1 do out[#out + 1] = dots[d] end
    else
      if not index[letter] then
        core.fail(("einsum: '%s' has the letter %s on the right only"):format(text, letter))
      end
      out[#out + 1], kept[letter] = index[letter], true
    end
  end
  for _, letter in ipairs(order) do if not kept[letter] then ks[#ks + 1] = index[letter] end end
  if not right:find(".", 1, true) then
    for d = #dots, 1, -1 do ks[#ks + 1] = dots[d] end
  end
  return core.tensor(out, #ks > 0 and (core.reduce("sum", ks, product)) or product)
end

return M
