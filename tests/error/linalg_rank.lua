local cr = require "crescent"
local a = cr.input("a", {3})
local q = cr.linalg.qr(a)
return cr.program("p", {})
