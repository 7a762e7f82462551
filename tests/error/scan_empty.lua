local cr = require "crescent"
local x = cr.input("x", {5, 3})
cr.scan(function(c, u) return {}, {} end, {}, x)
