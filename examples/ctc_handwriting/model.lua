-- handwriting by connectionist temporal classification (Graves et al. 2006): pictures of lines to digits
--
--   p(t) = softmax(W [LSTM forwards, LSTM backwards](columns 2t, 2t + 1) + b),  class 0 is the blank
--   loss = -log sum over all alignments of the text prod_t p(t)[..]
--
-- The lines are of different width and of different length; nothing says where a digit is.
local cr = require "crescent"

local H, W, L = cr.option("height", 12), cr.option("width", 76), cr.option("digits", 7)
local N, hidden, classes = cr.dim("N", 32), cr.option("hidden", 48), 11
local T = W // 2
local line = cr.input("line", { N, H, W })
local width = cr.input("width", { N }, { dtype = "i32" })
local text = cr.input("text", { N, L }, { dtype = "i32" })
local letters = cr.input("letters", { N }, { dtype = "i32" })

local n, t, k, f = cr.index "n t k f"
local steps = cr.tensor({ n }, width(n) // 2)
local x = cr.tensor({ t, n, f }, line(n, f // 2, 2 * t + f % 2), { T, N, 2 * H })
local w_ih, w_hh, b = {}, {}, {}
for i, way in ipairs { "forward", "back" } do
  w_ih[i] = cr.param(way .. ".w_ih", { 4 * hidden, 2 * H }, { init = cr.init.xavier() })
  w_hh[i] = cr.param(way .. ".w_hh", { 4 * hidden, hidden }, { init = cr.init.xavier() })
  b[i] = cr.param(way .. ".b", { 4 * hidden })
end
local h = cr.lstm(x, nil, w_ih, w_hh, b, nil, { bidirectional = true, lengths = steps })
local w = cr.param("out.w", { classes, 2 * hidden }, { init = cr.init.xavier() })
local scores = cr.linear(h, w, cr.param("out.b", { classes }))
local log_probs = cr.log_softmax(scores, 2) -- {T, N, classes}
local loss = cr.mean(cr.ctc_loss(log_probs, text, steps, letters))

-- The likeliest class at each step; repetitions and blanks are dropped, what stays moves to the left.
local best = cr.tensor({ n, t }, cr.argmax(log_probs, 2)(t, n))
local keep = cr.tensor({ n, t }, cr.logical_and(cr.lt(t, steps(n)), cr.logical_and(cr.ne(best(n, t), 0),
  cr.ne(best(n, t), cr.zero_outside(best)(n, t - 1)))))
local place = cr.cumsum(cr.cast(keep, "i32"), 1) - 1
local length = cr.cast(cr.sum(cr.cast(keep, "i32"), 1), "i32")
local read = cr.tensor({ n, k }, cr.sum(t, cr.where(cr.logical_and(keep(n, t), cr.eq(place(n, t), k)), best(n, t), 0)), { N, T })

local wrong = cr.edit_distance(read, text, { lengths_x = length, lengths_y = letters })
local letter_errors = cr.sum(wrong) / cr.sum(letters)
local line_errors = cr.mean(cr.cast(cr.gt(wrong, 0), "f32"))

-- Digits as letters, a line each; and the line above the probabilities of 0..9 at each step.
local col = cr.index "col"
local written = cr.tensor({ n, col }, cr.where(cr.lt(col, length(n)), 47 + cr.clamp_to_edge(read)(n, col),
  cr.where(cr.lt(col, T), 32, 10)), { N, T + 1 })
local i, j = cr.index "i j"
local prob = cr.exp(log_probs)
local picture = cr.tensor({ i, j }, cr.where(cr.lt(i, 4 * H), 255 * (1 - cr.clamp_to_edge(line)(0, i // 4, j // 4)),
  255 * (1 - cr.clamp_to_edge(prob)(j // 8, 0, 1 + (i - 4 * H) // 8))), { 4 * H + 80, 4 * W })

return cr.program("ctc_handwriting", {
  train = cr.train { inputs = { line, width, text, letters }, loss = loss, clip_norm = 5,
    optimizer = cr.optim.adam { lr = cr.optim.cosine { lr = cr.option("rate", 4e-3), steps = cr.option("steps", 3130) } } },
  score = cr.entry { inputs = { line, width, text, letters },
    outputs = { line_errors = line_errors, letter_errors = letter_errors, loss = loss } },
  read = cr.entry { inputs = { line, width }, outputs = { text = written } },
  look = cr.entry { inputs = { line, width }, outputs = { picture = picture } },
})
