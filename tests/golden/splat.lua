-- What a scatter adds, and where, is made in rows beside it: a vector each, and not stored.
local cr = require "crescent"
local b, k, l = cr.index "b k l"
local x = cr.input("x", {40, 300})
local low = cr.floor(x)
local rest = x - low
local share = cr.tensor({b, k, l}, cr.where(cr.eq(l, 0), 1 - rest(b, k), rest(b, k)), {40, 300, 2})
local at = cr.cast(cr.clamp(low, 0, 62), "i32")
local count = cr.scatter({40, 64}, "sum", {b, k, l}, {b, at(b, k) + l}, share(b, k, l))
return cr.program("splat", {f = cr.entry{inputs = {x}, outputs = {count = count, at = at}}})
