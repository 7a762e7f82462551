-- domain adaptation by gradient reversal (Ganin and Lempitsky 2015; the DANN paper's two moons)
--
--   E = sum L_y(source) - lambda sum L_d(source, target): the features f and the classifier of classes
--   minimise it, the classifier of domains maximises it. cr.grad_reverse, the identity forward and
--   -lambda backward, makes one gradient step of L_y + L_d of both
--
-- Two moons; the target ones are turned, and have no labels in training. -D lambda=0: the source alone.
-- -D match=mean (Tzeng et al. 2014): no second classifier, lambda |mean f(source) - mean f(target)|^2 is added to L_y.
local cr = require "crescent"

local N, M, hidden, lambda = cr.dim("N", 64), cr.dim("M", 64), cr.option("hidden", 15), cr.option("lambda", 1.0)
local source, label = cr.input("source", { N, 2 }), cr.input("label", { N }, { dtype = "i32" })
local target = cr.input("target", { N, 2 })

local function layer(name, nin, nout)
  local W = cr.param(name .. ".W", { nin, nout }, { init = cr.init.xavier() })
  local b = cr.param(name .. ".b", { nout })
  return function(h) return cr.matmul(h, W) + b end
end
local f1, y1 = layer("features", 2, hidden), layer("classes", hidden, 2)
local d1, d2 = layer("domain1", hidden, hidden), layer("domain2", hidden, 1)
local function features(x) return cr.sigmoid(f1(x)) end
local function domain(f)
  return cr.reshape(d2(cr.sigmoid(d1(cr.grad_reverse(f, lambda)))), { N })
end

local fs, ft = features(source), features(target)
local on_source, on_target = domain(fs), domain(ft)
local logits = y1(fs)
local terms = {
  class = cr.mean(cr.cross_entropy(logits, label)),
  domain = (cr.mean(cr.softplus(-on_source)) + cr.mean(cr.softplus(on_target))) / 2,
}
local match = cr.option("match", "domain")
if match == "mean" then
  terms.domain = nil
  terms.mean = lambda * cr.sum((cr.mean(fs, 0) - cr.mean(ft, 0)) ^ 2)
elseif match ~= "domain" then
  error("match is domain or mean, not " .. match)
end
local function accuracy(z) return cr.mean(cr.cast(cr.eq(cr.argmax(z, 1), label), "f32")) end

-- Two interleaving half circles, turned by an angle in degrees.
local which = cr.random.integers({ N }, 0, 2)
local t, s = math.pi * cr.random.uniform({ N }), cr.cast(which, "f32")
local px = cr.cos(t) * (1 - 2 * s) + s - 0.5 + 0.1 * cr.random.normal({ N })
local py = cr.sin(t) * (1 - 2 * s) + 0.5 * s - 0.25 + 0.1 * cr.random.normal({ N })
local turn = cr.input("turn", {})
local c0, s0 = cr.cos(turn * (math.pi / 180)), cr.sin(turn * (math.pi / 180))

-- The plane from -2.2 to 2.2: blue to orange by the class that is thought likelier, the source in
-- dark dots of these colours, the target in black ones.
local size, row, column, n, c = 280, cr.index "row column n c"
local function at(k) return (k - size / 2 + 0.5) * (4.4 / size) end
local plane = cr.tensor({ n, c }, cr.where(cr.eq(c, 0), at(n % size), -at(n // size)), { size * size, 2 })
local p = cr.reshape(cr.narrow(cr.softmax(y1(features(plane)), 1), 1, 1, 1), { size, size })
local shown, other = cr.input("shown", { M, 2 }), cr.input("of", { M }, { dtype = "i32" })
local wanted = cr.input("wanted", { M, 2 })
local function near(x, want) -- whether a point of that class is within two pixels
  return cr.tensor({ row, column }, cr.any(n, cr.logical_and(want(n),
    cr.lt((x(n, 0) - at(column)) ^ 2 + (x(n, 1) + at(row)) ^ 2, (8.8 / size) ^ 2))), { size, size })
end
local dots = { near(shown, cr.eq(other, 0)), near(shown, cr.eq(other, 1)), near(wanted, cr.ge(other, 0)) }
local low, high = cr.const { 120.0, 170.0, 255.0 }, cr.const { 255.0, 190.0, 110.0 }
local paint = { cr.const { 20.0, 60.0, 180.0 }, cr.const { 190.0, 80.0, 0.0 }, cr.const { 0.0, 0.0, 0.0 } }
local map = low + (high - low) * cr.reshape(p, { size, size, 1 })
for k = 1, 3 do map = cr.where(cr.reshape(dots[k], { size, size, 1 }), paint[k], map) end

return cr.program("adaptation", {
  train = cr.train { inputs = { source, label, target }, loss = terms,
    metrics = { accuracy = accuracy(logits) },
    optimizer = cr.optim.sgd { lr = 0.5, momentum = 0.9 } },
  score = cr.entry { inputs = { target, label }, outputs = { accuracy = accuracy(y1(ft)) } },
  draw = cr.entry { inputs = { turn }, outputs = {
    x = cr.stack({ px * c0 - py * s0, px * s0 + py * c0 }, 1), label = which } },
  map = cr.entry { inputs = { shown, other, wanted }, outputs = { picture = map } },
})
