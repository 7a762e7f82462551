-- weights of the wrong shape are named as they were given
local cr = require "crescent"
local u = cr.input("u", {4, 5})
local set = cr.submodular.min(u, {h = cr.input("h", {4, 5})})
return cr.program("p", { f = cr.entry{ inputs = {u}, outputs = { set = set } } })
