"""Linear systems and determinants, for agree_derivs.py, with JAX's derivatives of the same."""
import numpy as np
import jax, jax.numpy as jnp
import jax.scipy.linalg as jsl
from jax import lax
from agree_derivs import deriv

N = lambda r, s: r.standard_normal(s)
T = lambda x: jnp.swapaxes(x, -1, -2)


def regular(r, s):
    """Square matrices far from singular ones."""
    return r.standard_normal(s) + 3 * np.eye(s[-1])


def positive(r, s):
    a = r.standard_normal(s)
    return a @ np.swapaxes(a, -1, -2) + np.eye(s[-1])


def rank(k):
    def make(r, s):
        return np.round(3 * r.standard_normal(s[:-1] + (k,))) @ np.round(3 * r.standard_normal((k, s[-1])))
    return make


SIZES = [dict(N=4), dict(N=1), dict(N=2), dict(N=20), dict(N=33)]
deriv("solve_vector", dict(A=(("N", "N"), regular), b=(("N",), N)), "local y = cr.linalg.solve(A, b)",
      lambda A, b: (jnp.linalg.solve(A, b[:, None])[:, 0] if b.ndim == 1 else jnp.linalg.solve(A, b)), sizes=SIZES, tol=10)
deriv("solve_matrix", dict(A=(("N", "N"), regular), b=(("N", 3), N)), "local y = cr.linalg.solve(A, b)",
      lambda A, b: (jnp.linalg.solve(A, b[:, None])[:, 0] if b.ndim == 1 else jnp.linalg.solve(A, b)), sizes=SIZES, tol=10)
deriv("solve_batch", dict(A=((2, "B", 3, 3), regular), b=(("B", 3, 2), N)), "local y = cr.linalg.solve(A, b)",
      lambda A, b: jnp.linalg.solve(A, jnp.broadcast_to(b, (2,) + b.shape)), sizes=[dict(B=3), dict(B=1), dict(B=17)], tol=10)
deriv("solve_shared", dict(A=((3, 3), regular), b=(("B", 3, 1), N)), "local y = cr.linalg.solve(A, b)",
      lambda A, b: jax.vmap(lambda b: jnp.linalg.solve(A, b))(b), sizes=[dict(B=3), dict(B=1), dict(B=70)], tol=10)
deriv("solve_map", dict(A=(("B", 3, 3), regular), b=((3,), N)), '''
local y = cr.map(function(a) return cr.linalg.solve(a, b * a(0, 0)) end, A)''',
      lambda A, b: jax.vmap(lambda a: jnp.linalg.solve(a, b * a[0, 0]))(A), sizes=[dict(B=3), dict(B=1)], tol=10)
deriv("solve_scan", dict(A=((3, 3), regular), x=((3,), N)), '''
local last, ys = cr.scan(function(h, _) local n = cr.tanh(cr.linalg.solve(A, h)) + x; return n, n end, x, nil, { length = 4 })
local y = ys''', lambda A, x: lax.scan(lambda h, _: ((n := jnp.tanh(jnp.linalg.solve(A, h)) + x), n), x, None, 4)[1], tol=10, kinds=("f64", "f32"))
deriv("inv", dict(A=((2, "N", "N"), regular)), "local y = cr.linalg.inv(A)", lambda A: jnp.linalg.inv(A), sizes=SIZES, tol=20)
deriv("cholesky", dict(A=(("N", "N"), positive)), "local y = cr.linalg.cholesky((A + cr.transpose(A)) / 2)",
      lambda A: jnp.linalg.cholesky(A), sizes=SIZES[:3], tol=20)
deriv("cholesky_batch", dict(A=((2, 5, 5), positive)), "local y = cr.linalg.cholesky(A)", lambda A: jnp.linalg.cholesky(A),
      kinds=("f64", "f32"), order=1, tol=20)
deriv("cholesky_solve", dict(A=(("N", "N"), positive), b=(("N", 2), N)), '''
local y = cr.linalg.cholesky_solve(b, cr.linalg.cholesky((A + cr.transpose(A)) / 2))''',
      lambda A, b: jsl.cho_solve(jsl.cho_factor((A + A.T) / 2, lower=True), b), sizes=SIZES[:3], tol=50)
deriv("solve_positive", dict(A=(("N", "N"), positive), b=(("N",), N)), '''
local y = cr.linalg.solve_positive((A + cr.transpose(A)) / 2, b)''',
      lambda A, b: jnp.linalg.solve((A + A.T) / 2, b), sizes=SIZES[:3], tol=50)
for upper in (False, True):
    for transposed in (False, True):
        for unit in (False, True):
            lua = ", ".join(k for k, v in (("upper = true", upper), ("transposed = true", transposed), ("unit = true", unit)) if v)
            deriv(f"triangular_{upper:d}{transposed:d}{unit:d}", dict(A=((4, 4), regular), b=((4, 3), N)),
                  f"local y = cr.linalg.solve_triangular(A, b, {{ {lua} }})",
                  lambda A, b, u=upper, t=transposed, d=unit: jsl.solve_triangular(A, b, lower=not u, trans=int(t), unit_diagonal=d),
                  kinds=("f64", "f32"), order=2, tol=10)
deriv("triangular_vector", dict(A=(("N", "N"), regular), b=(("N",), N)), "local y = cr.linalg.solve_triangular(A, b / 9)",
      lambda A, b: jsl.solve_triangular(A, b / 9, lower=True), sizes=SIZES[:3], tol=10)
deriv("det", dict(A=((2, "N", "N"), regular)), "local y = cr.linalg.det(A)", lambda A: jnp.linalg.det(A), sizes=SIZES[:3], tol=10)
def det3(A):
    """The determinant as a polynomial, whose derivatives are right everywhere."""
    a, b, c = (A[..., 0, i] for i in range(3)), A[..., 1, :], A[..., 2, :]
    return sum(x * (b[..., (i + 1) % 3] * c[..., (i + 2) % 3] - b[..., (i + 2) % 3] * c[..., (i + 1) % 3]) for i, x in enumerate(a))


for k in (0, 1, 2):
    deriv(f"det_rank_{k}", dict(A=((5, 3, 3), rank(k) if k else lambda r, s: np.zeros(s))), "local y = cr.linalg.det(A)",
          det3, kinds=("f64",), order=2, tol=20)
deriv("slogdet", dict(A=((3, "N", "N"), regular)), '''
local s, l = cr.linalg.slogdet(A)
local y = s * cr.sin(l)''', lambda A: (lambda s, l: s * jnp.sin(l))(*jnp.linalg.slogdet(A)), sizes=SIZES[:4], tol=20)
deriv("logdet", dict(A=((2, "N", "N"), positive)), "local y = cr.linalg.logdet(A)", lambda A: jnp.linalg.slogdet(A)[1], sizes=SIZES[:3], tol=50)
for m, n in ((4, 4), (5, 3), (3, 5), (1, 1), (1, 3), (3, 1)):
    deriv(f"lu_{m}_{n}", dict(A=((2, m, n), N)), '''
local P, L, U = cr.linalg.lu(A)
local y = cr.cat({ cr.flatten(P), cr.flatten(cr.sin(L)), cr.flatten(cr.sin(U)) }, 0)''',
          lambda A: (lambda F: jnp.concatenate([jnp.concatenate([f[0].ravel() for f in F]), jnp.concatenate([jnp.sin(f[1]).ravel() for f in F]),
                                                jnp.concatenate([jnp.sin(f[2]).ravel() for f in F])]))([jsl.lu(a) for a in A]),
          kinds=("f64", "f32"), order=2, tol=50)


def dense(l, d, u):
    return jnp.diag(d) + jnp.diag(l[1:], -1) + jnp.diag(u[:-1], 1)


deriv("tridiagonal", dict(l=(("N",), N), d=(("N",), N), u=(("N",), N), b=(("N", 2), N)),
      "local y = cr.linalg.solve_tridiagonal(l, d + 3, u, b)", lambda l, d, u, b: jnp.linalg.solve(dense(l, d + 3, u), b),
      sizes=SIZES, tol=20)
deriv("tridiagonal_pivots", dict(l=((7,), N), d=((7,), lambda r, s: np.array([0, 1, 0, 2, 0, 1, 3.])), u=((7,), N), b=((7,), N)),
      "local y = cr.linalg.solve_tridiagonal(l, d, u, b)", lambda l, d, u, b: jnp.linalg.solve(dense(l, d, u), b), kinds=("f64",), tol=50)
deriv("tridiagonal_batch", dict(l=((3, 4), N), d=((3, 5), N), u=((4,), N), b=((3, 5), N)),
      "local y = cr.linalg.solve_tridiagonal(l, d + 3, u, b)",
      lambda l, d, u, b: jax.vmap(lambda l, d, b: jnp.linalg.solve(jnp.diag(d + 3) + jnp.diag(l, -1) + jnp.diag(u, 1), b))(l, d, b), tol=20, kinds=("f64", "f32"))


def band(ab, l, u):
    n = ab.shape[-1]
    A = jnp.zeros((n, n))
    for i in range(n):
        for j in range(max(0, i - l), min(n, i + u + 1)):
            A = A.at[i, j].set(ab[u + i - j, j])
    return A


for l, u in ((1, 1), (2, 1), (0, 2), (3, 0), (0, 0)):
    deriv(f"banded_{l}_{u}", dict(ab=((l + u + 1, "N"), N), b=(("N", 2), N)), f'''
local i, j = cr.index "i j"
local y = cr.linalg.solve_banded({{ {l}, {u} }}, cr.tensor({{ i, j }}, ab(i, j) + cr.where(cr.eq(i, {u}), 4, 0)), b)''',
          lambda ab, b, l=l, u=u: jnp.linalg.solve(band(ab.at[u].add(4.0), l, u), b), sizes=[dict(N=6), dict(N=1), dict(N=2), dict(N=12)], tol=20)


def projected(v):
    """The projection of each row of v on the simplex, whose derivatives JAX takes by itself."""
    u = jnp.sort(v, -1)[..., ::-1]
    k = jnp.arange(1, v.shape[-1] + 1)
    over = u - (jnp.cumsum(u, -1) - 1) / k > 0
    top = jnp.sum(over, -1, keepdims=True)
    return jnp.maximum(v - (jnp.sum(jnp.where(over, u, 0), -1, keepdims=True) - 1) / top, 0)


deriv("qp_simplex", dict(v=(("B", 5), N)), '''
local y = cr.qp(cr.eye(5), -v, cr.ones({1, 5}), cr.ones({1}), -cr.eye(5), cr.zeros({5}))''',
      projected, sizes=[dict(B=4), dict(B=1), dict(B=33)], tol=10)
deriv("qp_box", dict(R=((4, 4), regular), p=((3, 4), N)), '''
local y = cr.qp(cr.matmul(R, cr.transpose(R)), p, nil, nil, cr.cat({cr.eye(4), -cr.eye(4)}, 0), cr.full({8}, 50.0))''',
      lambda R, p: -jnp.linalg.solve(R @ R.T, p.T).T, kinds=("f64", "f32"), tol=50)
deriv("qp_equal", dict(R=((2, 4, 4), regular), p=((4,), N), A=((2, 4), N), b=((2, 2), N)), '''
local z, nu = cr.qp(cr.matmul(R, cr.transpose(R)), p, A, b)
local y = cr.cat({z, nu}, 1)''',
      lambda R, p, A, b: jax.vmap(lambda R, b: jnp.linalg.solve(jnp.block([[R @ R.T, A.T], [A, jnp.zeros((2, 2))]]),
                                                                jnp.concatenate([-p, b])))(R, b), kinds=("f64", "f32"), tol=50)


def sinkhorn(C, a, b, eps, rounds=300):
    """The plan by so many rounds, which JAX differentiates one by one."""
    def step(_, g):
        f = -eps * jax.nn.logsumexp(jnp.log(b) + (g[None] - C) / eps, axis=1)
        return -eps * jax.nn.logsumexp(jnp.log(a)[:, None] + (f[:, None] - C) / eps, axis=0)
    g = lax.fori_loop(0, rounds, step, jnp.zeros(b.shape, C.dtype))
    f = -eps * jax.nn.logsumexp(jnp.log(b) + (g[None] - C) / eps, axis=1)
    return a[:, None] * b * jnp.exp((f[:, None] + g - C) / eps)


uniform = lambda r, s: r.random(s)
deriv("sinkhorn_plan", dict(C=(("B", 4, 3), uniform), s=((4,), N), t=((3,), N)), '''
local y = cr.sinkhorn(C, cr.softmax(s, 0), cr.softmax(t, 0), {eps = 0.5})''',
      lambda C, s, t: jax.vmap(lambda C: sinkhorn(C, jax.nn.softmax(s), jax.nn.softmax(t), .5))(C),
      sizes=[dict(B=2), dict(B=1), dict(B=9)], order=1, tol=10)
deriv("sinkhorn_second", dict(C=((4, 3), uniform), e=((), lambda r, s: np.array(.7))), '''
local _, y = cr.sinkhorn(C, cr.full({4}, 0.25), cr.full({3}, 1 / 3), {eps = e})''',
      lambda C, e: (lambda P: jnp.sum(P * C) + e * jnp.sum(P * jnp.log(P * 12)))(sinkhorn(C, jnp.full(4, .25), jnp.full(3, 1 / 3), e, 60)),
      kinds=("f64", "f32"), order=2, tol=20)


def sinkhorn_no_mass(C, a, b, eps=.5):
    """The same without logarithms of masses, which may be 0."""
    b = b * (a.sum() / b.sum())
    def step(g, _):
        f = -eps * jnp.log(jnp.sum(b * jnp.exp((g - C) / eps), 1))
        return -eps * jnp.log(jnp.sum(a[:, None] * jnp.exp((f[:, None] - C) / eps), 0)), 0
    g, _ = lax.scan(step, jnp.zeros(b.shape, C.dtype), None, length=60)
    f = -eps * jnp.log(jnp.sum(b * jnp.exp((g - C) / eps), 1))
    return a[:, None] * b * jnp.exp((f[:, None] + g - C) / eps)


deriv("sinkhorn_no_mass", dict(C=((3, 4), uniform), a=((3,), lambda r, s: np.array([0, .9, .6])),
                               b=((4,), lambda r, s: np.array([.4, .6, .5, 0]))), '''
local y = cr.sinkhorn(C, a, b, {eps = 0.5})''', sinkhorn_no_mass, tol=10)
