-- qp.lua: a quadratic program in a batch, its multipliers, and derivatives of its derivatives
local cr = require "crescent"
cr.default_dtype "f64"
local R, p = cr.input("R", {2, 4, 4}), cr.input("p", {2, 4})
local A, b = cr.input("A", {1, 4}), cr.input("b", {1})
local G, h = cr.input("G", {2, 5, 4}), cr.input("h", {5})
local Q = cr.matmul(R, cr.transpose(R)) + cr.eye(4)
local z, nu, lambda = cr.qp(Q, p, A, b, G, cr.exp(h))
local loss = cr.sum(z ^ 2 * 0.5 + z) + cr.sum(cr.sin(lambda)) + cr.sum(nu ^ 2)
local g, total = cr.grad(loss, {R, p, A, b, G, h}), 0
for _, x in ipairs(g) do total = total + cr.sum(x ^ 2) end

-- Known answers. Projection on {z >= 0, sum z = 1}: of (.8, .6, -.5) it is (.6, .4, 0); its Jacobian is
-- that of subtracting the mean over the support. A row given twice changes nothing.
local y = cr.input("y", {3})
local ones = cr.ones({1, 3})
local simplex = function(v)
  return cr.qp(cr.eye(3), -v, ones, cr.ones({1}), cr.cat({-cr.eye(3), -cr.eye(3)}, 0), cr.zeros({6}))
end
local free = cr.qp(cr.eye(3) * 2, -y)
-- A corner that three rows hold, of which two are enough: z stays, whichever multipliers are found.
local v = cr.input("v", {2})
local corner = cr.qp(cr.eye(2), v, nil, nil, cr.const{{1.0, 0.0}, {0.0, 1.0}, {1.0, 1.0}}, cr.const{1.0, 1.0, 2.0})
-- As many constraints as there are when it runs, none too.
local k, m = cr.dim("k", 1), cr.dim("m", 1)
local rows, right = cr.input("rows", {k, 2}), cr.input("right", {k})
local sides, most = cr.input("sides", {m, 2}), cr.input("most", {m})
local few = cr.qp(cr.eye(2), v, rows, right, sides, most)

return cr.program("qp", {
  few = cr.entry{inputs = {v, rows, right, sides, most}, outputs = {z = few, J = cr.jacobian(few, v)}},
  f = cr.entry{inputs = {R, p, A, b, G, h}, outputs = {z = z, nu = nu, lambda = lambda}},
  g = cr.entry{inputs = {R, p, A, b, G, h}, outputs = {
    loss = loss, second = cr.grad(total, p), G_bar = g[5]}},
  simplex = cr.entry{inputs = {y}, outputs = {z = simplex(y), J = cr.jacobian(simplex(y), y),
    free = free, active = select(4, simplex(y))}},
  corner = cr.entry{inputs = {v}, outputs = {z = corner, J = cr.jacobian(corner, v)}},
})
