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

local scatter = { init = cr.init.normal { std = 0.3 } }
local pi = cr.param("initial", { S }, scatter)
local a = cr.param("transition", { S, S }, scatter)
local b = cr.param("emission", { S, V }, scatter)
local function normal(x) return cr.log_softmax(x, -1) end
local log_pi, log_a, log_b = normal(pi), normal(a), normal(b)
if em then log_pi, log_a, log_b = pi, a, b end -- which are logs of probabilities after the first step

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

-- What a state says, and how long it lasts; the likeliest states of a text.
local share = cr.exp(normal(b))
local path = cr.hmm.viterbi(normal(pi), normal(a), cr.tensor({ n, t, s }, normal(b)(s, text(n, t))))

return cr.program("hmm", {
  train = cr.train { inputs = { text }, loss = loss, params = { pi, a, b }, metrics = { bits = bits },
    optimizer = em and baum_welch or cr.optim.adam { lr = cr.option("rate", 0.05) } },
  score = cr.entry { inputs = { text }, outputs = { bits = -cr.mean(cr.hmm.log_likelihood(normal(pi), normal(a),
    cr.tensor({ n, t, s }, normal(b)(s, text(n, t))))) / (T * math.log(2)) } },
  show = cr.entry { inputs = {}, outputs = { emission = share, transition = cr.exp(normal(a)) } },
  states = cr.entry { inputs = { text }, outputs = { state = path } },
})
