-- a scatter that goes straight into a large table, in its place and in that of another tensor
local cr = require "crescent"
local rows, width, n = 3000, 40, 7
local table_ = cr.param("table", {rows, width}, {init = cr.init.normal{std = 0.5}})
local ids, v = cr.input("ids", {n}, {dtype = "i32"}), cr.input("v", {n, width})
local i, j = cr.index{i = n}, cr.index{j = width}
local sums = cr.scatter({rows, width}, "sum", {i, j}, {ids(i) * 997 % rows, j}, v(i, j))
local moved = table_ - 0.25 * sums
local loss = cr.sum(cr.embedding(ids * 911 % rows, table_) * v)
return cr.program("table_copied", {
  read = cr.entry{inputs = {ids, v}, outputs = {moved = moved, total = cr.sum(moved)}},
  train = cr.train{inputs = {ids, v}, loss = loss, optimizer = cr.optim.sgd{lr = 0.5}},
})
