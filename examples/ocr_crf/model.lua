-- ocr_crf: words of handwritten letters, read letter by letter or as chains
--
--   F(y) = sum_t x_t' W[:, y_t] + b[y_t] + sum_t P[y_t, y_(t+1)]
--
-- -D learn=unary   softmax of each letter alone           -D learn=ml    log Z - F(y): maximum likelihood
-- -D learn=mf      -log q of the letters, q the mean field of the chain, differentiated through its sweeps
-- -D learn=ssvm    max_y' [F(y') + wrong letters] - F(y): structural SVM
local cr = require "crescent"
local learn, decay = cr.option("learn", "ml"), cr.option("decay", 0.0003)
local N, T, L, D = cr.dim("N", 32), 14, 26, 128

local X = cr.input("X", {N, T * D})
local y = cr.input("y", {N, T}, {dtype = "i32"})
local n = cr.input("n", {N}, {dtype = "i32"})
local W = cr.param("W", {D, L})
local b = cr.param("b", {L})
local P = cr.param("P", {L, L})

local unary = cr.matmul(X:reshape{N, T, D}, W) + b
local i, t, l = cr.index "i t l"
local here = cr.tensor({i, t}, cr.where(cr.lt(t, n(i)), 1.0, 0.0), {N, T})
local chain = {lengths = n}

local loss, letters
if learn == "unary" then
  loss = cr.sum(cr.cross_entropy(unary:reshape{N * T, L}, y:reshape{N * T}) * here:reshape{N * T})
  letters = cr.argmax(unary, 2)
elseif learn == "ml" then
  loss = cr.sum(cr.crf.nll(unary, P, y, chain))
elseif learn == "ssvm" then
  loss = cr.sum(cr.crf.ssvm_loss(unary, P, y, chain))
elseif learn == "mf" then
  local q = cr.crf.mean_field(unary, P, {lengths = n, schedule = "sequential", iterations = 5})
  local right = cr.tensor({i, t}, q(i, t, y(i, t)))
  loss = -cr.sum(cr.where(cr.gt(here, 0), cr.log(cr.where(cr.gt(here, 0), right + 1e-20, 1)), 0))
  letters = cr.argmax(q, 2)
else
  error("learn is unary, ml, mf or ssvm, not " .. tostring(learn))
end
letters = letters and cr.cast(letters, "i32") or (cr.crf.viterbi(unary, P, chain))

local right = cr.tensor({i, t}, cr.where(cr.eq(letters(i, t), y(i, t)), here(i, t), 0.0))
local words = cr.eq(cr.sum(right, 1), cr.cast(n, "f32"))
local penalty = cr.sum(W * W) + cr.sum(P * P)

return cr.program("ocr", {
  read = cr.entry{ inputs = {X, n}, outputs = { letters = letters } },
  score = cr.entry{ inputs = {X, y, n}, outputs = {
    letters = cr.sum(right) / cr.sum(here), words = cr.mean(cr.cast(words, "f32")) } },
  train = cr.train{ inputs = {X, y, n}, loss = loss / cr.sum(here) + decay * penalty,
    optimizer = cr.optim.adam{ lr = 0.01 } },
})
