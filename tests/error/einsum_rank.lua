local cr = require "crescent"
local a = cr.input("a", {2, 3})
local y = cr.einsum("ijk->i", a)
