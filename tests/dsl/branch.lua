-- branch.lua: cond, while_loop, fixed_point: values, derivatives, lists, maps over them
local cr = require "crescent"
cr.default_dtype "f64"
local x = cr.input("x", {})
local function at(v, y, want, tol)
  local got = value(y, {{x, {v}}})[1]
  if not (math.abs(got - want) <= (tol or 1e-12) * math.max(1, math.abs(want))) then
    error(("at %g: %.17g, not %.17g"):format(v, got, want), 2)
  end
end

-- the branch not taken would divide by zero
local y = cr.cond(cr.gt(x, 0), function() return cr.log(x) end, function() return x * x * x end)
local dy = cr.grad(y, x)
local ddy = cr.grad(dy, x)
at(2, y, math.log(2)); at(2, dy, 0.5); at(2, ddy, -0.25)
at(-2, y, -8); at(-2, dy, 12); at(-2, ddy, -12)
at(0, dy, 0); at(0, ddy, 0)
at(-2, cr.jvp(dy, x, cr.const(1.0)), -12)

-- operands, several results, numbers beside tensors, a condition known while compiling
local a, b = cr.cond(cr.lt(x, 1), function(u) return u + 1, 5 end, function(u) return u * 2, u end, x)
at(0, a + 10 * b, 51); at(3, a + 10 * b, 36)
at(3, cr.cond(true, function() return x end, function() return x / 0 end), 3)
local list = cr.cond(cr.lt(x, 1), function() return {x, x + 1} end, function() return {x + 2, x} end)
at(0, list[1] * 10 + list[2], 1); at(4, list[1] * 10 + list[2], 64)

-- Newton's square root, counted; integers and bools are carried too
local last = cr.while_loop(function(c) return cr.gt(cr.abs(c[1] * c[1] - x), 1e-10) end,
  function(c) return {(c[1] + x / c[1]) / 2, c[2] + 1} end, {x, cr.const(0)}, {max = 40})
at(2, last[1], math.sqrt(2), 1e-9); at(2, last[2], 4)
at(2, cr.grad(last[1], x), 0.5 / math.sqrt(2), 1e-4)
local free = cr.while_loop(function(c) return cr.gt(c, 1) end, function(c) return c * 0.5 end, x)
at(100, free, 0.78125); at(0.25, free, 0.25); at(100, cr.jvp(free, x, cr.const(1.0)), 1 / 128)
local none = cr.while_loop(function(c) return cr.gt(c, 1) end, function(c) return c * 2 end, x, {max = 0})
at(3, none, 3); at(3, cr.grad(none, x), 1)
local bounded = cr.while_loop(function() return true end, function(c, step) return c + step end, x, {max = 4})
at(1, bounded, 7)

-- each row ends on its own
local rows = cr.const{1.0, 5.0, 100.0}
local halved = cr.map(function(r)
  return cr.while_loop(function(c) return cr.gt(c, 1) end, function(c) return c * 0.5 end, r * x, {max = 30})
end, rows)
for k, want in ipairs{1, 0.625, 0.78125} do at(1, halved(k - 1), want) end
local slope = cr.grad(cr.sum(halved), x)
at(1, slope, 1 + 5 / 8 + 100 / 128)
local chosen = cr.map(function(r)
  return cr.cond(cr.gt(r, 2), function() return r * x end, function() return x * x end)
end, rows)
at(3, cr.sum(chosen), 9 + 15 + 300); at(3, cr.grad(cr.sum(chosen), x), 6 + 105)

-- what an element does not take leaves no NaN in derivatives of any order, and cannot fail
local signs = cr.map(function(r)
  local v = r * x
  return cr.cond(cr.gt(v, 0), function() return cr.log(v) * cr.sqrt(v) end, function() return v * v end)
end, cr.const{-1.0, 1.0})
local bend = cr.grad(cr.grad(cr.sum(signs), x), x)
at(2, cr.sum(signs), 4 + math.log(2) * math.sqrt(2)); at(2, bend, 2 - math.log(2) / 4 / 2 ^ 1.5)
at(2, cr.jvp(cr.grad(cr.sum(signs), x), x, cr.const(1.0)), 2 - math.log(2) / 4 / 2 ^ 1.5)
local nested = cr.map(function(r)
  return cr.cond(cr.gt(r, 0), function()
    return cr.iterate(2, function(c) return c + cr.log(r * x) end, cr.log(r) * x)
  end, function() return x end)
end, cr.const{-1.0, 1.0})
at(2, cr.sum(nested), 2 + 2 * math.log(2)); at(2, cr.grad(cr.sum(nested), x), 2)
at(2, cr.grad(cr.grad(cr.sum(nested), x), x), -0.5)
local solved = cr.map(function(r)
  return cr.cond(cr.gt(r, 0), function()
    return cr.sum(cr.linalg.solve(cr.eye(2, 2, x.dtype) * (r * x), cr.ones({2}, x.dtype)))
  end, function() return x end)
end, cr.const{0.0, 1.0})
at(2, cr.sum(solved), 3); at(2, cr.grad(cr.sum(solved), x), 0.5)

-- z = cos(z) x / 2 by its implicit derivative: z' = (cos z / 2) / (1 + sin(z) x / 2)
local z, steps, converged = cr.fixed_point(function(v) return cr.cos(v) * x / 2 end, cr.const(0.5))
local root = 0
for _ = 1, 200 do root = math.cos(root) * 0.4 end
local dz = math.cos(root) / 2 / (1 + math.sin(root) * 0.4)
at(0.8, z, root, 1e-11); at(0.8, converged, 1)
at(0.8, cr.grad(z, x), dz, 1e-10)
at(0.8, cr.jvp(z, x, cr.const(1.0)), dz, 1e-10)
local h = 1e-4
local function root_at(v)
  local r = 0
  for _ = 1, 300 do r = math.cos(r) * v / 2 end
  return r
end
local second = (root_at(0.8 + h) - 2 * root_at(0.8) + root_at(0.8 - h)) / (h * h)
at(0.8, cr.grad(cr.grad(z, x), x), second, 1e-6)
at(0.8, cr.jvp(cr.grad(z, x), x, cr.const(1.0)), second, 1e-6)
local far, count, rest = cr.fixed_point(function(v) return v + x end, cr.const(0.0), {max = 7, accept = true})
at(1, far, 7); at(1, count, 7); at(1, rest, 0)
local accepted = cr.linalg.cg(cr.reshape(x, {1, 1}), cr.const{2.0}, {accept = true})
at(4, accepted(0), 0.5)
assert(value(accepted, {{x, {0 / 0}}})[1] ~= 0.5 and value(accepted, {{x, {0 / 0}}})[1] ~= 0, "NaN is lost")

-- a row of -inf has the logarithm -inf, and no derivative; angles of tiny points are right
local rows2 = cr.stack({cr.stack({x * 0 - math.huge, x * 0 - math.huge}, 0), cr.stack({x, x + 1}, 0)}, 0)
local lse = cr.logsumexp(rows2, 1)
assert(value(cr.tensor({}, lse(0)), {{x, {2}}})[1] == -math.huge)
local s0 = cr.input("s0", {2})
local none = cr.grad(cr.sum(cr.logsumexp(cr.reshape(s0, {1, 2}), 1)), s0)
local both = value(none, {{s0, {-math.huge, -math.huge}}})
assert(both[1] == 0 and both[2] == 0)
at(1e-200, cr.grad(cr.atan2(x, x * 2), x) * 1e-200, 0, 1e-12)
local angle = cr.vjp(cr.atan2(x, cr.const(2e-200)), x, cr.const(1.0))
at(1e-200, angle, 2e-200 / 5e-200 / 1e-200)
at(0, cr.vjp(cr.atan2(x, x * 0), x, cr.const(1.0)), 0)
