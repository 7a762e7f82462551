-- NAME: logistic regression, a model to start from
--
--   crescent check NAME.lua                    the derivatives, against differences
--   crescent build NAME.lua                    makes ./NAME
--   ./NAME train --data X=x.npy --data y=y.npy --epochs 10 --batch 32 --save NAME.safetensors
--   ./NAME run predict --weights NAME.safetensors --in X=x.npy --out prob=p.npy

local cr = require "crescent"

local N = cr.dim "N"                               -- the number of examples, known at run time
local features = cr.option("features", 4)          -- crescent build -D features=8 NAME.lua
local classes = cr.option("classes", 3)

local X = cr.input("X", {N, features})
local y = cr.input("y", {N}, {dtype = "i32"})      -- the class of each example, from 0
local W = cr.param("W", {features, classes}, {init = cr.init.xavier()})
local b = cr.param("b", {classes})

local logits = cr.matmul(X, W) + b
local loss = cr.mean(cr.cross_entropy(logits, y))

return cr.program("NAME", {
  predict = cr.entry{ inputs = {X}, outputs = { prob = cr.softmax(logits) } },
  train = cr.train{ inputs = {X, y}, loss = loss, optimizer = cr.optim.adam{ lr = 1e-2 } },
})
