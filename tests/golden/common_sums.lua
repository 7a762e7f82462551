-- common_sums.lua: a step keeps the exponentials that its sums and the adjoints of these have in common
local cr = require "crescent"
local e, c, a0 = cr.input("e", {20, 12, 6}), cr.input("c", {6, 6}), cr.input("a0", {12, 6})
local b, r, s = cr.index "b r s"
local a = cr.scan(function(a, e)
  return cr.tensor({b, s}, cr.logsumexp(r, a(b, r) + c(r, s)) + e(b, s)), {}
end, a0, e)
return cr.program("common_sums", {
  g = cr.entry{inputs = {e, c, a0}, outputs = {c_bar = cr.grad(cr.sum(a), c)}},
})
