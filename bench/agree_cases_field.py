"""Mean field and Gaussian filters, for agree_derivs.py, with JAX's derivatives of the same mathematics."""
import numpy as np
import jax, jax.numpy as jnp
from agree_derivs import deriv

N = lambda r, s: r.standard_normal(s)
softmax = lambda a: jax.nn.softmax(a, axis=-1)


def shifted(x, axis, by):
    """x[.., i + by, ..], zeros from outside."""
    n = x.shape[axis]
    pad = [(0, 0)] * x.ndim
    pad[axis] = (max(-by, 0), max(by, 0))
    return jax.lax.slice_in_dim(jnp.pad(x, pad), max(by, 0), max(by, 0) + n, axis=axis)


def chain_messages(q, p):
    return shifted(q, -2, -1) @ p + shifted(q, -2, 1) @ p.T


def chain(u, p, k, damping=0.0):
    q = softmax(u)
    for _ in range(k):
        q = (1 - damping) * softmax(u + chain_messages(q, p)) + damping * q
    return q


def sweeps(u, p, k):
    q = [softmax(x) for x in u]
    for _ in range(k):
        for t in range(len(q)):
            a = u[t] + (q[t - 1] @ p if t else 0) + (p @ q[t + 1] if t + 1 < len(q) else 0)
            q[t] = softmax(a)
    return jnp.stack(q)


def fixed(u, p, k=200):
    """Many iterations, and the exact derivatives of the end by Newton's steps through it."""
    u0, p0 = jax.lax.stop_gradient(u), jax.lax.stop_gradient(p)
    q = jax.lax.fori_loop(0, k, lambda _, q: softmax(u0 + chain_messages(q, p0)), softmax(u0))
    step = lambda v: softmax(u + chain_messages(v.reshape(u.shape), p)).ravel()
    v = jax.lax.stop_gradient(q).ravel()
    for _ in range(2):
        J = jax.jacobian(step)(v)
        v = v + jnp.linalg.solve(jnp.eye(v.size) - J, step(v) - v)
    return v.reshape(u.shape)


def elbo(u, p, q):
    return jnp.sum(q * u) + jnp.sum((q[:-1] @ p) * q[1:]) - jnp.sum(jax.scipy.special.xlogy(q, q))


U, P = (("T", 3), N), ((3, 3), N)
TS = [dict(T=5), dict(T=1), dict(T=2)]
deriv("mf_chain", dict(u=U, p=P), "local y = cr.crf.mean_field(u, p, { iterations = 3, damping = 0.2 })",
      lambda u, p: chain(u, p, 3, 0.2), sizes=TS)
deriv("mf_sweep", dict(u=U, p=P), 'local y = cr.crf.mean_field(u, p, { iterations = 2, schedule = "sequential" })',
      lambda u, p: sweeps(u, p, 2), sizes=TS)
deriv("mf_fixed", dict(u=U, p=P), '''
local y = cr.crf.mean_field(u, p / 4, { fixed_point = { tol = cr.default_dtype() == "f64" and 1e-14 or 1e-7 } })''',
      lambda u, p: fixed(u, p / 4), sizes=TS, order=2, tol=20)
deriv("mf_elbo", dict(u=U, p=P), "local y = cr.crf.elbo(cr.crf.mean_field(u, p, { iterations = 2 }), u, p)",
      lambda u, p: elbo(u, p, chain(u, p, 2)), sizes=TS)


def grid_messages(q, p, wh, wv):
    s = 0
    for axis, w in ((-2, wh), (-3, wv)):
        pad = [(0, 0)] * w.ndim
        pad[axis + 1] = (0, 1)
        w1 = jnp.pad(w, pad)[..., None]
        s = s + shifted(w1 * q, axis, -1) @ p + w1 * (shifted(q, axis, 1) @ p.T)
    return s


def grid(u, p, wh, wv, k, colours=1):
    q = softmax(u)
    y, x = np.mgrid[:u.shape[-3], :u.shape[-2]]
    for _ in range(k):
        for c in range(colours):
            new = softmax(u + grid_messages(q, p, wh, wv))
            q = jnp.where(((y + x) % colours == c)[..., None], new, q)
    return q


GRID = dict(u=((2, 4, 5, 3), N), p=((3, 3), N), wh=((4, 4), N), wv=((2, 3, 5), N))
for schedule, colours in (("parallel", 1), ("coloured", 2)):
    deriv(f"mf_grid_{schedule}", GRID, f'''
local y = cr.crf.mean_field(u, p, {{ graph = "grid", iterations = 2, schedule = "{schedule}",
  weights = {{ horizontal = wh, vertical = wv }} }})''',
          lambda u, p, wh, wv, c=colours: grid(u, p, wh, wv, 2, c), kinds=("f64", "f32"), order=2)
deriv("mf_potts", dict(u=(("H", "W", 2), N), p=((), N)), 'local y = cr.crf.mean_field(u, p, { graph = "grid", iterations = 3 })',
      lambda u, p: grid(u, p * jnp.eye(2), jnp.ones((u.shape[0], u.shape[1] - 1)), jnp.ones((u.shape[0] - 1, u.shape[1])), 3),
      sizes=[dict(H=3, W=4), dict(H=1, W=1), dict(H=1, W=5)], order=2)


def general(u, p, w, e, k):
    q = softmax(u)
    for _ in range(k):
        fro, to = q[e[:, 0]], q[e[:, 1]]
        a = u.at[e[:, 1]].add(w[:, None] * jnp.einsum("ek,ekl->el", fro, p))
        a = a.at[e[:, 0]].add(w[:, None] * jnp.einsum("ek,elk->el", to, p))
        q = softmax(a)
    return q


deriv("mf_edges", dict(u=((6, 3), N), p=(("E", 3, 3), N), w=(("E",), N), e=(("E", 2), lambda r, s: r.integers(0, 6, s).astype(np.int32))),
      "local y = cr.crf.mean_field(u, p, { edges = e, weights = w, iterations = 2 })",
      lambda u, p, w, e: general(u, p, w, e, 2), sizes=[dict(E=9), dict(E=1)], order=2)
