-- crescent.lua: require "crescent": everything a model may use, in one table
--
-- Operations come from ops.def (core.ops), the rest from the files beside this one; a name that is
-- not there is an error that says which one is near.
---@source this project
local core = require "crescent.core"
local check = require "crescent.check"

local cr, methods = {}, core.methods

-- Takes the functions of a file into cr; arguments they do not have are refused. Their results are
-- called after them in the emitted C, unless the script has a name for them.
local function merge(from, hinted)
  for name, value in pairs(from) do
    assert(cr[name] == nil, name)
    cr[name] = (hinted and core.hinted or core.counted)(name, value)
  end
end

-- The functions of a table, which refuse arguments they do not have.
local function counted(prefix, t)
  for name, f in pairs(t) do
    if type(f) == "function" then t[name] = core.counted(prefix .. name, f) end
  end
end

local hidden = {philox = true, uniform = true, softplus = true, same = true, after = true}
for name, f in pairs(core.ops) do
  if not hidden[name] then cr[name] = f end
end
cr.stop_gradient = nil
for _, file in ipairs{"array", "pieces", "matrix", "reduce", "linear", "activation", "nn", "norm",
  "conv", "pool", "window", "resize", "loss", "metric", "order", "soft_order", "order_pool", "running", "recurrent",
  "attention", "align", "qp", "sinkhorn", "discrete"} do
  merge(require("crescent." .. file), true)
end
for _, file in ipairs{"derive", "control", "branch", "program"} do merge(require("crescent." .. file),
  false) end
cr.op = require("crescent.op").op
cr.build, cr.pointwise, cr.steps, cr.scalar_loss, cr.parts = nil, nil, nil, nil, nil
cr.declared = nil
cr.cimport = require("crescent.cimport").cimport

---index("i j k"), index{i = N}: indices, one value a name; the extents of the second form are stated
---@example local i, j, k = cr.index "i j k"
---@example local A, B = cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}}
---@example return cr.tensor({i, j}, cr.sum(k, A(i, k) * B(k, j)))
cr.index = core.index
cr.random = require "crescent.random"
cr.init = require "crescent.init"
cr.optim = require "crescent.optim"
cr.random.updates = nil
cr.linalg = require "crescent.linalg"
cr.prox = require "crescent.prox"
cr.submodular = require "crescent.submodular"
cr.crf, cr.hmm = require("crescent.crf").crf, require("crescent.crf").hmm
for name, f in pairs(require("crescent.semi_markov")) do cr.crf[name] = f end
for _, name in ipairs{"tree", "tree_marginals", "tree_entropy", "tree_score", "tree_nll", "tree_ssvm_loss",
  "tree_kbest", "tree_sample"} do
  cr.crf[name] = require("crescent.tree")[name]
end
for _, name in ipairs{"mean_field", "elbo", "mean_field_kl"} do
  cr.crf[name] = require("crescent.mean_field")[name]
end

cr.crf.dense_mean_field = require("crescent.dense").dense_mean_field
cr.filter = {gaussian = require("crescent.filter").gaussian}

---tensor({i, j}, expression, extents): out[i, j] = expression
---@example local i, j, k = cr.index "i j k"
---@example local A, B = cr.const{{1.0, 2.0}, {3.0, 5.0}}, cr.const{{2.0, 0.5}, {0.5, 1.0}}
---@example return cr.tensor({i, j}, cr.sum(k, A(i, k) * B(k, j)))
function cr.tensor(indices, expression, extents)
  if expression == nil then core.fail "tensor: write cr.tensor({i, j}, expression)" end
  return core.tensor(indices, expression, extents)
end

---scatter(shape, "sum"|"prod"|"max"|"min"|"set", {i, j}, {at..}, value, extents): out[at] (+)=
---value; and as in PyTorch scatter(x, axis, ids, values), which is put_along_axis(x, ids, values, axis)
---@example local i = cr.index "i"
---@example local ids, x = cr.const{0, 2, 0}, cr.const{1.0, 2.0, 4.0}
---@example return cr.scatter({3}, "sum", {i}, ids(i), x(i))
function cr.scatter(shape, how, indices, at, value, extents)
  if core.is_expr(shape) then return cr.put_along_axis(shape, indices, at, how) end
  if value == nil then
    core.fail "scatter: write cr.scatter(shape, \"sum\", {i}, {at(i)}, value(i))"
  end
  return core.scatter(shape, how, indices, at, value, extents)
end

---zero_outside(x, axes..): x, whose reads outside are 0, along the axes given or all
---@example local i = cr.index "i"
---@example local x = cr.const{1.0, 2.0, 4.0}
---@example return cr.tensor({i}, cr.zero_outside(x)(i - 1) + 10 * cr.zero_outside(x)(i + 1), {3})

---clamp_to_edge(x, axes..): x, whose reads outside take the nearest element
---@example local i = cr.index "i"
---@example local x = cr.const{1.0, 2.0, 4.0}
---@example return cr.tensor({i}, cr.clamp_to_edge(x)(i - 1) + 10 * cr.clamp_to_edge(x)(i + 1), {3})

---mirror(x, axes..): x continued by its mirror image, the edge twice: x[-1] is x[0]
---@example local i = cr.index "i"
---@example local x = cr.const{1.0, 2.0, 4.0}
---@example return cr.tensor({i}, cr.mirror(x)(i - 1) + 10 * cr.mirror(x)(i + 1), {3})

---reflect(x, axes..): x continued by its mirror image, the edge once: x[-1] is x[1]
---@example local i = cr.index "i"
---@example local x = cr.const{1.0, 2.0, 4.0}
---@example return cr.tensor({i}, cr.reflect(x)(i - 1) + 10 * cr.reflect(x)(i + 1), {3})

---wrap(x, axes..): x continued periodically: x[-1] is the last element
---@example local i = cr.index "i"
---@example local x = cr.const{1.0, 2.0, 4.0}
---@example return cr.tensor({i}, cr.wrap(x)(i - 1) + 10 * cr.wrap(x)(i + 1), {3})

for _, rule in ipairs{"zero_outside", "clamp_to_edge", "mirror", "reflect", "wrap"} do
  cr[rule] = function(x, ...) return core.wrap(rule, x, ...) end
end

-- What makes sense as x:name(...).
local method_names = [[
  reshape flatten unflatten permute transpose swapaxes movedim squeeze unsqueeze expand slice narrow
  select split chunk unbind index_select gather take take_along_axis put_along_axis scatter_add
  scatter_reduce index_add masked_fill flip roll rot90 tile repeat_interleave pad tril triu diag
  diagonal diag_embed trace sum prod max min amax amin any all argmax argmin count_nonzero nansum
  nanmean logsumexp mean var std norm matmul dot mm mv bmm outer kron cross cast clamp clip softmax
  log_softmax relu square reciprocal isfinite nan_to_num cumsum cumprod cummax cummin logcumsumexp
  diff sort argsort topk kthvalue median mode quantile]]
for name in method_names:gmatch "%S+" do methods[name] = cr[name] end
for name, f in pairs(core.ops) do
  if not hidden[name] then methods[name] = methods[name] or f end
end

local elsewhere = require "crescent.names"

local places = {} -- by prefix: the functions under it

-- ": it is here cr.linalg.det" for a name that another table has, or nothing.
local function in_other_place(prefix, name)
  local found
  for place, known in pairs(places) do
    if place ~= prefix and rawget(known, name) and not (found and found < place) then found = place end
  end
  return found and (": it is here %s%s"):format(found, name)
end

local function complain(prefix, known)
  return function(_, name)
    core.fail(("%s%s does not exist%s"):format(prefix, tostring(name), elsewhere(prefix, name)
      or in_other_place(prefix, name) or check.hint(name, known)))
  end
end

local function locked(name)
  return function() core.fail(
    name .. " cannot be changed; keep your own functions in your own table") end
end

local function seal(t, name)
  if t ~= cr then counted(name:sub(4), t) end
  places[name] = t
  return setmetatable(t, {__index = complain(name, t), __newindex = locked(name:sub(1, -2))})
end

seal(cr.optim, "cr.optim.")
seal(cr.linalg, "cr.linalg.")
seal(cr.prox, "cr.prox.")
seal(cr.submodular, "cr.submodular.")
seal(cr.random, "cr.random.")
seal(cr.init, "cr.init.")
seal(cr.filter, "cr.filter.")
setmetatable(methods, {__index = complain("tensor:", methods)})
return seal(cr, "cr.")
