local cr = require "crescent"
local logits, y = cr.input("logits", {50, 8, 20}), cr.input("y", {50, 8}, {dtype = "i32"})
local loss = cr.ctc_loss(cr.log_softmax(logits, 2), y)
