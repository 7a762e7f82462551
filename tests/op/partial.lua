-- partial.lua: a vjp that derives a formula by its arguments, one of which depends on the other where it is called
local cr = require "crescent"
local cube = cr.op{ name = "cube", kernel = "cube", source = "cube.c",
  args = { {"x", {"n"}}, {"s", {}} }, results = { {"y", {"n"}} }, status = false,
  vjp = function(args, _, bars) return cr.grad(cr.sum(args.s * args.x ^ 3 * bars.y), {args.x, args.s}) end }
local x = cr.input("x", {3})
local y = cube(x, cr.sum(cr.sin(x)))
local rows = cr.input("rows", {2, 3})
local z = cube(rows, cr.sum(cr.sin(rows), 1))
return cr.program("partial", {one = cr.entry{ inputs = {x}, outputs = { y = y, g = cr.grad(cr.sum(y ^ 2), x) } },
  batch = cr.entry{ inputs = {rows}, outputs = { z = z, g = cr.grad(cr.sum(z ^ 2), rows) } } })
