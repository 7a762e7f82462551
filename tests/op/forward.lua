-- forward.lua: a declared jvp beside the vjp, over a batch
local cr = require "crescent"
local twice = cr.op{ name = "cube", kernel = "cube", source = "cube.c",
  args = { {"x", {"n"}}, {"s", {}} }, results = { {"y", {"n"}} }, status = false,
  vjp = function(args, results, bars) return { 3 * args.x^2 * bars.y * args.s, cr.sum(args.x^3 * bars.y) } end,
  jvp = function(args, results, dots) return { 3 * args.x^2 * dots.x * args.s + args.x^3 * dots.s } end }
local x = cr.input("x", {4, 3})
local w = cr.param("w", {3}, {init=cr.init.normal()})
local s = cr.input("s", {4})
local y = twice(cr.sin(x) * w, s)
return cr.program("forward", { f = cr.entry{ inputs = {x, s}, outputs = { y = y, g=cr.grad(cr.sum(y^2), x), j = cr.jvp(y, x, x), h = cr.hvp(cr.sum(y*y), {x, s}, {x, s})[1] } } })
