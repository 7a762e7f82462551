-- character models of text: a plain recurrent net, LSTM, LSTM with peepholes, or GRU (-D cell=gru)
--
--   h' = cell(h, embedding of the letter),  P(next letter) = softmax(W h' + b)
--   loss = mean of -log P; bits = loss / log 2 a letter
--
-- Letters are the bytes 0..127. A row of `text` is T + 1 letters: T to read, each followed by the one to
-- guess. `flow` says how far back the last guess reaches: |d loss / d state at t|, averaged over rows;
-- the state of an LSTM is h and its cell.
local cr = require "crescent"

local kind, size = cr.option("cell", "lstm"), cr.option("hidden", 128)
local V, D = 128, cr.option("embedding", 32)
local N, T = cr.dim("N", 16), cr.dim("T", 64)
local text = cr.input("text", { N, T + 1 }, { dtype = "i32" })

local gates = ({ rnn = 1, gru = 3, lstm = 4, peephole = 4 })[kind]
if not gates then error("cell is rnn, lstm, peephole or gru, not " .. kind) end

local spread = { init = cr.init.uniform { low = -size ^ -0.5, high = size ^ -0.5 } }
local gain = cr.option("gain", 1.0) * size ^ -0.5 -- of the recurrent weights: above 3 or so gradients explode
local table_ = cr.param("embedding", { V, D }, { init = cr.init.normal { std = 1 } })
local w_ih = cr.param("w_ih", { gates * size, D }, spread)
local w_hh = cr.param("w_hh", { gates * size, size }, { init = cr.init.uniform { low = -gain, high = gain } })
local b = cr.param("b", { gates * size }, spread)
local w_out = cr.param("w_out", { V, size }, spread)
local b_out = cr.param("b_out", { V })
local peephole
if kind == "peephole" then
  peephole = {}
  for k, name in ipairs { "p_i", "p_f", "p_o" } do peephole[k] = cr.param(name, { size }, spread) end
end

-- The parts of the state: h, and for an LSTM the cell too.
local parts = gates == 4 and 2 or 1
local function step(s, u)
  if kind == "rnn" then return { cr.rnn_cell(u, s[1], w_ih, w_hh, b) } end
  if kind == "gru" then return { cr.gru_cell(u, s[1], w_ih, w_hh, b) } end
  return { cr.lstm_cell(u, s, w_ih, w_hh, b, nil, { peephole = peephole }) }
end
local function zeros(n)
  local s = {}
  for k = 1, parts do s[k] = cr.zeros { n, size } end
  return s
end
local function read_out(h) return cr.linear(h, w_out, b_out) end

-- The outputs {T, N, size} for the letters {T, N}.
local function layer(x)
  if kind == "rnn" then return (cr.rnn(x, nil, w_ih, w_hh, b)) end
  if kind == "gru" then return (cr.gru(x, nil, w_ih, w_hh, b)) end
  return (cr.lstm(x, nil, w_ih, w_hh, b, nil, { peephole = peephole }))
end

local n, t = cr.index "n t"
local seen = cr.tensor({ t, n }, text(n, t), { T, N })
local next_ = cr.tensor({ t, n }, text(n, t + 1), { T, N })
local x = cr.embedding(seen, table_)
local nats = cr.cross_entropy(cr.reshape(read_out(layer(x)), { T * N, V }), cr.reshape(next_, { T * N }))
local loss = cr.mean(nats)
local bits = loss / math.log(2)

-- The same states once more, each with a nudge of 0 added, so that there is something to take the
-- derivative by: d loss of the last letter / d state at t.
local nudge = cr.zeros { T, parts, N, size }
local last = cr.scan(function(s, u)
  local new = step(s, u[1])
  for p = 1, parts do new[p] = new[p] + cr.select(u[2], 0, p - 1) end
  return new, new[1]
end, zeros(N), { x, nudge })
local final = cr.sum(cr.cross_entropy(read_out(last[1]), cr.select(next_, 0, T - 1)))
local back = cr.grad(final, nudge)
local flow = cr.mean(cr.sqrt(cr.sum(back * back, { 1, 3 })), 1)

-- Writing: read `prime`, then draw a letter, read it, and so on.
local P, L = cr.dim("P", 16), cr.dim("L", 400)
local prime = cr.input("prime", { P }, { dtype = "i32" })
local temperature = cr.input("temperature", {})
local noise = cr.random.gumbel { L, V }
local ready = cr.scan(function(s, u)
  local new = step(s, cr.reshape(cr.embedding(u, table_), { 1, D }))
  return new, new[1]
end, zeros(1), prime)
local function draw(s, g)
  local score = cr.reshape(read_out(s[1]), { V }) / temperature
  return cr.argmax(score + g, 0)
end
local _, written = cr.scan(function(s, g)
  local letter = draw(s, g)
  return step(s, cr.reshape(cr.embedding(letter, table_), { 1, D })), letter
end, ready, noise)

-- The norm of the whole gradient, before it is clipped.
local params = { table_, w_ih, w_hh, b, w_out, b_out, table.unpack(peephole or {}) }
local square = 0
for _, g in ipairs(cr.grad(loss, params)) do square = square + cr.sum(g * g) end

local rate, clip = cr.option("rate", 3e-3), cr.option("clip", 5.0)
return cr.program("char_rnn", {
  train = cr.train { inputs = { text }, loss = loss, params = params, metrics = { bits = bits, gradient = cr.sqrt(square) },
    optimizer = cr.optim.adam { lr = rate }, clip_norm = clip > 0 and clip or nil },
  score = cr.entry { inputs = { text }, outputs = { bits = bits } },
  write = cr.entry { inputs = { prime, temperature }, outputs = { text = written } },
  flow = cr.entry { inputs = { text }, outputs = { flow = flow } },
})
