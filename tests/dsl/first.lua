local cr = require "crescent"
local N, D = cr.dim "N", 4
local X = cr.input("X", {N, D})
local y = cr.input("y", {N}, {dtype = "i32"})
local W = cr.param("W", {D, 10}, {init = cr.init.xavier()})
local b = cr.param("b", {10})
local logits = cr.matmul(X, W) + b
local loss = cr.mean(cr.cross_entropy(logits, y))
assert(logits.name == "logits")
assert(tostring(logits) == "logits: f32{N, 10}", tostring(logits))
return cr.program("softmax_regression", {
  predict = cr.entry{ inputs = {X},    outputs = { prob = cr.softmax(logits) } },
  train   = cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.adam{ lr = 1e-3 } },
})
