-- where a scatter goes may be read under a boundary rule itself
local cr = require "crescent"
cr.default_dtype "f64"
local id = cr.input("id", {2}, {dtype = "i32"})
local x = cr.input("x", {3, 2})
local i = cr.index{i = 5}
local function at(rule) return cr.sum(cr.tensor({i}, rule(x)(cr.wrap(id)(i), i // 3) ^ 2, {5})) end
local y = at(cr.reflect) + 2 * at(cr.mirror) + 3 * at(cr.clamp_to_edge) + 4 * at(cr.wrap) + 5 * at(cr.zero_outside)
return cr.program("wrapped_ids", {
  run = cr.entry{ inputs = {id, x}, outputs = { y = y, x_bar = cr.grad(y, x) } },
})
