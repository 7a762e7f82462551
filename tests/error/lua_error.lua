local cr = require "crescent"
local x = cr.input("x", {5})
local y = x + undefined.field
