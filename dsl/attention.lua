-- attention.lua: scaled dot-product attention: softmax(q k' / sqrt(D)) v (Vaswani et al. 2017)
---@source Vaswani et al. 2017
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local pieces = require "crescent.pieces"
local linear = require "crescent.linear"
local nn = require "crescent.nn"
local reduce = require "crescent.reduce"
local ops = core.ops
local M = {}

local known = {mask = check.NONE, causal = false, scale = check.NONE, dropout = check.a("number",
  0)}

-- The weights {.., T, S}: softmax of the scores, zeros in a row where nothing is allowed.
local function weights(what, q, k, opts)
  q, k = check.floats(what, q, "q"), check.floats(what, k, "k")
  if q.rank < 2 or k.rank < 2 then
    core.fail(what .. ": q must be {.., T, D}, k {.., S, D} and v {.., S, E}", q, k)
  end
  local size = q.shape[q.rank]
  local scale = opts.scale or type(size) == "number" and 1 / math.sqrt(math.max(size, 1))
    or 1 / ops.sqrt(ops.cast(size, q.dtype))
  local score = linear.matmul(q, array.transpose(k)) * scale
  local T, S = score.shape[score.rank - 1], score.shape[score.rank]
  if opts.causal then
    local allowed = array.build({T, S}, function(i, j) return ops.le(j, i) end)
    score = ops.where(allowed, score, -math.huge)
  end
  local mask = opts.mask
  if mask ~= nil then
    mask = check.tensor(what, mask, "the mask")
    if mask.dtype == "bool" then score = ops.where(mask, score, -math.huge)
    elseif mask.dtype == "f32" or mask.dtype == "f64" then score = score + mask
    else
      core.fail(("%s: the mask is of booleans (true: attend) or of floats (added), not %s"):format(
        what, mask.dtype), mask)
    end
  elseif not opts.causal then
    return nn.softmax(score, -1)
  end
  if S == 0 then return score end
  local keep = {keepdim = true}
  local largest = ops.stop_gradient(reduce.max(score, -1, keep))
  local e = ops.exp(score - ops.where(ops.isinf(largest), 0, largest))
  local total = reduce.sum(e, -1, keep)
  return e / ops.where(ops.eq(total, 0), 1, total)
end

---attention(q {.., T, D}, k {.., S, D}, v {.., S, E}, {mask, causal = false, scale, dropout = 0}):
---softmax(q k' scale) v; the mask is true where attention is allowed, or is added if of floats; a
---row in which nothing is allowed gives zeros
---@example cr.attention(cr.const{{1.0, 0.0}, {0.5, 2.0}}, cr.const{{0.3, 1.0}, {1.0, -1.0}}, cr.const{{1.0}, {2.0}})
function M.attention(q, k, v, opts)
  opts = check.options("attention", opts, known)
  v = check.floats("attention", v, "v")
  local w = weights("attention", q, k, opts)
  if opts.dropout > 0 then w = nn.dropout(w, opts.dropout) end
  return linear.matmul(w, v)
end

-- k or v with each head as often as q has heads for it.
local function shared_heads(q, k)
  local what = "scaled_dot_product_attention"
  q, k = check.floats(what, q, "q"), check.floats(what, k, "k and v")
  local many, few = q.rank > 2 and q.shape[q.rank - 2], k.rank > 2 and k.shape[k.rank - 2]
  if math.type(many) ~= "integer" or math.type(few) ~= "integer" or few == 0 or many % few ~= 0 then
    core.fail(what .. ": with enable_gqa the heads of q, axis -3, are a multiple of those of k and v",
      q, k)
  end
  return pieces.repeat_interleave(k, many // few, -3)
end

---scaled_dot_product_attention(q, k, v, attn_mask, dropout_p = 0, is_causal = false, {scale, enable_gqa
---= false}): as attention, with PyTorch's argument order; with enable_gqa the heads, axis -3, of k and v
---serve several of q each
---@example cr.scaled_dot_product_attention(cr.const{{1.0, 0.0}, {0.5, 2.0}}, cr.const{{0.3, 1.0}, {1.0, -1.0}}, cr.const{{1.0}, {2.0}})
function M.scaled_dot_product_attention(q, k, v, ...)
  local o = check.optional("scaled_dot_product_attention", {"attn_mask", "dropout_p", "is_causal",
    "scale", "enable_gqa"}, {attn_mask = check.NONE, dropout_p = check.a("number", 0),
    is_causal = false, scale = check.NONE, enable_gqa = false}, ...)
  if o.enable_gqa then k, v = shared_heads(q, k), shared_heads(q, v) end
  return M.attention(q, k, v, {mask = o.attn_mask, dropout = o.dropout_p, causal = o.is_causal,
    scale = o.scale})
end

-- {N, T, h d} as {N, h, T, d}
local function split_heads(x, heads)
  local per = x.shape[3] // heads
  return array.permute(core.reshape(x, {x.shape[1], x.shape[2], heads, per}), {0, 2, 1, 3})
end

-- The three weights and biases: given apart, or stacked as PyTorch has them.
local function projections(what, w)
  local names = {"q", "k", "v"}
  local weight, bias = {}, {}
  for j, name in ipairs(names) do
    weight[j], bias[j] = w["w_" .. name], w["b_" .. name]
    if w.in_proj_weight ~= nil then
      local E = check.tensor(what, w.in_proj_weight, "in_proj_weight").shape[1] // 3
      weight[j] = array.slice(w.in_proj_weight, 0, (j - 1) * E, j * E)
      if w.in_proj_bias ~= nil then
        bias[j] = array.slice(w.in_proj_bias, 0, (j - 1) * E, j * E)
      end
    end
    if weight[j] == nil then
      core.fail(what .. ": the weights are {in_proj_weight = {3 E, E}, in_proj_bias, w_o, b_o}, or "
        .. "{w_q, w_k, w_v, w_o, b_q, b_k, b_v, b_o}")
    end
  end
  return weight, bias
end

---multi_head_attention(q {N, T, E}, k {N, S, K}, v {N, S, V}, {w_q, w_k, w_v, w_o, b_q, b_k, b_v,
---b_o}, heads, {mask, key_mask, causal = false, dropout = 0}) -> {N, T, E}, weights {N, heads, T, S}:
---each head attends with its part of the projections, as in PyTorch's MultiheadAttention with
---batch_first; in_proj_weight {3 E, E} and in_proj_bias may stand for three. mask {T, S} or {N,
---heads, T, S}, key_mask {N, S}: true where attention is allowed (a mask of floats is added)
---@example local x = cr.const{{{1.0, 0.5}, {0.0, 2.0}}}
---@example local w = cr.const{{0.5, 1.0}, {-1.0, 0.3}}
---@example return cr.multi_head_attention(x, x, x, {w_q = w, w_k = w, w_v = w, w_o = w}, 2)
function M.multi_head_attention(q, k, v, w, heads, opts)
  local what = "multi_head_attention"
  q = check.ranked(what, check.floats(what, q, "q"), "q", 3, "{N, T, E}")
  k = check.ranked(what, check.floats(what, k, "k"), "k", 3, "{N, S, E}")
  v = check.ranked(what, check.floats(what, v, "v"), "v", 3, "{N, S, E}")
  if type(w) ~= "table" or core.is_expr(w) then core.fail(what .. ": the weights are a table") end
  w = check.options(what, w, {w_q = check.NONE, w_k = check.NONE, w_v = check.NONE,
    w_o = check.NONE, b_q = check.NONE, b_k = check.NONE, b_v = check.NONE, b_o = check.NONE,
    in_proj_weight = check.NONE, in_proj_bias = check.NONE})
  heads = check.integer(what, heads, "heads", 1)
  opts = check.options(what, opts, {mask = check.NONE, key_mask = check.NONE, causal = false,
    dropout = check.a("number", 0)})
  local weight, bias = projections(what, w)
  local part = {}
  for j, x in ipairs{q, k, v} do
    local y = linear.linear(x, weight[j], bias[j])
    if not check.same(y.shape[3] // heads * heads, y.shape[3]) then
      core.fail(("%s: %s features cannot be shared among %d heads"):format(what,
        tostring(y.shape[3]), heads), x)
    end
    part[j] = split_heads(y, heads)
  end
  local mask, keys = opts.mask, opts.key_mask
  if keys ~= nil then
    keys = check.ranked(what, keys, "key_mask", 2, "{N, S}")
    if keys.dtype ~= "bool" then core.fail(what .. ": key_mask is of booleans", keys) end
    keys = core.reshape(keys, {keys.shape[1], 1, 1, keys.shape[2]})
    if mask == nil then mask = keys
    elseif check.tensor(what, mask, "the mask").dtype == "bool" then
      mask = ops.logical_and(mask, keys)
    else
      mask = ops.where(keys, mask, -math.huge)
    end
  end
  local a = weights(what, part[1], part[2], {mask = mask, causal = opts.causal})
  local used = opts.dropout > 0 and nn.dropout(a, opts.dropout) or a
  local y = array.permute(linear.matmul(used, part[3]), {0, 2, 1, 3})
  y = core.reshape(y, {y.shape[1], y.shape[2], y.shape[3] * y.shape[4]})
  if w.w_o ~= nil then y = linear.linear(y, w.w_o, w.b_o) end
  return y, a
end

---positional_encoding(T, D, {dtype}): sin and cos of t / 10000^(2 i / D) by turns, {T, D}
---@example cr.positional_encoding(2, 4)
function M.positional_encoding(T, D, opts)
  opts = check.options("positional_encoding", opts, {dtype = core.default_dtype()})
  for name, v in pairs{T = T or false, D = D or false} do
    if not core.is_expr(v) then check.integer("positional_encoding", v, name, 0) end
  end
  return array.build({T, D}, function(t, d)
    local rate = ops.exp(ops.cast(d // 2 * 2, opts.dtype) * (-math.log(10000))
      / ops.cast(D, opts.dtype))
    local angle = ops.cast(t, opts.dtype) * rate
    return ops.where(ops.eq(d % 2, 0), ops.sin(angle), ops.cos(angle))
  end)
end

return M
