"""Proximal operators, isotonic regression, soft order, for agree_derivs.py: closed forms in JAX, minimax ones for pooling."""
import numpy as np
import jax, jax.numpy as jnp
from agree_derivs import deriv

N = lambda r, s: r.standard_normal(s)
P = lambda r, s: np.exp(0.5 * r.standard_normal(s))
HUGE = lambda r, s: 1e30 * r.standard_normal(s)
SIZES = [dict(B=3, n=5), dict(B=1, n=1)]
l1 = lambda x, t: jnp.sign(x) * jnp.maximum(jnp.abs(x) - t, 0)


def simplex(x, r):
    u = -jnp.sort(-x)
    over = (jnp.cumsum(u) - r) / (1 + jnp.arange(x.size))
    k = jnp.sum(u > over)
    return jnp.maximum(x - over[k - 1], 0)


def l1_ball(x, r):
    return jnp.where(jnp.sum(jnp.abs(x)) <= r, x, jnp.sign(x) * simplex(jnp.abs(x), r))


def norm(x):
    big = jax.lax.stop_gradient(jnp.max(jnp.abs(x)))
    return big * jnp.sqrt(jnp.sum((x / big) ** 2))


def ball(x, y, e):
    n = norm(x - y)
    return jnp.where(n <= e, x, y + (x - y) * e / n)


def nuclear(A, t):
    U, s, V = jnp.linalg.svd(A, full_matrices=False)
    return (U * jnp.maximum(s - t, 0)) @ V


def blocks(value, n, rising):
    """z[i] = max a <= i. min b >= i. value(a, b), or min and max."""
    M = [[value(a, b) for b in range(n)] for a in range(n)]
    lo, hi = (jnp.minimum, jnp.maximum) if rising else (jnp.maximum, jnp.minimum)
    out = []
    for i in range(n):
        z = None
        for a in range(i + 1):
            v = M[a][i]
            for b in range(i + 1, n):
                v = lo(v, M[a][b])
            z = v if z is None else hi(z, v)
        out.append(z)
    return jnp.stack(out)


def isotonic(y, w, rising=True):
    return blocks(lambda a, b: jnp.sum((w * y)[a:b + 1]) / jnp.sum(w[a:b + 1]) if a <= b else 0.0, y.size, rising)


def pooled(s, r, kl):
    if not kl:
        return s - isotonic(s - r, jnp.ones_like(s), False)
    lse = jax.scipy.special.logsumexp
    return s - blocks(lambda a, b: lse(s[a:b + 1]) - lse(r[a:b + 1]) if a <= b else 0.0, s.size, False)


def soft_rank(x, e, kl):
    place, r = jnp.argsort(-x), jnp.arange(x.size, 0, -1.0)
    z = pooled(x[place] / e, jnp.log(r) if kl else r, kl)
    return (jnp.exp(z) if kl else z)[jnp.argsort(place)]


def soft_sort(x, e, kl):
    return -pooled(jnp.arange(x.size, 0, -1.0) / e, -jnp.sort(x), kl)


rows = lambda f: jax.vmap(f)
deriv("prox_l1", dict(x=(("B", "n"), N), t=(("n",), P)), "local y = cr.prox.l1(x, t / 2) + cr.prox.l1(x, 0.3)",
      lambda x, t: l1(x, t / 2) + l1(x, 0.3), sizes=SIZES)
deriv("prox_box", dict(x=(("B", "n"), N), a=(("n",), N), b=((), P)), "local y = cr.prox.box(x, a - b, a + b) ^ 2 + cr.prox.nonneg(x)",
      lambda x, a, b: jnp.clip(x, a - b, a + b) ** 2 + jax.nn.relu(x), sizes=SIZES)
deriv("prox_l2", dict(x=(("B", "n"), N), t=(("B",), P)), "local y = cr.prox.l2(x, t)",
      lambda x, t: rows(lambda x, t: jnp.where(norm(x) <= t, 0, x * (1 - t / norm(x))))(x, t), sizes=SIZES, tol=4)
deriv("prox_ball", dict(x=(("B", "n"), N), c=(("B", "n"), N), e=(("B",), P)), "local y = cr.prox.ball(x, c, e)",
      lambda x, c, e: rows(ball)(x, c, e), sizes=SIZES, tol=4)
deriv("prox_ball_huge", dict(x=((7,), HUGE)), "local y = cr.prox.ball(x, 2)", lambda x: ball(x, 0 * x, 2), order=1)
deriv("prox_simplex", dict(x=(("B", "n"), N), r=(("B",), P)), "local y = cr.prox.simplex(x, -1, r)",
      lambda x, r: rows(simplex)(x, r), sizes=SIZES)
deriv("prox_simplex_axis", dict(x=((4, 3, 2), N)), "local y = cr.prox.simplex(x, 1)",
      lambda x: jnp.moveaxis(rows(rows(lambda x: simplex(x, 1.0)))(jnp.moveaxis(x, 1, 2)), 2, 1))
deriv("prox_simplex_far", dict(x=((9,), lambda r, s: 1e4 + r.standard_normal(s))), "local y = cr.prox.simplex(x)", lambda x: simplex(x - 1e4, 1.0), tol=50)
deriv("prox_l1_ball", dict(x=(("B", "n"), N), r=(("B",), P)), "local y = cr.prox.l1_ball(x, r)",
      lambda x, r: rows(l1_ball)(x, r), sizes=SIZES)
deriv("prox_linf", dict(x=(("B", "n"), N), r=(("B",), P)), "local y = cr.prox.linf(x, r)",
      lambda x, r: x - rows(l1_ball)(x, r), sizes=SIZES)
deriv("prox_nuclear", dict(A=((2, 5, 3), N), t=((2,), P)), "local y = cr.prox.nuclear(A, t)", lambda A, t: rows(nuclear)(A, t), tol=20, order=2)
deriv("isotonic", dict(x=(("B", "n"), N), w=(("n",), P)), "local y = cr.prox.isotonic(x, {weight = w})",
      lambda x, w: rows(lambda x: isotonic(x, w))(x), sizes=[dict(B=2, n=4), dict(B=1, n=1)], order=2)
deriv("isotonic_down", dict(x=((5, 3), N)), "local y = cr.prox.isotonic(x, {axis = 0, increasing = false})",
      lambda x: jax.vmap(lambda x: isotonic(x, jnp.ones_like(x), False), 1, 1)(x), order=1)
for kl in (False, True):
    name = "kl" if kl else "l2"
    for what, f in (("soft_rank", soft_rank), ("soft_sort", soft_sort)):
        deriv(f"{what}_{name}", dict(x=(("B", "n"), N), e=((), P)), f'local y = cr.{what}(x, e, {{ regularization = "{name}" }})',
              lambda x, e, f=f, kl=kl: rows(lambda x: f(x, e, kl))(x), sizes=[dict(B=2, n=4), dict(B=1, n=1)], tol=4, order=2)
        deriv(f"{what}_{name}_sharp", dict(x=((2, 6), N)), f'local y = cr.{what}(x, 1e-4, {{ regularization = "{name}" }})',
              lambda x, f=f, kl=kl: rows(lambda x: f(x, 1e-4, kl))(x), tol=20, order=0)
