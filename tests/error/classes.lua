local cr = require "crescent"
local logits = cr.input("logits", {8, 10})
local y = cr.input("y", {8, 10, 1}, {dtype = "i32"})
local loss = cr.mean(cr.cross_entropy(logits, y))
