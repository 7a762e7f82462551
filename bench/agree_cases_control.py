"""Loops and control that depends on data, for agree_derivs.py: what carries, slices and stacks may be."""
import functools
import jax, jax.numpy as jnp
from jax import lax
from agree_derivs import deriv
from agree_cases_derivs import N, P, U

T3 = [dict(T=6), dict(T=1), dict(T=2), dict(T=11)]
X = dict(x=(("T", 3), N), a=((3,), N), b=((3,), N))


def scans(name, lua, f, options=("", ", { reverse = true }", ", { checkpoint = true }", ", { checkpoint = 4, reverse = true }",
                                 ", { unroll = 4 }", ", { unroll = 3, checkpoint = 2, reverse = true }"), ins=X, sizes=T3, **more):
    """The scan at the place of OPTIONS with each of them; f(reverse, inputs...) is its reference."""
    for k, o in enumerate(options):
        def g(reverse=o.find("reverse") >= 0, **given):
            return f(reverse, **given)
        deriv(f"{name}_{k}", ins, lua.replace("OPTIONS", o), g, sizes=sizes, kinds=("f64d",) if k else ("f64d", "f32"), **more)


# Carries that change places, one that stays, a stack of the old carry, of a slice, of a constant
def places(rev, x, a, b):
    def st(c, u):
        p, q, r = c
        return (q, jnp.sin(p) * u + r, r), (p, u, r * 2, q * u)
    (p, q, r), ys = lax.scan(st, (a, b, a * b), x, reverse=rev)
    return p + q * r + sum((k + 1) * y.sum(0) for k, y in enumerate(ys)) + ys[0][0] * ys[3][-1]
scans("places", '''
local last, ys = cr.scan(function(c, u)
  return { c[2], cr.sin(c[1]) * u + c[3], c[3] }, { c[1], u, c[3] * 2, c[2] * u }
end, { a, b, a * b }, xOPTIONS)
local y = last[1] + last[2] * last[3] + cr.sum(ys[1], 0) + 2 * cr.sum(ys[2], 0) + 3 * cr.sum(ys[3], 0) + 4 * cr.sum(ys[4], 0)
y = y + cr.slice(ys[1], 0, 0, 1):reshape{3} * cr.slice(ys[4], 0, T - 1, T):reshape{3}''', places)


# Several slices, an integer and a bool carried along
def counted(rev, x, a, b):
    def st(c, u):
        s, n, odd = c
        s = jnp.where(odd, jnp.tanh(s + u[0]), s * u[1] + n)
        return (s, n + 2, ~odd), s * n
    (s, n, odd), y = lax.scan(st, (a, jnp.int64(1), jnp.bool_(False)), (x, x[::-1] * b), reverse=rev)
    return s * n + jnp.where(odd, 1., 2.) * y.sum(0)
scans("counted", '''
local last, ys = cr.scan(function(c, u)
  local s = cr.where(c[3], cr.tanh(c[1] + u[1]), c[1] * u[2] + c[2])
  return { s, c[2] + 2, cr.logical_not(c[3]) }, s * c[2]
end, { a, cr.const(1), cr.const(false) }, { x, cr.flip(x, 0) * b }OPTIONS)
local y = last[1] * last[2] + cr.where(last[3], 1, 2) * cr.sum(ys, 0)''', counted)


# No xs, a run-time length, the number of the step
def stepped(rev, x, a, b):
    def st(c, t):
        c = jnp.sin(c * a + t * .1) * b
        return c, c * t
    last, ys = lax.scan(st, x[0], jnp.arange(x.shape[0]), reverse=rev)
    return last + ys.sum(0)
scans("stepped", '''
local last, ys = cr.scan(function(c, t)
  local n = cr.sin(c * a + t * 0.1) * b
  return n, n * t
end, cr.slice(x, 0, 0, 1):reshape{3}, nil, { length = TOPTIONS })
local y = last + cr.sum(ys, 0)''', stepped, options=("", ", reverse = true", ", checkpoint = 3", ", unroll = 2, checkpoint = 2"))


# A loop in a loop, both with checkpoints, over what the outer one carries
def nested(rev, x, a, b):
    def outer(c, u):
        inner = lambda d, v: (jnp.tanh(d * v + c * a), d * c)
        d, ds = lax.scan(inner, u, x)
        return c + d * b, ds.sum(0)
    last, ys = lax.scan(outer, a, x, reverse=rev)
    return last + ys.sum(0)
for inner in ("", ", { checkpoint = 2 }", ", { reverse = false, unroll = 2 }"):
    scans("nested" + str(len(inner)), '''
local last, ys = cr.scan(function(c, u)
  local d, ds = cr.scan(function(d, v) return cr.tanh(d * v + c * a), d * c end, u, xINNER)
  return c + d * b, cr.sum(ds, 0)
end, a, xOPTIONS)
local y = last + cr.sum(ys, 0)'''.replace("INNER", inner), nested, options=("", ", { checkpoint = 2 }"), order=2)


# Gradient descent whose every step asks for a gradient of a loop
def descent(rev, x, a, b):
    loss = lambda w: jnp.sum(lax.scan(lambda h, u: (jnp.tanh(h * w + u),) * 2, a, x, reverse=rev)[1] ** 2)
    return functools.reduce(lambda w, _: w - .1 * jax.grad(loss)(w), range(3), b)
scans("descent", '''
local y = cr.iterate(3, function(w)
  local _, hs = cr.scan(function(h, u) local n = cr.tanh(h * w + u); return n, n end, a, xOPTIONS)
  return w - 0.1 * cr.grad(cr.sum(hs ^ 2), w)
end, b)''', descent, options=("", ", { checkpoint = 2, reverse = true }"), order=2, sizes=T3[:2])


# A named function in a loop, called twice and without arguments; a map in a loop, a loop in a map
def functions(rev, x, a, b):
    cell = lambda h, u: jnp.tanh(h * a + u)
    def st(h, u):
        h = cell(cell(h, u), b)
        return h, jax.vmap(lambda s: s * jnp.sum(h) + jnp.exp(-s * s))(u)
    last, ys = lax.scan(st, b, x, reverse=rev)
    rows = jax.vmap(lambda r: lax.scan(lambda c, u: (jnp.sin(c + u), c * u), r[0], r)[1].sum())(x)
    return last + ys.sum(0) + jnp.sum(rows) * a
scans("functions", '''
local cell = cr.func("cell", function(h, u) return cr.tanh(h * a + u) end)
local scale = cr.func("scale", function() return a end)
local last, ys = cr.scan(function(h, u)
  local n = cell(cell(h, u), b)
  return n, cr.map(function(s) return s * cr.sum(n) + cr.exp(-s * s) end, u)
end, b, xOPTIONS)
local rows = cr.map(function(r)
  local _, ds = cr.scan(function(c, u) return cr.sin(c + u), c * u end, cr.tensor({}, r(0)), r)
  return cr.sum(ds)
end, x)
local y = last + cr.sum(ys, 0) + cr.sum(rows) * scale()''', functions, options=("", ", { checkpoint = 2 }"))

# No step at all, and one
deriv("steps01", dict(a=((3,), N), b=((3,), N)), '''
local none = cr.iterate(0, function(c) return cr.exp(c) end, a)
local one = cr.iterate(1, function(c) return cr.sin(c * b) end, a)
local last, ys = cr.scan(function(c, u) return c * u, c + u end, a * b, cr.zeros({0, 3}, a.dtype))
local y = none * one + last + cr.sum(ys, 0)''', lambda a, b: a * jnp.sin(a * b) + a * b)
deriv("rest0", dict(x=(("T", 3), N)), '''
local last, ys = cr.scan(function(c, u) return cr.sin(c * u), c + u end, cr.slice(x, 0, 0, 1):reshape{3}, cr.slice(x, 0, 1))
local y = last + cr.sum(ys, 0)''', lambda x: (lambda l, ys: l + ys.sum(0))(*lax.scan(lambda c, u: (jnp.sin(c * u), c + u), x[0], x[1:])),
      sizes=[dict(T=4), dict(T=2)])


# Control in control
def masked(n, go, body, x):
    """A while loop as a scan of n steps, which reverse mode can take."""
    def st(c, _):
        taken = go(c)
        safe = jax.tree.map(lambda now, first: jnp.where(taken, now, first), c, x)
        return jax.tree.map(lambda new, old: jnp.where(taken, new, old), body(safe), c), None
    return lax.scan(st, x, None, length=n)[0]


def search(x, a):
    """Steps halved until they go down."""
    f = lambda w: jnp.sum((w * w - a) ** 2)
    def st(w, _):
        g = 4 * w * (w * w - a)
        s = masked(30, lambda s: f(w - s * g) > f(w) - .1 * s * jnp.sum(g * g), lambda s: s * .5, jnp.ones(()))
        return w - s * g, f(w)
    w, fs = lax.scan(st, x, None, length=4)
    return w * fs[-1] + fs.sum()
for k, o in enumerate(("", ", checkpoint = 2")):
    deriv(f"search{k}", dict(x=((3,), P), a=((3,), P)), '''
local function f(w) return cr.sum((w * w - a) ^ 2) end
local w, fs = cr.scan(function(w)
  local g = 4 * w * (w * w - a)
  local s = cr.while_loop(function(s) return cr.gt(f(w - s * g), f(w) - 0.1 * s * cr.sum(g * g)) end,
    function(s) return s * 0.5 end, cr.ones({}, x.dtype), { max = 30 })
  return w - s * g, f(w)
end, x, nil, { length = 4OPTIONS })
local y = w * fs(3) + cr.sum(fs)'''.replace("OPTIONS", o), search, kinds=("f64d",))


def deep(x, a):
    def body(c):
        s, n = c
        return lax.cond(jnp.sum(s) > 2, lambda: (s * .5, n + 1), lambda: (jnp.sqrt(s) * a + .4, n + 2))
    s, n = masked(12, lambda c: c[1] < 9, body, (x, jnp.int64(0)))
    return jnp.where(n > 9, s * 2, jnp.sin(s))
deriv("deep", dict(x=((3,), P), a=((3,), P)), '''
local last = cr.while_loop(function(c) return cr.lt(c[2], 9) end, function(c)
  return cr.cond(cr.gt(cr.sum(c[1]), 2), function() return { c[1] * 0.5, c[2] + 1 } end,
    function() return { cr.sqrt(c[1]) * a + 0.4, c[2] + 2 } end)
end, { x, cr.const(0) }, { max = 12 })
local y = cr.cond(cr.gt(last[2], 9), function() return last[1] * 2 end, function() return cr.sin(last[1]) end)''', deep)

# What is not taken is not finite
deriv("untaken", dict(x=((4,), N)), '''
local y = cr.map(function(v)
  return cr.cond(cr.gt(v, 0), function() return cr.log(v) * cr.sqrt(v) end, function() return v * v end)
end, x)''', lambda x: jnp.where(x > 0, jnp.log(jnp.where(x > 0, x, 1)) * jnp.sqrt(jnp.where(x > 0, x, 1)), x * x))


# Dormand-Prince's 5(4) pair with steps chosen by the error
DP = '''
local B = { {}, {1/5}, {3/40, 9/40}, {44/45, -56/15, 32/9}, {19372/6561, -25360/2187, 64448/6561, -212/729},
  {9017/3168, -355/33, 46732/5247, 49/176, -5103/18656}, {35/384, 0, 500/1113, 125/192, -2187/6784, 11/84} }
local E = { 71/57600, 0, -71/16695, 71/1920, -17253/339200, 22/525, -1/40 }'''
BT = [[], [1/5], [3/40, 9/40], [44/45, -56/15, 32/9], [19372/6561, -25360/2187, 64448/6561, -212/729],
      [9017/3168, -355/33, 46732/5247, 49/176, -5103/18656], [35/384, 0, 500/1113, 125/192, -2187/6784, 11/84]]
ET = [71/57600, 0, -71/16695, 71/1920, -17253/339200, 22/525, -1/40]


def adaptive(p, x0):
    f = lambda x: jnp.stack([x[0] * (p[0] - p[1] * x[1]), x[1] * (p[2] * x[0] - p[3])])
    def body(c):
        t, h, x = c
        h = jnp.minimum(h, 2 - t)
        ks = []
        for row in BT:
            ks.append(f(x + h * sum((w * k for w, k in zip(row, ks)), jnp.zeros(2))))
            x1 = x + h * sum((w * k for w, k in zip(row, ks)), jnp.zeros(2))
        err = jnp.sqrt(jnp.sum((h * sum(e * k for e, k in zip(ET, ks))) ** 2)) / 1e-4
        ok = err <= 1
        grow = jnp.clip(.9 * err ** -.2, .2, 5.)
        return jnp.where(ok, t + h, t), h * grow, jnp.where(ok, x1, x)
    return masked(40, lambda c: c[0] < 2, body, (jnp.zeros(()), jnp.array(.1), x0))[2]
deriv("adaptive", dict(p=((4,), P), x0=((2,), P)), DP + '''
local function f(x) return cr.stack({ x(0) * (p(0) - p(1) * x(1)), x(1) * (p(2) * x(0) - p(3)) }) end
local last = cr.while_loop(function(c) return cr.lt(c[1], 2) end, function(c)
  local t, h, x = c[1], cr.minimum(c[2], 2 - c[1]), c[3]
  local k, x1 = {}, x
  for s, row in ipairs(B) do
    x1 = x
    for j, w in ipairs(row) do if w ~= 0 then x1 = x1 + h * w * k[j] end end
    k[s] = f(x1)
  end
  local e = h * E[1] * k[1]
  for s = 3, 7 do e = e + h * E[s] * k[s] end
  local err = cr.sqrt(cr.sum(e * e)) / 1e-4
  local ok = cr.le(err, 1)
  return { cr.where(ok, t + h, t), h * cr.clamp(0.9 * err ^ -0.2, 0.2, 5), cr.where(ok, x1, x) }
end, { cr.zeros({}, p.dtype), cr.full({}, 0.1, p.dtype), x0 }, { max = 40 })
local y = last[3]''', adaptive, order=2, kinds=("f64d",), tol=100)


# The largest eigenvalue by powers until they rest, with its derivative through the loop
def power(A):
    def body(c):
        v, l, d = c
        u = A @ v
        n = jnp.sqrt(u @ u)
        return u / n, n, jnp.abs(n - l)
    S = A @ A.T + jnp.diag(jnp.arange(4.) * 4)
    A = S
    return masked(60, lambda c: c[2] > 1e-13, body, (jnp.ones(4) / 2, jnp.zeros(()), jnp.ones(())))[1]
deriv("powers", dict(A=((4, 4), N)), '''
local S = cr.matmul(A, A:transpose(0, 1)) + cr.diag(cr.arange(4):cast(A.dtype) * 4)
local last = cr.while_loop(function(c) return cr.gt(c[3], 1e-13) end, function(c)
  local u = cr.matmul(S, c[1])
  local n = cr.sqrt(cr.sum(u * u))
  return { u / n, n, cr.abs(n - c[2]) }
end, { cr.full({4}, 0.5, A.dtype), cr.zeros({}, A.dtype), cr.ones({}, A.dtype) }, { max = 60 })
local y = last[2]''', power, kinds=("f64d",), order=1, tol=1e3)


# k-means by Newton's method: each centre moves by its gradient over its curvature
def kmeans(x, c):
    def cost(c):
        return jnp.sum(jnp.min(jnp.sum((x[:, None] - c[None]) ** 2, -1), 1))
    def st(c, _):
        g, h = jax.grad(cost)(c), jax.jvp(jax.grad(cost), (c,), (jnp.ones_like(c),))[1]
        return c - g / jnp.where(h == 0, 1., h), cost(c)
    c, f = lax.scan(st, c, None, length=4)
    return c * f.sum() + cost(c)
deriv("kmeans", dict(x=(("N", 2), N), c=((3, 2), N)), '''
local n, k, d = cr.index "n k d"
local function cost(c) return cr.sum(cr.min(cr.tensor({ n, k }, cr.sum(d, (x(n, d) - c(k, d)) ^ 2)), 1)) end
local last, f = cr.scan(function(c)
  local g = cr.grad(cost(c), c)
  local h = cr.jvp(g, c, cr.ones_like(c))
  return c - g / cr.where(cr.eq(h, 0), 1, h), cost(c)
end, c, nil, { length = 4 })
local y = last * cr.sum(f) + cost(last)''', kmeans, sizes=[dict(N=9), dict(N=2), dict(N=40)], kinds=("f64d",), tol=10)


# Newton's root by a fixed point, one each row; its derivative is that of the root
def root(a, b):
    return lax.scan(lambda x, _: (x - (x ** 3 + b * x - a) / (3 * x ** 2 + b), None), jnp.ones_like(a), None, length=40)[0]
deriv("newtonfixed", dict(a=(("N",), P), b=((), P)), '''
local y = cr.fixed_point(function(x) return x - (x ^ 3 + b * x - a) / (3 * x ^ 2 + b) end, cr.ones_like(a), { tol = TOL })'''
      .replace("TOL", "1e-14"), root, sizes=[dict(N=5), dict(N=1)], kinds=("f64d",))
deriv("fixedmap", dict(a=(("N",), P), b=((), P)), '''
local y = cr.map(function(a)
  return (cr.fixed_point(function(x) return cr.cos(x * b * 0.4) + a * 0.3 end, a, { tol = 1e-14, damping = 0.1 }))
end, a)''', lambda a, b: lax.scan(lambda x, _: (jnp.cos(x * b * .4) + a * .3, None), a, None, length=300)[0], sizes=[dict(N=5), dict(N=1)], kinds=("f64d",))
