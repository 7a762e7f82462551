local cr = require "crescent"
local unary = cr.input("unary", {9, 3})
local z = cr.crf.log_partition(unary)
return cr.program("p", {})
