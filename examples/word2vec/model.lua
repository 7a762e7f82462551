-- word2vec: skip-gram with negative sampling (Mikolov et al. 2013)
--
--   -log s(<v_w, u_c>) - sum over k noise words of log s(-<v_w, u_k>),   noise ~ count^(3/4)
--
-- `at` are places in the text `words`; the windows around them are cut here, of random width as in the
-- paper. Two matrices: v of the word in the middle, u of what is around it. Word 0 ends a document.
-- The gradient touches few rows, and only these are written.
local cr = require "crescent"

local V, D = cr.option("words", 5000), cr.option("size", 100)
local window, K = cr.option("window", 5), cr.option("noise", 5)
local N, L, M = cr.dim("N", 128), cr.dim("L", 1000), cr.dim("M", 1000)
local at = cr.input("at", { N }, { dtype = "i32" })
local words = cr.input("words", { L }, { dtype = "i32" })
local table_ = cr.input("noise", { M }, { dtype = "i32" }) -- each word as often as it is drawn

local v = cr.param("v", { V, D }, { init = cr.init.uniform { low = -0.5 / D, high = 0.5 / D } })
local u = cr.param("u", { V, D })

local n, c, k, d = cr.index "n c k d"
local C = 2 * window
local middle = cr.tensor({ n }, cr.clamp_to_edge(words)(at(n)))
local width = cr.random.integers({ N }, 1, window + 1)
local drawn = cr.random.integers({ N, C, K }, 0, M)
local offset = cr.where(cr.lt(c, window), c - window, c - window + 1) -- -5 .. -1, 1 .. 5
local near = cr.tensor({ n, c }, cr.zero_outside(words)(at(n) + offset), { N, C })
local counts = cr.tensor({ n, c }, cr.logical_and(cr.le(cr.abs(offset), width(n)),
  cr.logical_and(cr.ne(near(n, c), 0), cr.ne(middle(n), 0))), { N, C })

-- k = 0 is the word that is there, the others are noise; noise that happens to be that word is left out.
local other = cr.tensor({ n, c, k }, cr.where(cr.eq(k, 0), near(n, c), table_(drawn(n, c, cr.maximum(k - 1, 0)))), { N, C, K + 1 })
local use = cr.tensor({ n, c, k }, cr.logical_and(counts(n, c),
  cr.logical_or(cr.eq(k, 0), cr.ne(other(n, c, k), near(n, c)))))
local score = cr.tensor({ n, c, k }, cr.sum(d, v(middle(n), d) * u(other(n, c, k), d)))
local each = cr.tensor({ n, c, k }, cr.where(use(n, c, k), cr.softplus(cr.where(cr.eq(k, 0), -1, 1) * score(n, c, k)), 0))
local loss = cr.sum(each)
local pairs_ = cr.sum(cr.cast(counts, "f32"))

-- Nearest neighbours by the cosine, of `word`, and of a - b + c.
local Q, few = cr.dim("Q", 1), 9
local unit = cr.normalize(v, { dim = 1 })
local function nearest(x)
  local cos, id = cr.topk(cr.linear(cr.normalize(x, { dim = 1 }), unit), few, 1)
  return { cos = cos, id = id }
end
local word = cr.input("word", { Q }, { dtype = "i32" })

return cr.program("word2vec", {
  train = cr.train { inputs = { at, words, table_ }, loss = loss,
    metrics = { nats = loss / cr.maximum(pairs_, 1) },
    optimizer = cr.optim.sgd { lr = cr.optim.cosine { lr = cr.option("rate", 0.025), steps = cr.option("steps", 10000) } } },
  neighbours = cr.entry { inputs = { word }, outputs = nearest(cr.embedding(word, v)) },
})
