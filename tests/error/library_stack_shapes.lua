local cr = require "crescent"
local x = cr.input("x", {2, 3})
local y = cr.stack({x, cr.zeros{4}})
