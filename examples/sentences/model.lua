-- sentences: of which kind is a short text?
--
--   cnn        max over t of relu(sum over k, d of w_kdf e(word_(t+k))_d + b_f),  k up to 3, 4 and 5
--   bag        the mean of the vectors of words and of hashed pairs of words (sent2vec, as fastText's classifier)
--   fasttext   the mean of words' vectors, each the sum of its own and of those of its n-grams of letters
--   starspace  the mean of words' vectors near, by the cosine, to the vector of the right kind: a margin to the others
--   paragraph  a vector a text, which with those of words around a place predicts the word there, and the kind
--
-- Texts have different lengths: --lengths pads them with word 0, whose vector is 0 and stays so.
local cr = require "crescent"

local net, kinds = cr.option("net", "cnn"), cr.option("kinds", 8)
local V, D = cr.option("words", 16747), cr.option("size", 50)
local features = cr.option("features", 50)
local N, T = cr.dim("N", 50), cr.dim("T", 60)
local words = cr.input("words", { N, T }, { dtype = "i32" })
local n = cr.input("n", { N }, { dtype = "i32" })
local kind = cr.input("kind", { N }, { dtype = "i32" }) -- -1: not known
local inputs, scored = { words, n, kind }, { words, n }

local function vectors(name, rows, width)
  return cr.param(name, { rows, width or D }, { init = cr.init.uniform { low = -0.1, high = 0.1 } })
end
local table_ = vectors("word", V)
local i, t, k, d = cr.index "i t k d"
local function mean(of) -- of {N, T, D} over the words there are
  return cr.tensor({ i, d }, cr.sum(t, cr.where(cr.lt(t, n(i)), of(i, t, d), 0)) / cr.maximum(n(i), 1))
end
local e = cr.embedding(words, table_, { padding_idx = 0 })
local function classes(x, width)
  return cr.linear(x, vectors("kind.w", kinds, width), cr.param("kind.b", { kinds }))
end

-- Each gives the logits; a loss, where it is not their cross-entropy; the logits without dropout, where there is any.
local nets = {}

function nets.cnn()
  local found = {}
  for size = 3, 5 do
    local name = "conv" .. size
    local filter = cr.param(name .. ".w", { features, D, size }, { init = cr.init.xavier() })
    local y = cr.conv1d(cr.permute(e, { 0, 2, 1 }), filter, { bias = cr.param(name .. ".b", { features }), padding = size - 1 })
    found[#found + 1] = cr.amax(cr.relu(y), 2)
  end
  local both = classes(cr.cat({ cr.dropout(cr.cat(found, 1), 0.5), cr.cat(found, 1) }, 0), 3 * features)
  return cr.slice(both, 0, 0, N), nil, cr.slice(both, 0, N, 2 * N)
end

function nets.bag()
  local buckets = 20000
  local next = cr.zero_outside(words)
  local pair = cr.tensor({ i, t }, cr.where(cr.lt(t + 1, n(i)), 1 + (words(i, t) * 31337 + next(i, t + 1)) % (buckets - 1), 0))
  return classes(mean(e + cr.embedding(pair, vectors("pair", buckets), { padding_idx = 0 })))
end

function nets.fasttext()
  local letters = cr.input("letters", { V, 16 }, { dtype = "i32" }) -- of every word, 0 behind its end
  inputs[#inputs + 1], scored[#scored + 1] = letters, letters
  local buckets, sum = 20000, e
  local grams = vectors("gram", buckets)
  for size = 3, 5 do
    local places = 16 - size + 1
    local hash = size
    for at = 0, size - 1 do hash = hash * 31 + letters(words(i, t), k + at) end
    local there = cr.gt(letters(words(i, t), k + size - 1), 0)
    local id = cr.tensor({ i, t, k }, cr.where(there, 1 + hash % (buckets - 1), 0), { N, T, places })
    sum = sum + cr.sum(cr.embedding(id, grams, { padding_idx = 0 }), 2)
  end
  return classes(mean(sum))
end

function nets.starspace()
  local cos = cr.linear(cr.normalize(mean(e), { dim = 1 }), cr.normalize(vectors("kind.w", kinds), { dim = 1 }))
  local right = cr.tensor({ i }, cos(i, cr.maximum(kind(i), 0)))
  local short = cr.tensor({ i, k }, cr.where(cr.ne(k, kind(i)), cr.relu(0.3 - right(i) + cos(i, k)), 0), { N, kinds })
  return cos, cr.mean(cr.sum(short, 1))
end

function nets.paragraph()
  local text = cr.input("text", { N }, { dtype = "i32" }) -- its number
  inputs[#inputs + 1], scored[#scored + 1] = text, text
  local own, out, noise = cr.embedding(text, vectors("paragraph", cr.option("texts", 5742))), vectors("out", V), 5
  local near = cr.zero_outside(e)
  local around = cr.tensor({ i, t, d }, (own(i, d) + near(i, t - 2, d) + near(i, t - 1, d) + near(i, t + 1, d) + near(i, t + 2, d)) / 5)
  -- Noise are the words of other texts of the batch, as often as they stand there.
  local from, at = cr.random.integers({ N, T, noise }, 0, N), cr.random.uniform({ N, T, noise })
  local drawn = cr.tensor({ i, t, k }, words(from(i, t, k), cr.cast(cr.floor(at(i, t, k) * n(from(i, t, k))), "i32")))
  local other = cr.tensor({ i, t, k }, cr.where(cr.eq(k, 0), words(i, t), drawn(i, t, cr.maximum(k - 1, 0))), { N, T, noise + 1 })
  local score = cr.tensor({ i, t, k }, cr.sum(d, around(i, t, d) * out(other(i, t, k), d)))
  local nats = cr.tensor({ i, t }, cr.sum(k, cr.softplus(cr.where(cr.eq(k, 0), -1, 1) * score(i, t, k))))
  local logits = classes(own)
  return logits, cr.sum(cr.tensor({ i, t }, cr.where(cr.lt(t, n(i)), nats(i, t), 0))) / cr.cast(N, "f32") +
    cr.mean(cr.cross_entropy(logits, kind, { ignore_index = -1 }))
end

if not nets[net] then error("net is cnn, bag, fasttext, starspace or paragraph, not " .. net) end
local logits, loss, sure = nets[net]()
loss = loss or cr.mean(cr.cross_entropy(logits, kind))
local best = cr.argmax(sure or logits, 1)
return cr.program("sentences", {
  train = cr.train { inputs = inputs, loss = loss, optimizer = cr.optim.adam { lr = cr.option("rate", 2e-3) } },
  score = cr.entry { inputs = inputs, outputs = { accuracy = cr.mean(cr.cast(cr.eq(best, kind), "f32")) } },
  tell = cr.entry { inputs = scored, outputs = { kind = best } },
})
