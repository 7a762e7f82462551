-- recurrent.lua: recurrent cells along time, and attention; weights and gates as in PyTorch
--
-- x is {T, N, D}, time first; w_ih {gates H, D}, w_hh {gates H, H}, biases {gates H} or nil.
local core = require "crescent.core"
local check = require "crescent.check"
local array = require "crescent.array"
local control = require "crescent.control"
local linear = require "crescent.linear"
local nn = require "crescent.nn"
local ops = core.ops
local M = {}

-- The k-th of the n parts of x's last axis.
local function gate(x, k, n)
  local size = x.shape[x.rank] // n
  return array.slice(x, -1, (k - 1) * size, k * size)
end

local function start(what, x, h, w_hh)
  x = check.ranked(what, x, "x", 3, "{T, N, D}")
  w_hh = check.ranked(what, w_hh, "w_hh", 2, "{gates H, H}")
  if h == nil then h = core.full({x.shape[2], w_hh.shape[2]}, 0, x.dtype) end
  return x, h
end

---rnn(x, h, w_ih, w_hh, b_ih, b_hh) -> outputs {T, N, H}, last h: h' = tanh(W x + U h + b)
function M.rnn(x, h, w_ih, w_hh, b_ih, b_hh)
  x, h = start("rnn", x, h, w_hh)
  local last, ys = control.scan(function(c, u)
    local next = ops.tanh(linear.linear(u, w_ih, b_ih) + linear.linear(c, w_hh, b_hh))
    return next, next
  end, h, x, {name = "rnn"})
  return ys, last
end

---gru(x, h, w_ih, w_hh, b_ih, b_hh) -> outputs, last h; gates r, z, n (Cho et al. 2014)
function M.gru(x, h, w_ih, w_hh, b_ih, b_hh)
  x, h = start("gru", x, h, w_hh)
  local last, ys = control.scan(function(c, u)
    local a, b = linear.linear(u, w_ih, b_ih), linear.linear(c, w_hh, b_hh)
    local r = ops.sigmoid(gate(a, 1, 3) + gate(b, 1, 3))
    local z = ops.sigmoid(gate(a, 2, 3) + gate(b, 2, 3))
    local n = ops.tanh(gate(a, 3, 3) + r * gate(b, 3, 3))
    local next = (1 - z) * n + z * c
    return next, next
  end, h, x, {name = "gru"})
  return ys, last
end

---lstm(x, {h, c}, w_ih, w_hh, b_ih, b_hh, {peephole = {p_i, p_f, p_o}}) -> outputs, {last h, last
---c}; gates i, f, g, o (Hochreiter and Schmidhuber 1997; diagonal peepholes of Gers et al. 2002)
function M.lstm(x, hc, w_ih, w_hh, b_ih, b_hh, opts)
  opts = check.options("lstm", opts, {peephole = check.NONE})
  local h, c = hc and hc[1], hc and hc[2]
  x, h = start("lstm", x, h, w_hh)
  if c == nil then c = core.full(h.shape, 0, x.dtype) end
  local p = opts.peephole
  local last, ys = control.scan(function(s, u)
    local a = linear.linear(u, w_ih, b_ih) + linear.linear(s[1], w_hh, b_hh)
    local function look(k, which, cell)
      return p and gate(a, k, 4) + p[which] * cell or gate(a, k, 4)
    end
    local i, f = ops.sigmoid(look(1, 1, s[2])), ops.sigmoid(look(2, 2, s[2]))
    local cell = f * s[2] + i * ops.tanh(gate(a, 3, 4))
    local out = ops.sigmoid(look(4, 3, cell)) * ops.tanh(cell)
    return {out, cell}, out
  end, {h, c}, x, {name = "lstm"})
  return ys, last
end

---attention(q {.., T, D}, k {.., S, D}, v {.., S, E}, {causal, mask, scale}): softmax(q k' scale)
---v; mask is true (or added, if a float) where attention is allowed
function M.attention(q, k, v, opts)
  q, k, v = check.tensor("attention", q), check.tensor("attention", k), check.tensor("attention", v)
  opts = check.options("attention", opts, {causal = false, mask = check.NONE, scale = check.NONE})
  local scale = opts.scale or 1 / ops.sqrt(ops.cast(q.shape[q.rank], q.dtype))
  local score = linear.matmul(q, array.transpose(k)) * scale
  if opts.causal then
    local T, S = score.shape[score.rank - 1], score.shape[score.rank]
    local allowed = array.build({T, S}, function(i, j) return ops.le(j, i) end)
    score = ops.where(allowed, score, -math.huge)
  end
  if opts.mask ~= nil then
    if opts.mask.dtype == "bool" then score = ops.where(opts.mask, score, -math.huge)
    else score = score + opts.mask end
  end
  return linear.matmul(nn.softmax(score, -1), v)
end

return M
