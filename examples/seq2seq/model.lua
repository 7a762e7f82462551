-- sequence to sequence with attention (Sutskever et al. 2014; Bahdanau et al. 2015): dates to ISO 8601
--
--   h = BiGRU(letters),   a = softmax_s(v' tanh(Wq q + Wk h_s)),   c = sum_s a_s h_s
--   q' = GRU([embedding of the last letter written, c], q),   P(letter) = softmax(Wo [q', c] + b)
--
-- In training the letter before is the right one (teacher forcing); `translate` writes by itself.
local cr = require "crescent"

local H, E = cr.option("hidden", 64), 32
local N, S, L = cr.dim("N", 64), 32, 10 -- letters read, the rest of the 32 is '_'; letters written
local from = cr.input("from", { N, S }, { dtype = "i32" })
local to = cr.input("to", { N, L }, { dtype = "i32" })

local function weight(name, ...) return cr.param(name, { ... }, { init = cr.init.xavier() }) end
local letters = cr.param("letters", { 128, E }, { init = cr.init.normal { std = 0.3 } })

-- Reading
local n, s, t = cr.index "n s t"
local used = cr.ne(from, 95)
local lengths = cr.sum(cr.cast(used, "i32"), 1)
local x = cr.embedding(cr.tensor({ s, n }, from(n, s)), letters)
local both = { "forward", "back" }
local w_ih, w_hh, b_ih = {}, {}, {}
for k, way in ipairs(both) do
  w_ih[k], w_hh[k] = weight("read." .. way .. ".w_ih", 3 * H, E), weight("read." .. way .. ".w_hh", 3 * H, H)
  b_ih[k] = cr.param("read." .. way .. ".b", { 3 * H })
end
local h = cr.gru(x, nil, w_ih, w_hh, b_ih, nil, { bidirectional = true, lengths = lengths }) -- {S, N, 2H}

-- Attention
local Wq, Wk, v = weight("attention.q", H, H), weight("attention.k", H, 2 * H), weight("attention.v", 1, H)
local keys = cr.linear(h, Wk) -- {S, N, H}
local function attend(q)
  local score = cr.reshape(cr.linear(cr.tanh(keys + cr.linear(q, Wq)), v), { S, N })
  score = cr.where(cr.transpose(used, 0, 1), score, -math.huge)
  local a = cr.softmax(score, 0)
  return a, cr.einsum("sn,snh->nh", a, h)
end

-- Writing
local W1, W2, b1 = weight("write.w_ih", 3 * H, E + 2 * H), weight("write.w_hh", 3 * H, H), cr.param("write.b", { 3 * H })
local Wo, bo = weight("out.w", 128, 3 * H), cr.param("out.b", { 128 })
local function step(q, before)
  local a, c = attend(q)
  local q2 = cr.gru_cell(cr.cat({ cr.embedding(before, letters), c }, 1), q, W1, W2, b1)
  return q2, cr.linear(cr.cat({ q2, c }, 1), Wo, bo), a
end
local q0 = cr.zeros { N, H }

-- Training: what comes before the first letter is letter 0.
local before = cr.tensor({ t, n }, cr.where(cr.gt(t, 0), cr.zero_outside(to)(n, t - 1), 0), { L, N })
local _, logits = cr.scan(function(q, b)
  local q2, y = step(q, b)
  return q2, y
end, q0, before)
local right = cr.tensor({ t, n }, to(n, t))
local loss = cr.mean(cr.cross_entropy(cr.reshape(logits, { L * N, 128 }), cr.reshape(right, { L * N })))

-- By itself: the likeliest letter is the next one read.
local zero = cr.zeros({ N }, "i32")
local _, written = cr.scan(function(c)
  local q2, y, a = step(c[1], c[2])
  local letter = cr.cast(cr.argmax(y, 1), "i32")
  return { q2, letter }, { letter, a }
end, { q0, zero }, nil, { length = L })
local out, looked = written[1], written[2] -- {L, N}, {L, S, N}
local exact = cr.mean(cr.cast(cr.all(cr.eq(out, right), 0), "f32"))
local col = cr.index "col"
local lines = cr.tensor({ n, col }, cr.where(cr.lt(col, L), cr.clamp_to_edge(out)(col, n), 10), { N, L + 1 })

-- The map of date `which` as a picture: letters read above, letters written at the left, darkness is
-- attention. Letters are 3 x 5 points, rows of octal digits from the top.
local which = cr.input("which", {}, { dtype = "i32" })
local font = {}
for k = 0, 127 do font[k + 1] = 0 end
local shapes = { ["-"] = 448, ["/"] = 4772, ["."] = 2, [","] = 20 }
for k, g in ipairs { 31599, 11415, 29671, 29647, 23497, 31183, 31215, 29330, 31727, 31695 } do shapes[string.char(47 + k)] = g end
for k, g in ipairs { 11245, 27566, 14627, 27502, 31143, 31140, 14699, 23533, 29847, 4714, 23469, 18727, 24557,
  27501, 11114, 27556, 11123, 27565, 14478, 29842, 23407, 23402, 23549, 23213, 23186, 29351 } do
  shapes[string.char(64 + k)], shapes[string.char(96 + k)] = g, g
end
for letter, g in pairs(shapes) do font[letter:byte() + 1] = g end
local glyph = cr.const(font, "i32")
local i, j = cr.index "i j"
local cell = 16
local row, column = i // cell - 1, j // cell - 1
local letter = cr.where(cr.lt(row, 0), cr.where(cr.ge(column, 0), cr.clamp_to_edge(from)(which, column), 0),
  cr.where(cr.lt(column, 0), cr.clamp_to_edge(out)(row, which), 0))
local fy, fx = (i % cell - 3) // 2, (j % cell - 5) // 2
local inside = cr.logical_and(cr.logical_and(cr.ge(i % cell, 3), cr.lt(fy, 5)), cr.logical_and(cr.ge(j % cell, 5), cr.lt(fx, 3)))
local ink = cr.logical_and(inside, cr.eq(cr.shift_right(glyph(letter), cr.clamp(14 - fy * 3 - fx, 0, 14)) % 2, 1))
local weight_ = cr.where(cr.logical_and(cr.ge(row, 0), cr.ge(column, 0)), cr.clamp_to_edge(looked)(row, column, which), 0)
local picture = cr.tensor({ i, j }, cr.where(ink, 0, 255 * (1 - weight_)), { (L + 1) * cell, (S + 1) * cell })

return cr.program("seq2seq", {
  train = cr.train { inputs = { from, to }, loss = loss, clip_norm = 1,
    optimizer = cr.optim.adam { lr = cr.optim.cosine { lr = cr.option("rate", 4e-3), steps = cr.option("steps", 3000) } } },
  score = cr.entry { inputs = { from, to }, outputs = { exact = exact, loss = loss } },
  translate = cr.entry { inputs = { from }, outputs = { text = lines } },
  look = cr.entry { inputs = { from, which }, outputs = { map = picture } },
})
