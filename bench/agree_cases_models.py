"""Models of other benchmarks (ADBench and the like), for agree.py: values, gradients, Jacobians."""
import functools
import jax, jax.numpy as jnp
from jax import lax
from agree import case, model
from agree_cases import N, P, both


# A Gaussian mixture with packed triangular inverse covariances and a Wishart prior
K, D, M = 4, 3, 0
def gmm(alphas, means, icf, x):
    g, n = 1.0, x.shape[0]
    rows, cols = jnp.tril_indices(D, -1)
    order = [D + c * D - c * (c + 1) // 2 + (r - c - 1) for r, c in zip(rows.tolist(), cols.tolist())]
    Q = jnp.zeros((K, D, D)).at[:, rows, cols].set(icf[:, jnp.array(order)]) + jax.vmap(jnp.diag)(jnp.exp(icf[:, :D]))
    y = jnp.einsum("krc,nkc->nkr", Q, x[:, None] - means[None])
    main = jax.scipy.special.logsumexp(alphas + icf[:, :D].sum(1) - .5 * (y ** 2).sum(2), axis=1).sum()
    prior = jnp.sum(.5 * g * g * ((jnp.exp(icf[:, :D]) ** 2).sum(1) + (icf[:, D:] ** 2).sum(1)) - M * icf[:, :D].sum(1))
    return -n * D * .5 * jnp.log(2 * jnp.pi) + main - n * jax.scipy.special.logsumexp(alphas) + prior
def gmm_ref(alphas, means, icf, x):
    g = jax.grad(gmm, (0, 1, 2))(alphas, means, icf, x)
    hvp = jax.jvp(lambda i: jax.grad(gmm, 2)(alphas, means, i, x), (icf,), (jnp.ones_like(icf),))[1]
    return dict(y=gmm(alphas, means, icf, x), ga=g[0], gm=g[1], gi=g[2], h=hvp)
case("model_gmm", model(f'''local n = cr.dim "n"
local K, D, m, gamma = {K}, {D}, {M}, 1.0
local alphas, means = cr.input("alphas", {{ K }}), cr.input("means", {{ K, D }})
local icf, x = cr.input("icf", {{ K, D + D * (D - 1) // 2 }}), cr.input("x", {{ n, D }})
local i, k, r, c = cr.index "i k r c"
local packed = D + c * D - c * (c + 1) // 2 + (r - c - 1)
local Q = cr.tensor({{ k, r, c }}, cr.where(cr.eq(r, c), cr.exp(icf(k, c)), cr.where(cr.gt(r, c), cr.clamp_to_edge(icf)(k, packed), 0)), {{ K, D, D }})
local y = cr.tensor({{ i, k, r }}, cr.sum(c, Q(k, r, c) * (x(i, c) - means(k, c))))
local diag, rest = cr.slice(icf, 1, 0, D), cr.slice(icf, 1, D)
local main = cr.sum(cr.logsumexp(alphas + cr.sum(diag, 1) - 0.5 * cr.sum(y * y, 2), 1))
local prior = cr.sum(0.5 * gamma ^ 2 * (cr.sum(cr.exp(diag) ^ 2, 1) + cr.sum(rest ^ 2, 1)) - m * cr.sum(diag, 1))
local l = -0.5 * D * math.log(2 * math.pi) * n + main - n * cr.logsumexp(alphas) + prior
local g = cr.grad(l, {{ alphas, means, icf }})
local h = cr.hvp(l, icf, cr.ones_like(icf))''', "alphas, means, icf, x", "y = l, ga = g[1], gm = g[2], gi = g[3], h = h"),
     dict(alphas=N(K), means=N(K, D), icf=N(K, D + D * (D - 1) // 2), x=N(100, D)), gmm_ref)


# Bundle adjustment: residuals of a camera, a point and a weight each, and the 2 x 15 blocks of their Jacobian
def residual(q, f):
    r, X = q[:3], q[11:14] - q[3:6]
    th = jnp.sqrt(jnp.sum(r * r))
    w = r / th
    Xc = X * jnp.cos(th) + jnp.cross(w, X) * jnp.sin(th) + w * jnp.dot(w, X) * (1 - jnp.cos(th))
    p = Xc[:2] / Xc[2]
    rr = jnp.sum(p * p)
    return q[14] * (p * (1 + q[9] * rr + q[10] * rr * rr) * q[6] + q[7:9] - f)
BA = '''local n = cr.dim "n"
local p, f = cr.input("p", { n, 15 }), cr.input("f", { n, 2 })
local function residual(q, f)
  local r, X = cr.slice(q, 0, 0, 3), cr.slice(q, 0, 11, 14) - cr.slice(q, 0, 3, 6)
  local th = cr.sqrt(cr.sum(r * r))
  local w = r / th
  local Xc = X * cr.cos(th) + cr.cross(w, X) * cr.sin(th) + w * (cr.dot(w, X) * (1 - cr.cos(th)))
  local u = cr.slice(Xc, 0, 0, 2) / Xc(2)
  local rr = cr.sum(u * u)
  return q(14) * (u * ((1 + q(9) * rr + q(10) * rr * rr) * q(6)) + cr.slice(q, 0, 7, 9) - f)
end
local R = cr.map(residual, { p, f })
'''
ba_ref = lambda p, f: dict(R=jax.vmap(residual)(p, f), J=jax.vmap(jax.jacrev(residual))(p, f))
case("model_ba_map", model(BA + 'local J = cr.map(function(q, f) return cr.jacobian(residual(q, f), q) end, { p, f })', "p, f", "R = R, J = J"),
     dict(p=N(50, 15), f=N(50, 2)), ba_ref)
case("model_ba_batch", model(BA + 'local J = cr.jacobian(R, p, { batch = 1 })', "p, f", "R = R, J = J"), dict(p=N(50, 15), f=N(50, 2)), ba_ref)
case("model_hessians", model('''local n = cr.dim "n"
local x = cr.input("x", { n, 4 })
local i, k = cr.index "i k"
local l = cr.tensor({ i }, cr.sum(k, cr.sin(x(i, k)) * x(i, (k + 1) % 4) ^ 2))
local H = cr.hessian(l, x, { batch = 1 })''', "x", "H = H"), dict(x=N(60, 4)),
     lambda x: dict(H=jax.vmap(jax.hessian(lambda r: jnp.sum(jnp.sin(r) * jnp.roll(r, -1) ** 2)))(x)))


# ADBench's LSTM language model, whose gates are elementwise
def lstm_loss(w, b, e, s, x):
    def step(state, u):
        u, out = u * e[0], []
        for l in range(2):
            h, c = state[2 * l], state[2 * l + 1]
            f, i = jax.nn.sigmoid(u * w[l, 0] + b[l, 0]), jax.nn.sigmoid(h * w[l, 1] + b[l, 1])
            o, g = jax.nn.sigmoid(u * w[l, 2] + b[l, 2]), jnp.tanh(h * w[l, 3] + b[l, 3])
            c = c * f + i * g
            u = o * jnp.tanh(c)
            out += [u, c]
        return jnp.stack(out), u * e[1] + e[2]
    ys = lax.scan(step, s, x[:-1])[1]
    return -jnp.mean(x[1:] * (ys - jnp.log(2 + jnp.sum(jnp.exp(ys), 1, keepdims=True))))
both("model_lstm", '''local w, b, e = cr.input("w", { 2, 4, 6 }), cr.input("b", { 2, 4, 6 }), cr.input("e", { 3, 6 })
local T = cr.dim "T"
local s, x = cr.input("s", { 4, 6 }), cr.input("x", { T, 6 })
local k = cr.index "k"
local function part(t, ...) local at = { ... }; at[#at + 1] = k; return cr.tensor({ k }, t(table.unpack(at))) end
local _, ys = cr.scan(function(state, u)
  u = u * part(e, 0)
  local out = {}
  for l = 0, 1 do
    local h, c = part(state, 2 * l), part(state, 2 * l + 1)
    local f, i = cr.sigmoid(u * part(w, l, 0) + part(b, l, 0)), cr.sigmoid(h * part(w, l, 1) + part(b, l, 1))
    local o, g = cr.sigmoid(u * part(w, l, 2) + part(b, l, 2)), cr.tanh(h * part(w, l, 3) + part(b, l, 3))
    c = c * f + i * g
    u = o * cr.tanh(c)
    out[#out + 1], out[#out + 2] = u, c
  end
  return cr.stack(out, 0), u * part(e, 1) + part(e, 2)
end, s, cr.slice(x, 0, 0, -1))
local l = -cr.mean(cr.slice(x, 0, 1) * (ys - cr.log(2 + cr.sum(cr.exp(ys), 1, { keepdim = true }))))
local g = cr.grad(l, { w, b, e })''', "w, b, e, s, x", "y = l, gw = g[1], gb = g[2], ge = g[3]",
     dict(w=N(2, 4, 6), b=N(2, 4, 6), e=N(3, 6), s=N(4, 6), x=P(12, 6)),
     lambda w, b, e, s, x: (lambda g: dict(y=lstm_loss(w, b, e, s, x), gw=g[0], gb=g[1], ge=g[2]))(jax.grad(lstm_loss, (0, 1, 2))(w, b, e, s, x)))


# A hand: bones that turn by three angles, linear blend skinning of its vertices, Jacobian by columns
PARENT = [-1, 0, 1, 0, 3]
def euler(a):
    cx, cy, cz, sx, sy, sz = *jnp.cos(a), *jnp.sin(a)
    one, zero = jnp.ones(()), jnp.zeros(())
    X = jnp.array([[one, zero, zero], [zero, cx, -sx], [zero, sx, cx]])
    Y = jnp.array([[cy, zero, sy], [zero, one, zero], [-sy, zero, cy]])
    Z = jnp.array([[cz, -sz, zero], [sz, cz, zero], [zero, zero, one]])
    return Z @ Y @ X
def hand(theta, off, verts, weight, target):
    R, t = [], []
    for b, p in enumerate(PARENT):
        r = euler(theta[3 * b:3 * b + 3])
        R.append(r if p < 0 else R[p] @ r)
        t.append(off[b] if p < 0 else R[p] @ off[b] + t[p])
    placed = jnp.einsum("brc,vc->bvr", jnp.stack(R), verts) + jnp.stack(t)[:, None]
    return (jnp.einsum("vb,bvr->vr", weight, placed) - target).reshape(-1)
case("model_hand", model('''local theta, off = cr.input("theta", { 15 }), cr.input("off", { 5, 3 })
local verts, weight, target = cr.input("verts", { 40, 3 }), cr.input("weight", { 40, 5 }), cr.input("target", { 40, 3 })
local parent = { -1, 0, 1, 0, 3 }
local function euler(x, y, z)
  local cx, cy, cz, sx, sy, sz = cr.cos(x), cr.cos(y), cr.cos(z), cr.sin(x), cr.sin(y), cr.sin(z)
  local function m(...) local e = { ... }; for k = 1, 9 do e[k] = e[k] + 0 * x end; return cr.reshape(cr.stack(e, 0), { 3, 3 }) end
  return cr.matmul(cr.matmul(m(cz, -sz, 0, sz, cz, 0, 0, 0, 1), m(cy, 0, sy, 0, 1, 0, -sy, 0, cy)), m(1, 0, 0, 0, cx, -sx, 0, sx, cx))
end
local R, t = {}, {}
for b = 1, 5 do
  local r, p = euler(theta(3 * b - 3), theta(3 * b - 2), theta(3 * b - 1)), parent[b] + 1
  local o = cr.select(off, 0, b - 1)
  R[b] = p == 0 and r or cr.matmul(R[p], r)
  t[b] = p == 0 and o or cr.mv(R[p], o) + t[p]
end
local placed = cr.einsum("brc,vc->bvr", cr.stack(R, 0), verts) + cr.unsqueeze(cr.stack(t, 0), 1)
local e = cr.reshape(cr.einsum("vb,bvr->vr", weight, placed) - target, { -1 })
local J = cr.jacobian(e, theta)''', "theta, off, verts, weight, target", "y = e, J = J"),
     dict(theta=N(15), off=N(5, 3), verts=N(40, 3), weight=P(40, 5), target=N(40, 3)),
     lambda **a: dict(y=hand(**a), J=jax.jacfwd(hand)(*a.values())))


# A determinant by Laplace's recursion, and by elimination; gradient descent inside a loss
case("model_det", model('''local A = cr.input("A", { 5, 5 })
local function minor(rows, from)
  if #rows == 1 then return A(rows[1], from) end
  local sum = 0
  for k = 1, #rows do
    local rest = { table.unpack(rows) }
    table.remove(rest, k)
    sum = sum + (-1) ^ (k + 1) * A(rows[k], from) * minor(rest, from + 1)
  end
  return sum
end
local y = cr.tensor({}, minor({ 0, 1, 2, 3, 4 }, 0))
local i, j, r, c = cr.index "i j r c"
local last = cr.scan(function(M, k)
  return cr.tensor({ r, c }, cr.where(cr.gt(r, k), M(r, c) - M(r, k) / M(k, k) * M(k, c), M(r, c)), { 5, 5 })
end, A, nil, { length = 5 })
local z = cr.prod(cr.diagonal(last))
local gy, gz = cr.grad(y, A), cr.grad(z, A)
local hy, hz = cr.grad(cr.sum(gy * gy), A), cr.grad(cr.sum(gz * gz), A)''', "A", "y = y, z = z, gy = gy, gz = gz, hy = hy, hz = hz"),
     dict(A=lambda r: r.standard_normal((5, 5)) + 3 * jnp.eye(5)),
     lambda A: (lambda d, g, h: dict(y=d, z=d, gy=g, gz=g, hy=h, hz=h))(jnp.linalg.det(A), jax.grad(jnp.linalg.det)(A),
                                                                      jax.grad(lambda A: jnp.sum(jax.grad(jnp.linalg.det)(A) ** 2))(A)))
def inner(w, lr, x, t):
    loss = lambda w: jnp.mean((jnp.tanh(x @ w) - t) ** 2)
    return functools.reduce(lambda w, _: w - lr * jax.grad(loss)(w), range(5), w), loss
def nested(w, lr, x, t):
    w, loss = inner(w, lr, x, t)
    return loss(w)
case("model_nested", model('''local w, lr, x, t = cr.input("w", { 4 }), cr.input("lr", {}), cr.input("x", { 20, 4 }), cr.input("t", { 20 })
local function loss(w) return cr.mean((cr.tanh(cr.matmul(x, w)) - t) ^ 2) end
local y = loss(cr.iterate(5, function(w) return w - lr * cr.grad(loss(w), w) end, w))
local g = cr.grad(y, { w, lr, x })
local h = cr.grad(g[2], { lr, w })''', "w, lr, x, t", "y = y, gw = g[1], gl = g[2], gx = g[3], hl = h[1], hw = h[2]"),
     dict(w=N(4), lr=lambda r: r.uniform(.1, .5), x=N(20, 4), t=N(20)),
     lambda w, lr, x, t: (lambda g, h: dict(y=nested(w, lr, x, t), gw=g[0], gl=g[1], gx=g[2], hl=h[1], hw=h[0]))(
         jax.grad(nested, (0, 1, 2))(w, lr, x, t), jax.grad(jax.grad(nested, 1), (0, 1))(w, lr, x, t)))
