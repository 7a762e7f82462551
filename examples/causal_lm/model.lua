-- letters from the letters before: a transformer (Vaswani et al. 2017), or dilated causal convolutions with
-- gates (WaveNet, van den Oord et al. 2016; -D net=wavenet)
--
--   transformer block   h += attention(norm(h), causal),  h += W2 gelu(W1 norm(h))
--   wavenet block       z = W h(t) + V h(t - d) + b,  g = tanh(z_1) sigmoid(z_2),  h += A g,  skip += B g
--
-- All letters of a row are guessed at once, each from those to its left. Rows are made by char_rnn/data.sh.
local cr = require "crescent"

local net, D, blocks = cr.option("net", "transformer"), cr.option("size", 64), cr.option("blocks", 0)
local V, heads = 128, 4
local N, T, L = cr.dim("N", 16), cr.option("row", 64), cr.dim("L", 300)
local text = cr.input("text", { N, T + 1 }, { dtype = "i32" })

local function weight(name, out, into) return cr.param(name, { out, into }, { init = cr.init.xavier() }) end
local function bias(name, n, first) return cr.param(name, { n }, { init = first or 0 }) end
local letters = cr.param("letters", { V, D }, { init = cr.init.normal { std = 0.5 } })
local out_w, out_b = weight("out.w", V, D), bias("out.b", V)

-- Each function makes a block's parameters once; what it returns is applied to {n, T, D}.
local function transformer_block(k)
  local function p(name) return "block" .. k .. "." .. name end
  local wq, wk, wv, wo = weight(p "q", D, D), weight(p "k", D, D), weight(p "v", D, D), weight(p "o", D, D)
  local w1, b1, w2, b2 = weight(p "w1", 4 * D, D), bias(p "b1", 4 * D), weight(p "w2", D, 4 * D), bias(p "b2", D)
  local scale, shift = { bias(p "scale1", D, 1), bias(p "scale2", D, 1) }, { bias(p "shift1", D), bias(p "shift2", D) }
  local function norm(h, i) return cr.layer_norm(h, { D }, scale[i], shift[i]) end
  return function(h, n)
    local function split(x) return cr.permute(cr.reshape(x, { n, T, heads, D // heads }), { 0, 2, 1, 3 }) end
    local x = norm(h, 1)
    local seen = cr.attention(split(cr.linear(x, wq)), split(cr.linear(x, wk)), split(cr.linear(x, wv)), { causal = true })
    h = h + cr.linear(cr.reshape(cr.permute(seen, { 0, 2, 1, 3 }), { n, T, D }), wo)
    return h + cr.linear(cr.gelu(cr.linear(norm(h, 2), w1, b1)), w2, b2)
  end
end

local function wavenet_block(k)
  local function p(name) return "block" .. k .. "." .. name end
  local now, past, b = weight(p "now", 2 * D, D), weight(p "past", 2 * D, D), bias(p "b", 2 * D)
  local stay, skip = weight(p "stay", D, D), weight(p "skip", D, D)
  local d = 1 << (k - 1)
  local n_, t, c = cr.index "n t c"
  return function(h, n, sum)
    local before = cr.tensor({ n_, t, c }, cr.zero_outside(h)(n_, t - d, c), { n, T, D })
    local z = cr.linear(h, now, b) + cr.linear(before, past)
    local g = cr.tanh(cr.slice(z, -1, 0, D)) * cr.sigmoid(cr.slice(z, -1, D, 2 * D))
    return h + cr.linear(g, stay), sum + cr.linear(g, skip)
  end
end

local count = blocks > 0 and blocks or net == "wavenet" and 6 or 2
local made = {}
for k = 1, count do made[k] = (net == "wavenet" and wavenet_block or transformer_block)(k) end
local place = net ~= "wavenet" and cr.param("places", { T, D }, { init = cr.init.normal { std = 0.1 } })

-- The scores {n, T, V} of the letter after each of {n, T}.
local function scores(x, n)
  local h, sum = cr.embedding(x, letters), 0
  if place then h = h + place end
  for k = 1, count do h, sum = made[k](h, n, sum) end
  return cr.linear(net == "wavenet" and cr.relu(sum) or h, out_w, out_b)
end

local n, t = cr.index "n t"
local seen, right = cr.tensor({ n, t }, text(n, t), { N, T }), cr.tensor({ n, t }, text(n, t + 1), { N, T })
local loss = cr.mean(cr.cross_entropy(cr.reshape(scores(seen, N), { N * T, V }), cr.reshape(right, { N * T })))
local bits = loss / math.log(2)

-- Writing: the last T letters move to the left by one each time.
local prime, temperature = cr.input("prime", { T }, { dtype = "i32" }), cr.input("temperature", {})
local _, written = cr.scan(function(w, g)
  local s = scores(cr.reshape(w, { 1, T }), 1)
  local letter = cr.cast(cr.argmax(cr.reshape(cr.slice(s, 1, T - 1, T), { V }) / temperature + g, 0), "i32")
  local moved = cr.tensor({ t }, cr.where(cr.lt(t, T - 1), cr.clamp_to_edge(w)(t + 1), letter), { T })
  return moved, letter
end, prime, cr.random.gumbel { L, V })

return cr.program("causal_lm", {
  train = cr.train { inputs = { text }, loss = loss, metrics = { bits = bits }, clip_norm = 1,
    optimizer = cr.optim.adam { lr = cr.optim.warmup { steps = 100, schedule = cr.option("rate", 2e-3) } } },
  score = cr.entry { inputs = { text }, outputs = { bits = bits } },
  write = cr.entry { inputs = { prime, temperature }, outputs = { text = written } },
})
