-- free_text: words read without a lexicon by a CNN, its letters and its N-grams joined in one graph
--
--   S(w) = sum over t of u_t(w_t) + e(w_t w_(t+1)) + e(w_t w_(t+1) w_(t+2)),   N-grams not in the dictionary: 0
--   loss = max(0, 1 + max over w other than the truth of S(w) - S(truth))
--
-- u are scores of the letter at each place, e of each N-gram being anywhere in the picture (Jaderberg et al.,
-- ICLR 2015). `alone` trains both for themselves; `joint` trains all through the best wrong word. Where the paper
-- searches by a beam, words are searched here exactly: by dynamic programming over the last two letters.
local cr = require "crescent"

local T, L, G = 8, 27, cr.option("ngrams", 1000) -- places, letters (0: none, 1..26: a..z), N-grams
local H, W, width = 16, 76, cr.option("hidden", 64)
local N, Q, beams = cr.dim("N", 64), cr.dim("Q", 260), cr.option("beams", 5)
local word = cr.input("word", { N, T }, { dtype = "i32" })
local glyphs = cr.input("glyphs", { Q, H * 8 }) -- 0 and 1, those of a letter one after the other
local first = cr.input("first", { L + 1 }, { dtype = "i32" }) -- where those of each letter begin
local pairs_ = cr.input("pairs", { L, L }, { dtype = "i32" }) -- the number of an N-gram, from 1; 0: none
local triples = cr.input("triples", { L, L * L }, { dtype = "i32" })
local n, t, y, x, a, b, c, g = cr.index "n t y x a b c g"

-- The picture of a word: a glyph of each letter by chance, 7 to 9 pixels from the one before, and noise.
local start_, move = cr.random.integers({ N, 1 }, 2, 5), cr.random.integers({ N, T }, 0, 2)
local left = start_ + 8 * cr.arange(T) + move
local dice = cr.random.uniform { N, T }
local which = cr.tensor({ n, t }, first(word(n, t)) + cr.cast(cr.floor(
  dice(n, t) * (first(word(n, t) + 1) - first(word(n, t)))), "i32"))
local glyph = cr.zero_outside(cr.reshape(glyphs, { Q, H, 8 }))
local ink = cr.tensor({ n, y, x }, cr.max(t, cr.where(cr.gt(word(n, t), 0), glyph(which(n, t), y, x - left(n, t)), 0)), { N, H, W })
local picture = ink + cr.option("noise", 0.25) * cr.random.normal { N, H, W }

-- What is seen at each place; letters from it, N-grams from three places next to each other, wherever they are.
local function layer(name, ...) return cr.param(name, { ... }, { init = cr.init.kaiming() }) end
local function conv(z, name, cin, cout, size)
  return cr.max_pool2d(cr.relu(cr.conv2d(z, layer(name, cout, cin, size, size), { padding = size // 2 })), 2)
end
local z = conv(conv(cr.reshape(picture, { N, 1, H, W }), "conv1", 1, 16, 5), "conv2", 16, 32, 3)
local f = cr.relu(cr.conv2d(z, layer("place", width, 32, 4, 5), cr.param("place.b", { width }), { 1, 2 }))
f = cr.permute(cr.reshape(f, { N, width, T }), { 0, 2, 1 })
local u = cr.linear(f, cr.param("letters", { L, width }), cr.param("letters.b", { L }))
local around = cr.cat({ cr.narrow(f, 1, 0, T - 1), cr.narrow(f, 1, 1, T - 1), cr.pad(cr.narrow(f, 1, 2, T - 2), { 0, 0, 0, 1 }) }, 2)
local e = cr.max(cr.linear(around, cr.param("ngrams", { G, 3 * width }), cr.param("ngrams.b", { G }, { init = -3 })), 1)
local weight = cr.option("weight", 1.0) -- of N-grams beside letters

-- What letter c at place t adds after a and b.
local none = cr.cat({ cr.zeros { N, 1 }, weight * cr.softplus(e) }, 1)
local triple = cr.reshape(triples, { L, L, L })
local function gain(at, p, q, r) return at(n, r) + none(n, pairs_(q, r)) + none(n, triple(p, q, r)) end
local goes = cr.logical_or(cr.gt(b, 0), cr.eq(c, 0)) -- after the end there are no letters
local function place(k) return cr.select(u, 1, k) end
local rest = cr.permute(cr.narrow(u, 1, 1, T - 1), { 1, 0, 2 })
local far = -1e30

-- max of S over all words; what it gives u is 1 along the best word, 0 elsewhere: the word itself.
local function extend(V, at)
  return cr.tensor({ n, b, c }, cr.where(goes, cr.max(a, V(n, a, b) + gain(at, a, b, c)), far))
end
local start = cr.tensor({ n, a, b }, cr.where(cr.logical_and(cr.eq(a, 0), cr.gt(b, 0)), place(0)(n, b), far), { N, L, L })
local last = cr.scan(function(V, at) return extend(V, at) end, start, rest)
local best = cr.max(last, { 1, 2 })
local exact = cr.argmax(cr.grad(cr.sum(best), u), 2)

-- The truth, and the best word that has left it: at a place where all letters before it are right.
local none_right = cr.tensor({ n, a, b }, cr.where(cr.ne(b, word(n, 0)), start(n, a, b), far))
local line = cr.permute(word, { 1, 0 })
local function part(k) return cr.narrow(line, 0, k, T - 1) end
local before2 = cr.cat({ cr.zeros({ 1, N }, "i32"), cr.narrow(line, 0, 0, T - 2) }, 0)
local wrong = cr.scan(function(s, at)
  local V, right, u_t, w0, w1, w2 = s[1], s[2], table.unpack(at)
  local leave = cr.tensor({ n, b, c }, cr.where(cr.logical_and(goes, cr.logical_and(cr.eq(b, w1(n)), cr.ne(c, w2(n)))),
    right(n) + gain(u_t, w0(n), b, c), far), { N, L, L })
  return { cr.maximum(extend(V, u_t), leave), cr.tensor({ n }, right(n) + gain(u_t, w0(n), w1(n), w2(n))) }
end, { none_right, cr.tensor({ n }, u(n, 0, word(n, 0))) }, { rest, before2, part(0), part(1) })
local other, truth = cr.max(wrong[1], { 1, 2 }), wrong[2]
local joint = cr.mean(cr.relu(1 + other - truth))

-- A beam: the best few words so far, each with every letter.
local k = cr.index "k"
local function widen(score, words, at)
  local from, letter = k // L, k % L
  local p = at > 1 and words(n, from, at - 2) or 0
  local q = words(n, from, at - 1)
  local all = cr.tensor({ n, k }, cr.where(cr.logical_or(cr.gt(q, 0), cr.eq(letter, 0)),
    score(n, from) + gain(place(at), p, q, letter), far), { N, beams * L })
  local top, id = cr.topk(all, beams, 1)
  return top, cr.tensor({ n, k, t }, cr.where(cr.eq(t, at), cr.cast(id(n, k) % L, "i32"), words(n, id(n, k) // L, t)), { N, beams, T })
end
local score, id = cr.topk(cr.where(cr.gt(cr.arange(L), 0), place(0), far), beams, 1)
local words = cr.tensor({ n, k, t }, cr.where(cr.eq(t, 0), cr.cast(id(n, k), "i32"), 0), { N, beams, T })
for at = 1, T - 1 do score, words = widen(score, words, at) end

-- Alone: softmax at each place, and whether each N-gram is there.
local function number(q, r, p) return p and triple(p, q, r) or pairs_(q, r) end
local has = cr.tensor({ n, g }, cr.any(t, cr.logical_or(
  cr.logical_and(cr.lt(t, T - 1), cr.eq(number(word(n, t), word(n, cr.minimum(t + 1, T - 1))), g + 1)),
  cr.logical_and(cr.lt(t, T - 2), cr.eq(number(word(n, cr.minimum(t + 1, T - 1)), word(n, cr.minimum(t + 2, T - 1)), word(n, t)), g + 1)))), { N, G })
local alone = {
  letters = cr.mean(cr.cross_entropy(cr.reshape(u, { N * T, L }), cr.reshape(word, { N * T }))),
  ngrams = cr.mean(cr.sum(cr.bce_with_logits(e, cr.cast(has, "f32")), 1)) / 10,
}

local letters = cr.argmax(u, 2)
local function text(w) -- a line a word
  return cr.pad(cr.cast(cr.where(cr.eq(w, 0), 32, w + 96), "i32"), { 0, 1 }, "constant", 10)
end
local function right(w) return cr.mean(cr.cast(cr.all(cr.eq(w, word), 1), "f32")) end
local inputs = { word, glyphs, first, pairs_, triples }
local rate = cr.option("rate", 1e-3)
return cr.program("free_text", {
  alone = cr.train { inputs = inputs, loss = alone, optimizer = cr.optim.adam { lr = rate } },
  joint = cr.train { inputs = inputs, loss = { joint = joint, letters = alone.letters, ngrams = alone.ngrams }, metrics = { right = right(exact) },
    optimizer = cr.optim.adam { lr = rate } },
  score = cr.entry { inputs = inputs, outputs = { letters = right(letters), exact = right(exact),
    beam = right(cr.select(words, 1, 0)), found = cr.mean(cr.cast(cr.ge(cr.select(score, 1, 0), best - 1e-3), "f32")),
    each_letter = cr.mean(cr.cast(cr.eq(letters, word), "f32")), joint = joint } },
  show = cr.entry { inputs = inputs, outputs = { picture = cr.reshape(255 * cr.clamp(1 - picture, 0, 1), { N * H, W }),
    letters = text(letters), words = text(exact) } },
})
