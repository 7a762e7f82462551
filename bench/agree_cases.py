"""The cases of agree.py."""
import numpy as np
import jax, jax.numpy as jnp
from jax import lax
from agree import case, model

N = lambda *s: (lambda r: r.standard_normal(s))
P = lambda *s: (lambda r: r.uniform(0.3, 2.0, s))
I = lambda n, *s: (lambda r: r.integers(0, n, s).astype(np.int32))


def both(name, body, inputs, outputs, data, reference, **kw):
    case(name, model(body, inputs, outputs), data, reference, **kw)
    case(name + "_f32", model(body, inputs, outputs, "f32"), data, reference, **kw)


# Elementwise functions: value, first and second derivative
UNARY = dict(exp=N, log=P, log1p=P, expm1=N, sqrt=P, rsqrt=P, sin=N, cos=N, tan=lambda *s: lambda r: r.uniform(-1, 1, s),
             asin=lambda *s: lambda r: r.uniform(-.9, .9, s), acos=lambda *s: lambda r: r.uniform(-.9, .9, s), atan=N, sinh=N, cosh=N,
             tanh=N, sigmoid=N, softplus=N, erf=N, erfc=N, lgamma=P, digamma=P)
JAX = dict(asin=jnp.arcsin, acos=jnp.arccos, atan=jnp.arctan, sigmoid=jax.nn.sigmoid, softplus=jax.nn.softplus, erf=jax.scipy.special.erf,
           erfc=jax.scipy.special.erfc, lgamma=jax.scipy.special.gammaln, digamma=jax.scipy.special.digamma, rsqrt=lax.rsqrt)
for fn, gen in UNARY.items():
    f = JAX.get(fn) or getattr(jnp, fn)

    def ref(x, f=f):
        g = jax.vmap(jax.grad(f))
        return dict(y=f(x), g=g(x), h=jax.vmap(jax.grad(jax.grad(f)))(x))
    case("op_" + fn, model(f'''local x = cr.input("x", {{ 20 }})
local y = cr.{fn}(x)
local g = cr.grad(cr.sum(y), x)
local h = cr.grad(cr.sum(g), x)''', "x", "y = y, g = g, h = h"), dict(x=gen(20)), ref)

# Broadcasting, arithmetic
both("broadcast", '''local a = cr.input("a", { 3, 1, 5 })
local b = cr.input("b", { 4, 1 })
local y = (a + 2 * b) / (b ^ 2 + 1) - a * 3 % 2
local g = cr.grad(cr.sum(y * y), { a, b })''', "a, b", "y = y, ga = g[1], gb = g[2]", dict(a=N(3, 1, 5), b=N(4, 1)),
     lambda a, b: (lambda y: dict(y=y(a, b), ga=jax.grad(lambda a, b: jnp.sum(y(a, b) ** 2), 0)(a, b),
                                  gb=jax.grad(lambda a, b: jnp.sum(y(a, b) ** 2), 1)(a, b)))(
         lambda a, b: (a + 2 * b) / (b ** 2 + 1) - (a * 3) % 2))

# Products
def mm(A, B):
    f = lambda A, B: jnp.sum(jnp.tanh(A @ B))
    return dict(y=A @ B, ga=jax.grad(f, 0)(A, B), gb=jax.grad(f, 1)(A, B))
for m, n, k in [(3, 4, 5), (1, 7, 3), (65, 33, 17), (128, 96, 200)]:
    both(f"matmul_{m}_{n}_{k}", f'''local A = cr.input("A", {{ {m}, {k} }})
local B = cr.input("B", {{ {k}, {n} }})
local y = cr.matmul(A, B)
local g = cr.grad(cr.sum(cr.tanh(y)), {{ A, B }})''', "A, B", "y = y, ga = g[1], gb = g[2]", dict(A=N(m, k), B=N(k, n)), mm)
both("matmul_dims", '''local M, K, L = cr.dim "M", cr.dim "K", cr.dim "L"
local A = cr.input("A", { M, K })
local B = cr.input("B", { K, L })
local y = cr.matmul(A, B)
local g = cr.grad(cr.sum(cr.tanh(y)), { A, B })''', "A, B", "y = y, ga = g[1], gb = g[2]", dict(A=N(37, 21), B=N(21, 50)), mm)
both("matmul_index", '''local i, j, k = cr.index "i j k"
local A = cr.input("A", { 20, 30 })
local B = cr.input("B", { 30, 10 })
local y = cr.tensor({ i, j }, cr.sum(k, A(i, k) * B(k, j)))
local g = cr.grad(cr.sum(cr.tanh(y)), { A, B })''', "A, B", "y = y, ga = g[1], gb = g[2]", dict(A=N(20, 30), B=N(30, 10)), mm)
both("bmm_einsum", '''local A = cr.input("A", { 4, 5, 6 })
local B = cr.input("B", { 4, 6, 7 })
local y = cr.einsum("bij,bjk->bik", A, B)
local z = cr.matmul(A, B)
local t = cr.einsum("bij,bjk->k", A, B)
local g = cr.grad(cr.sum(y ^ 2), { A, B })''', "A, B", "y = y, z = z, t = t, ga = g[1], gb = g[2]", dict(A=N(4, 5, 6), B=N(4, 6, 7)),
     lambda A, B: dict(y=A @ B, z=A @ B, t=jnp.einsum("bij,bjk->k", A, B), ga=jax.grad(lambda A: jnp.sum((A @ B) ** 2))(A),
                       gb=jax.grad(lambda B: jnp.sum((A @ B) ** 2))(B)))

# Convolutions under every boundary rule
PAD = dict(zero="constant", mirror="symmetric", reflect="reflect", wrap="wrap", clamp="edge")
def conv(x, w, mode, p, stride=1, dil=1, groups=1):
    x = jnp.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode=PAD[mode])
    return lax.conv_general_dilated(x, w, (stride, stride), "VALID", rhs_dilation=(dil, dil), feature_group_count=groups)
for mode in PAD:
    for stride in (1, 2):
        def ref(x, w, v, mode=mode, stride=stride):
            f = lambda x, w: conv(x, w, mode, 2, stride)
            y, pull = jax.vjp(f, x, w)
            gx, gw = pull(jnp.sin(y))
            q = lambda x, w: jnp.sum(jnp.cos(f(x, w)))
            hx = jax.jvp(lambda x: jax.grad(q, 0)(x, w), (x,), (v,))[1]
            return dict(y=y, gx=gx, gw=gw, jv=jax.jvp(lambda x: f(x, w), (x,), (v,))[1], hx=hx)
        both(f"conv_{mode}_{stride}", f'''local x = cr.input("x", {{ 2, 3, 9, 8 }})
local w = cr.input("w", {{ 4, 3, 5, 5 }})
local v = cr.input("v", {{ 2, 3, 9, 8 }})
local y = cr.conv2d(x, w, {{ padding = 2, stride = {stride}, boundary = "{mode}" }})
local g = cr.vjp(y, {{ x, w }}, cr.sin(y))
local q = cr.grad(cr.sum(cr.cos(y)), x)''', "x, w, v", "y = y, gx = g[1], gw = g[2], jv = cr.jvp(y, {x}, {v}), hx = cr.jvp(q, {x}, {v})",
             dict(x=N(2, 3, 9, 8), w=N(4, 3, 5, 5), v=N(2, 3, 9, 8)), ref)
both("conv_dims", '''local N, H, W = cr.dim "N", cr.dim "H", cr.dim "W"
local x = cr.input("x", { N, 2, H, W })
local w = cr.input("w", { 5, 2, 7, 7 })
local y = cr.conv2d(x, w, { padding = "same", boundary = "mirror" })
local g = cr.grad(cr.sum(cr.sin(y)), { x, w })''', "x, w", "y = y, gx = g[1], gw = g[2]", dict(x=N(2, 2, 19, 23), w=N(5, 2, 7, 7)),
     lambda x, w: (lambda f: dict(y=conv(x, w, "mirror", 3), gx=jax.grad(f, 0)(x, w), gw=jax.grad(f, 1)(x, w)))(
         lambda x, w: jnp.sum(jnp.sin(conv(x, w, "mirror", 3)))))
both("conv_tiny_mirror", '''local x = cr.input("x", { 1, 1, 2, 3 })
local w = cr.input("w", { 1, 1, 7, 7 })
local y = cr.conv2d(x, w, { padding = 3, boundary = "mirror" })
local g = cr.grad(cr.sum(cr.sin(y)), { x, w })''', "x, w", "y = y, gx = g[1], gw = g[2]", dict(x=N(1, 1, 2, 3), w=N(1, 1, 7, 7)),
     lambda x, w: (lambda f: dict(y=conv(x, w, "mirror", 3), gx=jax.grad(f, 0)(x, w), gw=jax.grad(f, 1)(x, w)))(
         lambda x, w: jnp.sum(jnp.sin(conv(x, w, "mirror", 3)))))
both("conv_groups_dilation", '''local x = cr.input("x", { 2, 4, 12, 11 })
local w = cr.input("w", { 6, 2, 3, 3 })
local y = cr.conv2d(x, w, { padding = 2, dilation = 2, groups = 2 })
local g = cr.grad(cr.sum(cr.sin(y)), { x, w })''', "x, w", "y = y, gx = g[1], gw = g[2]", dict(x=N(2, 4, 12, 11), w=N(6, 2, 3, 3)),
     lambda x, w: (lambda f: dict(y=f(x, w), gx=jax.grad(lambda *a: jnp.sum(jnp.sin(f(*a))), 0)(x, w), gw=jax.grad(lambda *a: jnp.sum(jnp.sin(f(*a))), 1)(x, w)))(
         lambda x, w: conv(x, w, "zero", 2, 1, 2, 2)))

# Index notation
both("index_rules", '''local i, k = cr.index "i k"
local x = cr.input("x", { 11 })
local w = cr.input("w", { 5 })
local function f(rule) return cr.tensor({ i }, cr.sum(k, w(k) * rule(x)(i + k - 2)), { 11 }) end
local ys = { f(cr.zero_outside), f(cr.clamp_to_edge), f(cr.mirror), f(cr.reflect), f(cr.wrap) }
local g = {}
for n = 1, 5 do g[n] = cr.grad(cr.sum(cr.exp(ys[n])), x) end''', "x, w", "y = cr.stack(ys, 0), g = cr.stack(g, 0)", dict(x=N(11), w=N(5)),
     lambda x, w: (lambda f: dict(y=jnp.stack([f(x, m) for m in ("constant", "edge", "symmetric", "reflect", "wrap")]),
                                  g=jnp.stack([jax.grad(lambda x: jnp.sum(jnp.exp(f(x, m))))(x) for m in ("constant", "edge", "symmetric", "reflect", "wrap")])))(
         lambda x, m: jnp.array(sum(w[k] * lax.dynamic_slice(jnp.pad(x, 2, mode=m), (k,), (11,)) for k in range(5)))))
both("index_gather_scatter", '''local i, j, n = cr.index "i j n"
local T = cr.input("T", { 7, 3 })
local id = cr.input("id", { 12 }, { dtype = "i32" })
local y = cr.tensor({ n, j }, T(id(n), j) * T(id(n), 2 - j))
local s = cr.scatter({ 7, 3 }, "sum", { n, j }, { id(n), j }, cr.sin(y(n, j)))
local g = cr.grad(cr.sum(s ^ 2), T)
local h = cr.grad(cr.sum(cr.cos(g)), T)''', "T, id", "y = y, s = s, g = g, h = h", dict(T=N(7, 3), id=I(7, 12)),
     lambda T, id: (lambda y: (lambda s: (lambda q: dict(y=y(T), s=s(T), g=jax.grad(q)(T), h=jax.grad(lambda T: jnp.sum(jnp.cos(jax.grad(q)(T))))(T)))(
         lambda T: jnp.sum(s(T) ** 2)))(lambda T: jnp.zeros((7, 3)).at[id].add(jnp.sin(y(T)))))(lambda T: T[id] * T[id][:, ::-1]))
both("index_maxplus", '''local i, j, k = cr.index "i j k"
local A = cr.input("A", { 6, 5 })
local B = cr.input("B", { 5, 4 })
local V = cr.tensor({ i, j }, cr.max(k, A(i, k) + B(k, j)))
local arg = cr.tensor({ i, j }, cr.argmax(k, A(i, k) + B(k, j)))
local g = cr.grad(cr.sum(V ^ 2), { A, B })''', "A, B", "V = V, arg = arg, ga = g[1], gb = g[2]", dict(A=N(6, 5), B=N(5, 4)),
     lambda A, B: (lambda f: dict(V=f(A, B), arg=jnp.argmax(A[:, :, None] + B[None], 1), ga=jax.grad(lambda A: jnp.sum(f(A, B) ** 2))(A), gb=jax.grad(lambda B: jnp.sum(f(A, B) ** 2))(B)))(
         lambda A, B: jnp.max(A[:, :, None] + B[None], 1)))
both("index_nested", '''local i, j, k = cr.index "i j k"
local X = cr.input("X", { 6, 5 })
local P = cr.tensor({ i, j }, cr.exp(X(i, j) - cr.max(k, X(i, k))) / cr.sum(k, cr.exp(X(i, k) - cr.max(j, X(i, j)))))
local g = cr.grad(cr.sum(P ^ 3), X)''', "X", "P = P, g = g", dict(X=N(6, 5)),
     lambda X: dict(P=jax.nn.softmax(X, 1), g=jax.grad(lambda X: jnp.sum(jax.nn.softmax(X, 1) ** 3))(X)))
both("index_strided", '''local i, k = cr.index "i k"
local x = cr.input("x", { 21 })
local w = cr.input("w", { 4 })
local y = cr.tensor({ i }, cr.sum(k, w(k) * x(20 - 3 * i - k)), { 6 })
local g = cr.grad(cr.sum(cr.exp(y)), { x, w })
local u = cr.tensor({ i }, x(2 * i + 1) * x(20 - i), { 10 })
local gu = cr.grad(cr.sum(cr.exp(u)), x)''', "x, w", "y = y, gx = g[1], gw = g[2], u = u, gu = gu", dict(x=N(21), w=N(4)),
     lambda x, w: (lambda f, u: dict(y=f(x, w), gx=jax.grad(lambda x: jnp.sum(jnp.exp(f(x, w))))(x), gw=jax.grad(lambda w: jnp.sum(jnp.exp(f(x, w))))(w), u=u(x), gu=jax.grad(lambda x: jnp.sum(jnp.exp(u(x))))(x)))(
         lambda x, w: jnp.stack([sum(w[k] * x[20 - 3 * i - k] for k in range(4)) for i in range(6)]), lambda x: jnp.stack([x[2 * i + 1] * x[20 - i] for i in range(10)])))
both("reductions", '''local x = cr.input("x", { 4, 6, 3 })
local o = { s = cr.sum(x, 1), p = cr.prod(x, 2), m = cr.max(x, { 0, 2 }), n = cr.min(x), l = cr.logsumexp(x, 1), a = cr.mean(x, -1, { keepdim = true }) }
local t = cr.sum(o.s ^ 2) + cr.sum(o.p) + cr.sum(o.m ^ 2) + o.n ^ 3 + cr.sum(o.l) + cr.sum(o.a ^ 2)
o.g = cr.grad(t, x)
o.h = cr.grad(cr.sum(cr.sin(o.g)), x)''', "x", "s = o.s, p = o.p, m = o.m, n = o.n, l = o.l, a = o.a, g = o.g, h = o.h", dict(x=N(4, 6, 3)),
     lambda x: (lambda t: dict(s=x.sum(1), p=x.prod(2), m=x.max((0, 2)), n=x.min(), l=jax.nn.logsumexp(x, 1), a=x.mean(-1, keepdims=True), g=jax.grad(t)(x), h=jax.grad(lambda x: jnp.sum(jnp.sin(jax.grad(t)(x))))(x)))(
         lambda x: jnp.sum(x.sum(1) ** 2) + jnp.sum(x.prod(2)) + jnp.sum(x.max((0, 2)) ** 2) + x.min() ** 3 + jnp.sum(jax.nn.logsumexp(x, 1)) + jnp.sum(x.mean(-1) ** 2)))
both("big_sum", '''local N = cr.dim "N"
local x = cr.input("x", { N })
local y = cr.sum(cr.sin(x)) / 1000
local m = cr.max(x)
local v = cr.mean((x - cr.mean(x)) ^ 2)
local g = cr.grad(v * y, x)''', "x", "y = y, m = m, v = v, g = g", dict(x=N(300007)),
     lambda x: (lambda f: dict(y=jnp.sum(jnp.sin(x)) / 1000, m=x.max(), v=jnp.var(x), g=jax.grad(f)(x)))(lambda x: jnp.var(x) * jnp.sum(jnp.sin(x)) / 1000))

# Shapes
both("shapes", '''local x = cr.input("x", { 4, 6, 5 })
local a = cr.permute(x, { 2, 0, 1 })
local b = cr.reshape(a, { 10, 12 })
local c = cr.cat({ b, cr.flip(b, { 1 }) }, 0)
local d = cr.transpose(c, 0, 1)
local e = cr.pad(x:sum(2), { 1, 2 })
local f = cr.sum(x)
local t = cr.sum(cr.sin(d) * d) + cr.sum(e ^ 3) + f
local g = cr.grad(t, x)''', "x", "d = d, e = e, g = g", dict(x=N(4, 6, 5)),
     lambda x: (lambda d, e: dict(d=d(x), e=e(x), g=jax.grad(lambda x: jnp.sum(jnp.sin(d(x)) * d(x)) + jnp.sum(e(x) ** 3) + jnp.sum(x))(x)))(
         lambda x: (lambda b: jnp.concatenate([b, b[:, ::-1]], 0).T)(jnp.transpose(x, (2, 0, 1)).reshape(10, 12)), lambda x: jnp.pad(x.sum(2), ((0, 0), (1, 2)))))
both("reshape_dims", '''local N = cr.dim "N"
local x = cr.input("x", { N, 3, 4 })
local y = cr.reshape(x, { N, 12 })
local z = cr.matmul(y, cr.transpose(y, 0, 1))
local r = cr.reshape(y, { N * 12 })
local g = cr.grad(cr.sum(cr.sin(z)) + cr.sum(cr.exp(r)), x)''', "x", "z = z, r = r, g = g", dict(x=N(7, 3, 4)),
     lambda x: dict(z=x.reshape(7, 12) @ x.reshape(7, 12).T, r=x.ravel(), g=jax.grad(lambda x: jnp.sum(jnp.sin(x.reshape(7, 12) @ x.reshape(7, 12).T)) + jnp.sum(jnp.exp(x)))(x)))

# Loops
def rnn(xs, h0, W, U):
    def step(h, x):
        h = jnp.tanh(W @ h + U @ x)
        return h, h * 2
    return lax.scan(step, h0, xs)
for extra, tag in (("", ""), (", { checkpoint = 3 }", "_checkpoint"), (", { reverse = true }", "_reverse"), (", { unroll = 4 }", "_unroll")):
    def ref(xs, h0, W, U, v, rev=tag == "_reverse"):
        R = (lambda *a: (lambda r: (r[0], r[1][::-1]))(rnn(a[0][::-1], *a[1:]))) if rev else rnn
        f = lambda xs, h0, W, U: (lambda r: jnp.sum(r[1] ** 2) + jnp.sum(jnp.sin(r[0])))(R(xs, h0, W, U))
        g = jax.grad(f, (0, 1, 2, 3))(xs, h0, W, U)
        return dict(ys=R(xs, h0, W, U)[1], gx=g[0], gh=g[1], gW=g[2], gU=g[3], hv=jax.jvp(lambda W: jax.grad(f, 2)(xs, h0, W, U), (W,), (v,))[1])
    both("scan" + tag, f'''local T = cr.dim "T"
local xs = cr.input("xs", {{ T, 3 }})
local h0, W, U, v = cr.input("h0", {{ 4 }}), cr.input("W", {{ 4, 4 }}), cr.input("U", {{ 4, 3 }}), cr.input("v", {{ 4, 4 }})
local last, ys = cr.scan(function(h, x)
  local h2 = cr.tanh(cr.matmul(W, h) + cr.matmul(U, x))
  return h2, h2 * 2
end, h0, xs{extra})
local loss = cr.sum(ys ^ 2) + cr.sum(cr.sin(last))
local g = cr.grad(loss, {{ xs, h0, W, U }})''', "xs, h0, W, U, v", "ys = ys, gx = g[1], gh = g[2], gW = g[3], gU = g[4], hv = cr.jvp(g[3], {W}, {v})",
         dict(xs=N(11, 3), h0=N(4), W=N(4, 4), U=N(4, 3), v=N(4, 4)), ref)
both("iterate", '''local A = cr.input("A", { 5, 5 })
local x0 = cr.input("x0", { 5 })
local x = cr.iterate(12, function(x) return cr.sin(cr.matmul(A, x)) + x0 end, x0)
local g = cr.grad(cr.sum(x ^ 2), { A, x0 })
local y = x0
for t = 1, 12 do y = cr.sin(cr.matmul(A, y)) + x0 end''', "A, x0", "x = x, y = y, gA = g[1], gx = g[2]", dict(A=lambda r: 0.4 * r.standard_normal((5, 5)), x0=N(5)),
     lambda A, x0: (lambda f: dict(x=f(A, x0), y=f(A, x0), gA=jax.grad(lambda A: jnp.sum(f(A, x0) ** 2))(A), gx=jax.grad(lambda x0: jnp.sum(f(A, x0) ** 2))(x0)))(
         lambda A, x0: lax.fori_loop(0, 12, lambda t, x: jnp.sin(A @ x) + x0, x0) if False else __import__("functools").reduce(lambda x, t: jnp.sin(A @ x) + x0, range(12), x0)))
both("map_func", '''local W = cr.input("W", { 4, 3 })
local X = cr.input("X", { 6, 3 })
local f = cr.func("layer", function(x) return cr.tanh(cr.matmul(W, x)) end)
local Y = cr.map(function(x) return cr.sum(cr.exp(f(x))) end, X)
local g = cr.grad(cr.sum(Y ^ 2), { W, X })
local one = f(X:reshape({ 18 }):slice(0, 0, 3))''', "W, X", "Y = Y, gW = g[1], gX = g[2], one = one", dict(W=N(4, 3), X=N(6, 3)),
     lambda W, X: (lambda f: dict(Y=f(W, X), gW=jax.grad(lambda W: jnp.sum(f(W, X) ** 2))(W), gX=jax.grad(lambda X: jnp.sum(f(W, X) ** 2))(X), one=jnp.tanh(W @ X[0])))(
         lambda W, X: jnp.sum(jnp.exp(jnp.tanh(X @ W.T)), 1)))

# Networks and losses
def mlp_loss(W1, b1, W2, X, y):
    h = jnp.maximum(X @ W1 + b1, 0)
    return -jnp.mean(jax.nn.log_softmax(h @ W2)[jnp.arange(len(y)), y])
both("mlp_hvp", '''local N = cr.dim "N"
local X, y = cr.input("X", { N, 20 }), cr.input("y", { N }, { dtype = "i32" })
local W1, b1, W2, v = cr.input("W1", { 20, 16 }), cr.input("b1", { 16 }), cr.input("W2", { 16, 5 }), cr.input("v", { 16, 5 })
local loss = cr.mean(cr.cross_entropy(cr.matmul(cr.relu(cr.matmul(X, W1) + b1), W2), y))
local l, g = cr.value_and_grad(loss, { W1, b1, W2 })
local hv = cr.hvp(loss, W2, v)''', "X, y, W1, b1, W2, v", "l = l, g1 = g[1], gb = g[2], g2 = g[3], hv = hv",
     dict(X=N(13, 20), y=I(5, 13), W1=N(20, 16), b1=N(16), W2=N(16, 5), v=N(16, 5)),
     lambda X, y, W1, b1, W2, v: (lambda g: dict(l=mlp_loss(W1, b1, W2, X, y), g1=g[0], gb=g[1], g2=g[2],
                                                 hv=jax.jvp(lambda W2: jax.grad(mlp_loss, 2)(W1, b1, W2, X, y), (W2,), (v,))[1]))(jax.grad(mlp_loss, (0, 1, 2))(W1, b1, W2, X, y)))
def pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
both("pooling", '''local x = cr.input("x", { 2, 3, 8, 6 })
local m, a = cr.max_pool2d(x, 2), cr.avg_pool2d(x, 2)
local g = cr.grad(cr.sum(m ^ 3) + cr.sum(a ^ 2), x)''', "x", "m = m, a = a, g = g", dict(x=N(2, 3, 8, 6)),
     lambda x: (lambda a: dict(m=pool(x), a=a(x), g=jax.grad(lambda x: jnp.sum(pool(x) ** 3) + jnp.sum(a(x) ** 2))(x)))(
         lambda x: x.reshape(2, 3, 4, 2, 3, 2).mean((3, 5))))
both("losses", '''local a, b = cr.input("a", { 9 }), cr.input("b", { 9 })
local t = cr.sigmoid(b)
local l = cr.stack({ cr.mean(cr.mse(a, b)), cr.mean(cr.l1(a, b)), cr.mean(cr.huber(a, b)), cr.mean(cr.bce_with_logits(a, t)), cr.mean(cr.bce(cr.sigmoid(a), t)) }, 0)
local g = cr.grad(cr.sum(l), a)''', "a, b", "l = l, g = g", dict(a=N(9), b=N(9)),
     lambda a, b: (lambda f: dict(l=f(a), g=jax.grad(lambda a: jnp.sum(f(a)))(a)))(
         lambda a: (lambda t, d: jnp.stack([jnp.mean(d ** 2), jnp.mean(jnp.abs(d)), jnp.mean(jnp.where(jnp.abs(d) < 1, d * d / 2, jnp.abs(d) - 0.5)),
                                            jnp.mean(jax.nn.softplus(a) - a * t), jnp.mean(jax.nn.softplus(a) - a * t)]))(jax.nn.sigmoid(b), a - b)))
both("layers", '''local x = cr.input("x", { 5, 8 })
local y = cr.stack({ cr.gelu(x), cr.silu(x), cr.leaky_relu(x, 0.1), cr.elu(x), cr.softmax(x, 1), cr.log_softmax(x, 1), cr.clamp(x, -0.5, 0.7) }, 0)
local g = cr.grad(cr.sum(y ^ 2), x)''', "x", "y = y, g = g", dict(x=N(5, 8)),
     lambda x: (lambda f: dict(y=f(x), g=jax.grad(lambda x: jnp.sum(f(x) ** 2))(x)))(
         lambda x: jnp.stack([jax.nn.gelu(x, approximate=False), jax.nn.silu(x), jax.nn.leaky_relu(x, 0.1), jax.nn.elu(x), jax.nn.softmax(x, 1), jax.nn.log_softmax(x, 1), jnp.clip(x, -0.5, 0.7)])))
both("learned_rate", '''local A, w0 = cr.input("A", { 6, 4 }), cr.input("w0", { 4 })
local lr = cr.input("lr", {})
local w = w0
local function loss(w) return cr.sum((cr.matmul(A, w) - 1) ^ 2) end
for t = 1, 5 do w = w - lr * cr.grad(loss(w), w) end
local g = cr.grad(loss(w), { lr, w0 })''', "A, w0, lr", "w = w, glr = g[1], gw = g[2]", dict(A=N(6, 4), w0=N(4), lr=np.array(0.01)),
     lambda A, w0, lr: (lambda L, W: dict(w=W(lr, w0), glr=jax.grad(lambda lr: L(W(lr, w0)))(lr), gw=jax.grad(lambda w0: L(W(lr, w0)))(w0)))(
         lambda w: jnp.sum((A @ w - 1) ** 2), lambda lr, w: __import__("functools").reduce(lambda w, t: w - lr * jax.grad(lambda w: jnp.sum((A @ w - 1) ** 2))(w), range(5), w)))
both("hessian", '''local x = cr.input("x", { 4 })
local A = cr.input("A", { 4, 4 })
local f = cr.sum(cr.exp(cr.matmul(A, x))) * cr.sum(x ^ 2)
local H = cr.hessian(f, x)
local J = cr.jacobian(cr.sin(cr.matmul(A, x)), x)''', "x, A", "H = H, J = J", dict(x=N(4), A=N(4, 4)),
     lambda x, A: dict(H=jax.hessian(lambda x: jnp.sum(jnp.exp(A @ x)) * jnp.sum(x ** 2))(x), J=jax.jacobian(lambda x: jnp.sin(A @ x))(x)))
both("denoise_stage", '''local H, W = cr.dim "H", cr.dim "W"
local x, y = cr.input("x", { 1, 1, H, W }), cr.input("y", { 1, 1, H, W })
local f, w = cr.input("f", { 6, 1, 5, 5 }), cr.input("w", { 6, 9 })
local r, k, n, i, j = cr.index "r k n i j"
local u = cr.conv2d(x, f, { padding = "same", boundary = "mirror" })
local psi = cr.tensor({ n, r, i, j }, cr.sum(k, w(r, k) * cr.exp(-(u(n, r, i, j) - (k - 4)) ^ 2 / 2)))
local z = cr.clamp(x * 0.8 + 0.2 * y - 0.1 * cr.vjp(u, x, psi), 0, 2)
local loss = cr.mean((z - y) ^ 2)
local g = cr.grad(loss, { f, w, x })''', "x, y, f, w", "z = z, gf = g[1], gw = g[2], gx = g[3]", dict(x=P(1, 1, 21, 18), y=P(1, 1, 21, 18), f=N(6, 1, 5, 5), w=N(6, 9)),
     lambda x, y, f, w: (lambda z: dict(z=z(f, w, x), **dict(zip(("gf", "gw", "gx"), jax.grad(lambda f, w, x: jnp.mean((z(f, w, x) - y) ** 2), (0, 1, 2))(f, w, x)))))(
         lambda f, w, x: (lambda up: jnp.clip(x * 0.8 + 0.2 * y - 0.1 * up[1](jnp.sum(w[None, :, :, None, None] * jnp.exp(-(up[0][:, :, None] - (jnp.arange(9.) - 4)[None, None, :, None, None]) ** 2 / 2), 2))[0], 0, 2))(
             jax.vjp(lambda x: conv(x, f, "mirror", 2), x))))

# Sines of arguments of any size
HUGE = np.array([1e9, 1e10, -1e15, 1e20, -3e9, 0.5, 2.0, 1e37, -1e30, 7.0, 8e8, 2.5e9] * 40)
both("trig_huge", '''local x = cr.input("x", { 480 })
local y = cr.sin(x) + 2 * cr.cos(x)
local t = cr.tan(x)
local g = cr.grad(cr.sum(y), x)
local h = cr.grad(cr.sum(g), x)
local s = cr.sum(cr.sin(x) * cr.cos(x))''', "x", "y = y, t = t, g = g, h = h, s = s", dict(x=HUGE.astype(np.float32).astype(np.float64)),
     lambda x: (lambda x: dict(y=jnp.sin(x) + 2 * jnp.cos(x), t=jnp.tan(x), g=jnp.cos(x) - 2 * jnp.sin(x), h=-jnp.sin(x) - 2 * jnp.cos(x),
                               s=jnp.sum(jnp.sin(x) * jnp.cos(x))))(x.astype(jnp.float64)))
