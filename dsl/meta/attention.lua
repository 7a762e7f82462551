---@meta _
-- Written by `crescent ops --types` from the comments in dsl/attention.lua: change those.

---@class cr
local cr = {}

---softmax(q k' scale) v; the mask is true where attention is allowed, or is added if of floats; a row in which nothing is allowed gives zeros
---@param q cr.Value {.., T, D}
---@param k cr.Size {.., S, D}
---@param v cr.Value {.., S, E}
---@param opts? {mask?: cr.Value, causal?: boolean, scale?: cr.Value, dropout?: number}
---@return cr.Tensor
function cr.attention(q, k, v, opts) end
---as attention, with PyTorch's argument order; with enable_gqa the heads, axis -3, of k and v serve several of q each
---@param q cr.Value
---@param k cr.Size
---@param v cr.Value
---@param attn_mask cr.Value
---@param dropout_p? number default 0
---@param is_causal? boolean default false
---@param opts? {scale?: cr.Value, enable_gqa?: boolean}
---@return cr.Tensor
function cr.scaled_dot_product_attention(q, k, v, attn_mask, dropout_p, is_causal, opts) end
---each head attends with its part of the projections, as in PyTorch's MultiheadAttention with batch_first; in_proj_weight {3 E, E} and in_proj_bias may stand for three. mask {T, S} or {N, heads, T, S}, key_mask {N, S}: true where attention is allowed (a mask of floats is added)
---@param q cr.Value {N, T, E}
---@param k cr.Size {N, S, K}
---@param v cr.Value {N, S, V}
---@param w_qs cr.Value[]
---@param heads cr.Value
---@param opts? {mask?: cr.Value, key_mask?: cr.Value, causal?: boolean, dropout?: number}
---@return cr.Tensor
function cr.multi_head_attention(q, k, v, w_qs, heads, opts) end
---sin and cos of t / 10000^(2 i / D) by turns, {T, D}
---@param T cr.Value
---@param D cr.Value
---@param opts? {dtype?: cr.Dtype}
---@return cr.Tensor
function cr.positional_encoding(T, D, opts) end
