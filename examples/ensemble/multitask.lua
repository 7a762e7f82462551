-- multitask: one trunk, two tasks: which digit it is, known of few, and whether it has a loop, known of all
--
--   loss = -sum over those with a label of log p(digit | f(x)) - w sum over all of log p(loop | f(x)),   f shared
local cr = require "crescent"

local H, side, w = cr.option("hidden", 64), cr.option("side", 8), cr.option("weight", 1.0)
local N, known = cr.dim("N", 50), cr.option("known", 100)
local image = cr.input("image", { N, side, side }) -- 0..16
local label = cr.input("label", { N }, { dtype = "i32" })
local at = cr.input("at", { N }, { dtype = "i32" }) -- the number of each example: the first `known` have a digit

local x = cr.reshape(image / 16, { N, side * side })
local function layer(name, h, nin, nout)
  return cr.matmul(h, cr.param(name .. ".W", { nin, nout }, { init = cr.init.kaiming { fan = "out" } })) + cr.param(name .. ".b", { nout })
end
local f = cr.relu(layer("trunk2", cr.relu(layer("trunk1", x, side * side, H)), H, H))
local digit, loop = layer("digit", f, H, 10), cr.reshape(layer("loop", f, H, 1), { N })

local n = cr.index "n"
local loops = cr.const { 1.0, 0, 0, 0, 0, 0, 1, 0, 1, 1 } -- 0, 6, 8, 9
local has = cr.tensor({ n }, loops(label(n)))
local mine = cr.cast(cr.lt(at, known), "f32")
local terms = { digit = cr.sum(mine * cr.cross_entropy(digit, label)) / cr.maximum(cr.sum(mine), 1),
  loop = w * cr.mean(cr.bce_with_logits(loop, has)) }
local function share(yes) return cr.mean(cr.cast(yes, "f32")) end

return cr.program("multitask", {
  train = cr.train { inputs = { image, label, at }, loss = terms, optimizer = cr.optim.adam { lr = cr.option("rate", 2e-3) } },
  score = cr.entry { inputs = { image, label }, outputs = { digit = share(cr.eq(cr.argmax(digit, 1), label)),
    loop = share(cr.eq(cr.gt(loop, 0), cr.gt(has, 0.5))) } },
})
