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


def chain_log_z(u, p):
    a = u[0]
    for t in range(1, len(u)):
        a = u[t] + jax.scipy.special.logsumexp(a[:, None] + p, axis=0)
    return jax.scipy.special.logsumexp(a)


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


def kernel(f, inside=None, itself=True, normalise="none"):
    """The N x N matrix of a Gaussian filter; inside: which pairs take part."""
    k = jnp.exp(-0.5 * ((f[:, None] - f[None]) ** 2).sum(-1))
    k = k if inside is None else k * inside
    k = k if itself else k * (1 - jnp.eye(len(f)))
    n = k.sum(1)
    n = jnp.where(n > 0, n, 1)
    return dict(none=k, before=k / n[None], after=k / n[:, None], symmetric=k / jnp.sqrt(n[:, None] * n[None]))[normalise]


def in_window(H, W, rows, columns):
    y, x = (a.ravel() for a in np.mgrid[:H, :W])
    return ((abs(y[:, None] - y) <= rows // 2) & (abs(x[:, None] - x) <= columns // 2)).astype(float)


for normalise, itself in (("none", True), ("before", True), ("after", False), ("symmetric", True), ("symmetric", False)):
    opts = f'normalise = "{normalise}", self = {"true" if itself else "false"}, bandwidth = s'
    deriv(f"filter_exact_{normalise}_{itself:d}", dict(f=(("N", 2), N), v=(("N", 3), N), s=((2,), lambda r, s: 1 + r.random(s))),
          f"local y = cr.filter.gaussian(f, v, {{ {opts} }})",
          lambda f, v, s, n=normalise, i=itself: kernel(f / s, None, i, n) @ v, sizes=[dict(N=7), dict(N=1), dict(N=70)], order=2)
    deriv(f"filter_window_{normalise}_{itself:d}", dict(f=(("H", "W", 2), N), v=(("H", "W", 3), N), s=((2,), lambda r, s: 1 + r.random(s))),
          f'local y = cr.filter.gaussian(f, v, {{ {opts}, method = "windowed", window = {{ 3, 5 }} }})',
          lambda f, v, s, n=normalise, i=itself: (kernel((f / s).reshape(-1, 2), in_window(*f.shape[:2], 3, 5), i, n)
                                                  @ v.reshape(-1, 3)).reshape(v.shape),
          sizes=[dict(H=3, W=4), dict(H=1, W=1), dict(H=4, W=18)], order=2)
deriv("filter_exact_batch", dict(f=((2, 9, 2), N), v=((2, 9, 20), N)), "local y = cr.filter.gaussian(f, v)",
      lambda f, v: jnp.stack([kernel(a) @ b for a, b in zip(f, v)]), kinds=("f64", "f32"), order=2)
deriv("filter_window_batch", dict(f=((2, 3, 4, 2), N), v=((2, 3, 4, 9), N)),
      'local y = cr.filter.gaussian(f, v, { method = "windowed", window = 9 })',
      lambda f, v: jnp.stack([(kernel(a.reshape(-1, 2)) @ b.reshape(-1, 9)).reshape(b.shape) for a, b in zip(f, v)]),
      kinds=("f64", "f32"), order=2)


def dense(u, f, w, mu, iterations, inside=None, itself=True, damping=0.0):
    """Dense mean field over points: f is a list of features, one a kernel, w of their weights."""
    L = u.shape[-1]
    theta = u.reshape(-1, L)
    ks = [kernel(a.reshape(len(theta), -1), inside, itself, "symmetric") for a in f]
    q = softmax(theta)
    for _ in range(iterations):
        m = sum((k @ q) @ jnp.broadcast_to(x, (L, L)).T if jnp.ndim(x) == 2 else x * (k @ q) for k, x in zip(ks, w))
        q = (1 - damping) * softmax(theta + (m if mu is None else -m @ mu.T)) + damping * q
    return q.reshape(u.shape)


def places(u):
    y, x = np.mgrid[:u.shape[0], :u.shape[1]].astype(float)
    return jnp.stack([jnp.asarray(y), jnp.asarray(x)], -1)


DENSE = dict(u=(("H", "W", 3), N), im=(("H", "W", 2), N), w=((2,), N), mu=((3, 3), N), s=((), lambda r, s: np.array(1.5)))
for method, more, inside in (("exact", "", lambda u: None), ("windowed", ", window = 3", lambda u: in_window(*u.shape[:2], 3, 3))):
    deriv(f"dense_{method}", DENSE, f'''
local y = cr.crf.dense_mean_field(u, im, {{ method = "{method}"{more}, iterations = 2, compatibility = mu,
  kernels = {{ {{ weight = w(0), position = s, colour = 0.7 }}, {{ weight = w(1), position = 2 }} }} }})''',
          lambda u, im, w, mu, s, i=inside: dense(u, [jnp.concatenate([places(u) / s, im / 0.7], -1), places(u) / 2], w, mu, 2, i(u)),
          sizes=[dict(H=3, W=4), dict(H=1, W=1), dict(H=2, W=17)], order=2)
deriv("dense_mixed", dict(u=((3, 4, 3), N), im=((3, 4, 2), N), w=((3,), N), v=((3, 3), N)), '''
local y = cr.crf.dense_mean_field(u, im, { method = "windowed", window = 3, iterations = 2, self = false, damping = 0.3,
  kernels = { { weight = w, position = 1.5, colour = 0.7 }, { weight = v, position = 2 } } })''',
      lambda u, im, w, v: dense(u, [jnp.concatenate([places(u) / 1.5, im / 0.7], -1), places(u) / 2], [w, v], None, 2,
                                in_window(3, 4, 3, 3), False, 0.3), kinds=("f64", "f32"), order=2)
deriv("dense_points", dict(u=((7, 2), N), f=((7, 3), N), w=((), N)), '''
local y = cr.crf.dense_mean_field(u, f, { points = true, method = "exact", iterations = 2,
  kernels = { { weight = w, bandwidth = 1.3 } } })''',
      lambda u, f, w: dense(u, [f / 1.3], [w], None, 2), kinds=("f64", "f32"), order=2)

def simplices(el):
    """Of points el {n, d + 1} of the plane: the vertices of their simplices {n, d + 1, d + 1}, found by rounding and
    moving back to the plane (Adams et al. 2010), and the blurs along all axes, one after another, over all vertices."""
    el = np.asarray(el, np.float64)
    n, e = el.shape
    corners = np.zeros((n, e, e))
    for i, x in enumerate(el):
        near = np.round(x / e) * e
        over = int(np.round(near.sum() / e))
        order = np.argsort(-(x - near), kind="stable")
        near[order[e - over:] if over > 0 else order[:-over]] -= np.sign(over) * e
        order = np.argsort(-(x - near), kind="stable")
        for k in range(e):
            corners[i, k] = near + k
            corners[i, k, order[e - k:]] -= e
    keys = sorted({tuple(v) for v in corners.reshape(-1, e)})
    place, m = {k: a for a, k in enumerate(keys)}, n * e
    blur = np.eye(m)
    for j in range(e):
        step = np.eye(m)
        for k, a in place.items():
            for side in (1, -1):
                near = np.array(k) + side
                near[j] -= side * e
                if tuple(near) in place:
                    step[a, place[tuple(near)]] += 0.5
        blur = step @ blur
    at = np.array([[place[tuple(v)] for v in c] for c in corners], np.float64)
    return corners, at, blur


def lattice(f):
    """The N x N matrix of the permutohedral filter of features f {N, d}, with its derivatives by f."""
    n, d = f.shape
    E = np.array([[(d + 1) * np.sqrt(2 / 3) / np.sqrt(c * (c + 1)) * (1 if r < c else -c if r == c else 0) for c in range(1, d + 1)] for r in range(d + 1)])
    el = f @ E.T
    shape = lambda *s: jax.ShapeDtypeStruct(s, jnp.float64)
    corners, at, blur = jax.pure_callback(simplices, (shape(n, d + 1, d + 1), shape(n, d + 1), shape(n * (d + 1), n * (d + 1))),
                                          jax.lax.stop_gradient(el), vmap_method="sequential")
    # weights b with b' corners = el and sum b = 1: the corners' last coordinate follows from the others
    A = jnp.concatenate([jnp.swapaxes(corners, 1, 2)[:, :d], jnp.ones((n, 1, d + 1))], 1)
    b = jnp.linalg.solve(A, jnp.concatenate([el[:, :d], jnp.ones((n, 1))], 1)[..., None])[..., 0]
    S = jnp.zeros((n * (d + 1), n)).at[at.astype(int), jnp.arange(n)[:, None]].add(b)
    return S.T @ blur @ S / (1 + 2.0 ** -d)


def normalised(k, normalise):
    n = k.sum(1)
    return dict(none=k, before=k / n[None], after=k / n[:, None], symmetric=k / jnp.sqrt(n[:, None] * n[None]))[normalise]


for d, normalise in ((1, "none"), (2, "symmetric"), (3, "after"), (5, "before")):
    deriv(f"filter_lattice_{d}_{normalise}", dict(f=((9, d), N), v=((9, 2), N), s=((), lambda r, s: np.array(1.3))),
          f'local y = cr.filter.gaussian(f, v, {{ method = "lattice", normalise = "{normalise}", bandwidth = s }})',
          lambda f, v, s, n=normalise: normalised(lattice(f / s), n) @ v, kinds=("f64",), order=2)
deriv("filter_lattice_batch", dict(f=((2, 6, 2), N), v=((2, 6, 17), N)), 'local y = cr.filter.gaussian(f, v, { method = "lattice" })',
      lambda f, v: jnp.stack([lattice(a) @ b for a, b in zip(f, v)]), kinds=("f64", "f32"), order=2)
deriv("dense_lattice", dict(u=((3, 4, 3), N), im=((3, 4, 2), N), w=((), N), mu=((3, 3), N), s=((), lambda r, s: np.array(1.5))), '''
local y = cr.crf.dense_mean_field(u, im, { method = "lattice", iterations = 2, compatibility = mu, normalise = "symmetric",
  kernels = { { weight = w, position = s, colour = 0.7 } } })''',
      lambda u, im, w, mu, s: (lambda k: jax.lax.fori_loop(0, 2, lambda _, q: softmax(u.reshape(-1, 3) - w * (k @ q) @ mu.T), softmax(u.reshape(-1, 3))))(
          normalised(lattice(jnp.concatenate([places(u) / s, im / 0.7], -1).reshape(-1, 4)), "symmetric")).reshape(u.shape), kinds=("f64",), order=2)


def dense_fixed(u, f, w):
    """The fixed point over points, and its derivatives by Newton's steps through it."""
    k = kernel(f, None, False, "symmetric")
    step = lambda v: softmax(u + w * (k @ v.reshape(u.shape))).ravel()
    q = jax.lax.stop_gradient(jax.lax.fori_loop(0, 300, lambda _, v: step(v), softmax(u).ravel()))
    for _ in range(2):
        q = q + jnp.linalg.solve(jnp.eye(q.size) - jax.jacobian(step)(jax.lax.stop_gradient(q)), step(q) - q)
    return q.reshape(u.shape)


deriv("dense_fixed", dict(u=((6, 3), N), f=((6, 2), N), w=((), lambda r, s: np.array(0.8))), '''
local y = cr.crf.dense_mean_field(u, f, { points = true, method = "exact", self = false, normalise = "symmetric", fixed_point = { tol = 1e-14 },
  kernels = { { weight = w, bandwidth = 1 } } })''', dense_fixed, kinds=("f64",), order=2, tol=20)
KL = dict(u=(("B", "T", 3), N), p=((3, 3), N), v=(("B", "T", 3), N))
deriv("mf_kl", KL, "local y = cr.crf.mean_field_kl(cr.softmax(v, 2), u, p)", lambda u, p, v: jnp.stack(
    [chain_log_z(a, p) - elbo(a, p, softmax(b)) for a, b in zip(u, v)]) if len(u) else jnp.zeros(0), kinds=("f64d",), order=2,
      sizes=[dict(B=2, T=4), dict(B=1, T=1), dict(B=0, T=2)], tol=4)
