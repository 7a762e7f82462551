-- a convolutional network with the three tricks that make one good: batch normalisation (Ioffe and
-- Szegedy 2015), dropout (Srivastava et al. 2014), augmentation. The layers are in net.lua
--
-- Every picture is turned, scaled, sheared and moved a little, differently each time it is seen.
-- -D tricks=none, or a list of norm, dropout, augment: what each one is worth. The schedule ends after
-- `steps`: 4 epochs of 60,000 pictures in batches of 64.
local cr = require "crescent"
local net = require "net"

local N = cr.dim("N", 64)
local image = cr.input("image", { N, 28, 28 }) -- grey values 0..255
local label = cr.input("label", { N }, { dtype = "i32" })

local x = cr.reshape(image, { N, 1, 28, 28 }) / 255
local learned, guessed = net.logits(x, true), net.logits(x, false)
local loss = cr.mean(cr.cross_entropy(learned, label))
local digit = cr.argmax(guessed, 1)
local function right(z) return cr.mean(cr.cast(cr.eq(cr.argmax(z, 1), label), "f32")) end

-- confusion[a, b]: how many pictures of class a were taken for class b
local a, b, n = cr.index "a b n"
local confusion = cr.tensor({ a, b },
  cr.sum(n, cr.where(cr.logical_and(cr.eq(label(n), a), cr.eq(digit(n), b)), 1, 0)), { 10, 10 })

return cr.program("cnn", {
  predict = cr.entry { inputs = { image }, outputs = { digit = digit, prob = cr.softmax(guessed, 1) } },
  score = cr.entry { inputs = { image, label }, outputs = {
    accuracy = right(guessed), loss = cr.mean(cr.cross_entropy(guessed, label)) } },
  confuse = cr.entry { inputs = { image, label }, outputs = { confusion = confusion } },
  augment = cr.entry { inputs = { image }, outputs = {
    picture = cr.reshape(net.augment(x), { N, 28, 28 }) * 255 } },
  train = cr.train {
    inputs = { image, label }, loss = loss, metrics = { accuracy = right(learned) }, updates = net.updates,
    optimizer = cr.optim.adam {
      lr = cr.optim.cosine { lr = cr.option("rate", 3e-3), steps = cr.option("steps", 3752) },
    },
  },
})
