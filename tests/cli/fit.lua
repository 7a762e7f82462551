-- fit.lua: a small model to train, for faults.sh and resume.sh: y = X W by least squares
local cr = require "crescent"
local N = cr.dim "N"
local X, y = cr.input("X", {N, 4}), cr.input("y", {N})
local W = cr.param("W", {4}, {init = 0.5})
local fit = cr.mean((cr.matmul(X, W) - y) ^ 2)
local rule = cr.optim[cr.option("rule", "adam")]
return cr.program("fit", {
  train = cr.train{inputs = {X, y}, loss = fit, optimizer = rule{lr = 0.05}},
  score = cr.entry{inputs = {X, y}, outputs = {fit = fit, gain = -fit}},
  look = cr.entry{inputs = {}, outputs = {W = W}},
  draw = cr.entry{inputs = {}, outputs = {X = cr.random.normal({N, 4}), y = cr.random.normal({N})}},
})
