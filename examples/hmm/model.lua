-- a hidden Markov model of letters: two states find out by themselves what vowels are
--
--   p(o) = sum over s of pi(s_1) prod a(s_t, s_(t+1)) prod b(s_t, o_t)
--
-- Expectation maximisation (Baum and Welch 1970) is an optimizer of one page: d log p / d log a(i, j) is how
-- often i goes to j in expectation, so a step puts the normalised gradient in the place of the parameters.
-- -D em=false climbs the same log p by Adam on the logits.
local cr = require "crescent"

local S, V, em = cr.option("states", 2), 27, cr.option("em", true)
local N, T = cr.dim "N", cr.dim "T"
local text = cr.input("text", { N, T }, { dtype = "i32" }) -- 0..25 are a..z, 26 is whatever is between words

local near_even = cr.init.normal { std = 0.3 }
local scatter = { init = function(...) return cr.log_softmax(near_even(...), -1) end }
local pi = cr.param("initial", { S }, scatter)
local a = cr.param("transition", { S, S }, scatter)
local b = cr.param("emission", { S, V }, scatter)
-- The parameters are logs of probabilities, and stay so with EM, which takes derivatives by them.
local function normal(x) return em and x or cr.log_softmax(x, -1) end
local log_pi, log_a, log_b = normal(pi), normal(a), normal(b)

local n, t, s = cr.index "n t s"
local emitted = cr.tensor({ n, t, s }, log_b(s, text(n, t)))
local nats = -cr.hmm.log_likelihood(log_pi, log_a, emitted)
local loss = cr.mean(nats) / T
local bits = loss / math.log(2)

local baum_welch = {
  name = "baum_welch",
  step = function(params, grads)
    local new = {}
    for k, g in ipairs(grads) do
      local counts = cr.maximum(-g, 1e-12) -- of the mean, which the quotient takes out again
      new[k] = cr.log(counts / cr.sum(counts, -1, true))
    end
    return new, {}
  end,
}

-- What a state says, the likeliest letters first, a line a state; _ is between words.
local share, k = cr.exp(log_b), cr.index "k"
local function letter(code) return cr.where(cr.eq(code, 26), 95, code + 97) end
local function lines(x) return cr.pad(x, { 0, 1 }, "constant", 10) end
local _, order = cr.topk(share, 12, -1)
local letters = lines(letter(cr.cast(order, "i32")))

-- The likeliest states of a text; the text again, with the letters of state 1 in capitals.
local path = cr.hmm.viterbi(log_pi, log_a, emitted)
local code = letter(text)
local capital = cr.logical_and(cr.eq(path, 1), cr.ne(text, 26))
local shown = lines(cr.where(capital, code - 32, code))

return cr.program("hmm", {
  train = cr.train { inputs = { text }, loss = loss, params = { pi, a, b }, metrics = { bits = bits },
    optimizer = em and baum_welch or cr.optim.adam { lr = cr.option("rate", 0.05) } },
  score = cr.entry { inputs = { text }, outputs = { bits = bits } },
  show = cr.entry { inputs = {}, outputs = { letters = letters, emission = share, transition = cr.exp(log_a) } },
  states = cr.entry { inputs = { text }, outputs = { state = path, text = shown } },
})
