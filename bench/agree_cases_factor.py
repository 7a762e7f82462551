"""Factorizations and what is made of them, for agree_derivs.py: gauge-invariant functions of the factors."""
import numpy as np
import jax, jax.numpy as jnp
import jax.scipy.linalg as jsl
from agree_derivs import deriv

N = lambda r, s: r.standard_normal(s)


def spread(r, s):
    """Singular values 1, 2, 3, .. so that no gap is small."""
    *b, m, n = s
    k = min(m, n)
    out = np.empty(s)
    for i in np.ndindex(*b):
        u, v = (np.linalg.qr(r.standard_normal((d, k)))[0] for d in (m, n))
        out[i] = (u * (1.0 + np.arange(k))) @ v.T
    return out


def symmetric(r, s):
    """Eigenvalues 1, 2, 3, .."""
    a = np.linalg.qr(r.standard_normal(s))[0]
    return (a * (1.0 + np.arange(s[-1]))) @ np.swapaxes(a, -1, -2)


def weights(k, t=1.0):
    return jnp.cos(t * jnp.arange(1.0, k + 1))


WEIGHTS = '''local function weights(S) local i = cr.index "i"; return cr.tensor({ i }, cr.cos(cr.cast(i) + 1), { S.shape[#S.shape] }) end
'''
T = lambda x: jnp.swapaxes(x, -1, -2)

for m, n in ((4, 4), (6, 3), (3, 6), (1, 1), (1, 4), (4, 1)):
    deriv(f"svd_{m}_{n}", dict(A=((m, n), spread)), WEIGHTS + f'''
local U, S, Vh = cr.linalg.svd(A)
local w = weights(S)
local left, right = cr.matmul(U * w, cr.transpose(U)), cr.matmul(cr.transpose(Vh) * w, Vh)
local y = cr.cat({{ cr.flatten(left), cr.flatten(right), cr.sin(S), cr.flatten(cr.matmul(U * (w * S), Vh)) }}, 0)''',
          lambda A: (lambda U, S, V: (lambda w: jnp.concatenate([((U * w) @ U.T).ravel(), ((V.T * w) @ V).ravel(), jnp.sin(S), ((U * (w * S)) @ V).ravel()]))(
              weights(S.shape[0])))(*jnp.linalg.svd(A, full_matrices=False)), wrt=["A"], kinds=("f64", "f32"), tol=20)
deriv("svd_dims", dict(A=(("M", "K"), spread)), '''
local U, S, Vh = cr.linalg.svd(A)
local y = cr.matmul(U * S * S, Vh)''', lambda A: (lambda U, S, V: (U * S * S) @ V)(*jnp.linalg.svd(A, full_matrices=False)),
      wrt=["A"], kinds=("f64d",), order=0, sizes=[dict(M=5, K=3), dict(M=4, K=4), dict(M=1, K=1)])
deriv("svd_batch", dict(A=((2, 3, 5, 3), spread)), '''
local U, S, Vh = cr.linalg.svd(A)
local y = cr.matmul(U * cr.unsqueeze(cr.sin(S), -2), Vh) + cr.matmul(U * cr.unsqueeze(cr.cos(S), -2), Vh)''',
      lambda A: (lambda U, S, V: (U * jnp.sin(S)[..., None, :]) @ V + (U * jnp.cos(S)[..., None, :]) @ V)(*jnp.linalg.svd(A, full_matrices=False)), wrt=["A"], kinds=("f64", "f32"), tol=20, order=2)
deriv("svd_full", dict(A=((5, 3), spread)), '''
local U, S, Vh = cr.linalg.svd(A, { full_matrices = true })
local U2 = cr.slice(U, 1, 3)
local y = cr.matmul(U2, cr.transpose(U2)) + cr.sum(S)''',
      lambda A: (lambda U, S, V: jnp.eye(5) - U @ U.T + jnp.sum(S))(*jnp.linalg.svd(A, full_matrices=False)), wrt=["A"], kinds=("f64", "f32"), tol=20, order=1)
deriv("svdvals", dict(A=((5, 4), spread), B=((2, 3), spread)), '''
local y = cr.cat({ cr.sin(cr.linalg.svdvals(A)), cr.linalg.svdvals(B) ^ 2 }, 0)''',
      lambda A, B: jnp.concatenate([jnp.sin(jnp.linalg.svd(A, compute_uv=False)), jnp.linalg.svd(B, compute_uv=False) ** 2]), wrt=["A", "B"], kinds=("f64", "f32"), tol=20)
for n in (4, 1):
    deriv(f"eigh_{n}", dict(A=((n, n), symmetric)), WEIGHTS + '''
local w, V = cr.linalg.eigh(A)
local y = cr.cat({ cr.flatten(cr.matmul(V * weights(w), cr.transpose(V))), cr.sin(w), cr.flatten(cr.matmul(V * cr.exp(w / 5), cr.transpose(V))), cr.linalg.eigvalsh(A) ^ 2 }, 0)''',
          lambda A: (lambda w, V: jnp.concatenate([((V * weights(w.shape[0])) @ V.T).ravel(), jnp.sin(w), ((V * jnp.exp(w / 5)) @ V.T).ravel(), w ** 2]))(*jnp.linalg.eigh(A)),
          wrt=["A"], kinds=("f64", "f32"), tol=20)
# (sums of cubes by themselves, about 100, would leave sin few digits in f32, whoever computes them)
deriv("eigh_batch", dict(A=((3, 4, 4), symmetric)), '''
local w, V = cr.linalg.eigh(A)
local y = cr.matmul(V * cr.unsqueeze(cr.sqrt(w), -2), cr.transpose(V)) + cr.unsqueeze(cr.unsqueeze(cr.sum(cr.linalg.eigvalsh(A) ^ 3, -1) / 100, -1), -1)''',
      lambda A: (lambda w, V: (V * jnp.sqrt(w)[:, None, :]) @ T(V) + jnp.sum(w ** 3, -1)[:, None, None] / 100)(*jnp.linalg.eigh(A)), wrt=["A"], kinds=("f64", "f32"), order=2)
for m, n in ((4, 4), (6, 3), (3, 5), (1, 1), (5, 1), (1, 5)):
    deriv(f"qr_{m}_{n}", dict(A=((m, n), spread)), '''
local Q, R = cr.linalg.qr(A)
local y = cr.cat({ cr.flatten(cr.sin(Q)), cr.flatten(cr.sin(R)) }, 0)''',
          lambda A: (lambda Q, R: jnp.concatenate([jnp.sin(Q).ravel(), jnp.sin(R).ravel()]))(*(jnp.linalg.qr(A) if A.shape[0] >= A.shape[1] else (
              lambda Q, R: (Q, jnp.concatenate([R, Q.T @ A[:, A.shape[0]:]], 1)))(*jnp.linalg.qr(A[:, :A.shape[0]])))), wrt=["A"], kinds=("f64", "f32"), tol=20)
deriv("qr_batch", dict(A=((2, 5, 3), spread)), 'local Q, R = cr.linalg.qr(A)\nlocal y = cr.matmul(cr.sin(Q), R)',
      lambda A: (lambda Q, R: jnp.sin(Q) @ R)(*jnp.linalg.qr(A)), wrt=["A"], kinds=("f64", "f32"), order=2, tol=20)
for m, n in ((6, 3), (4, 4), (3, 5)):
    pinv = lambda A: jnp.linalg.solve(A.T @ A, A.T) if A.shape[0] >= A.shape[1] else A.T @ jnp.linalg.inv(A @ A.T)
    deriv(f"lstsq_{m}_{n}", dict(A=((m, n), spread), b=((m,), N), B=((m, 2), N)), '''
local x, X = cr.linalg.lstsq(A, b), cr.linalg.lstsq(A, B)
local y = cr.cat({ x, cr.flatten(X), cr.flatten(cr.matmul(cr.linalg.pinv(A), B)), cr.linalg.lstsq(A, b, { rcond = 1e-10 }) }, 0)''',
          lambda A, b, B: jnp.concatenate([pinv(A) @ b, (pinv(A) @ B).ravel(), (pinv(A) @ B).ravel(), pinv(A) @ b]), wrt=["A", "b", "B"], kinds=("f64", "f32"), tol=20, order=2)
deriv("expm", dict(A=((4, 4), N), B=((2, 3, 3), N)), '''
local y = cr.cat({ cr.flatten(cr.linalg.expm(A)), cr.flatten(cr.linalg.expm(B * 0.1)), cr.flatten(cr.linalg.matrix_power(A, 3)) }, 0)''',
      lambda A, B: jnp.concatenate([jsl.expm(A).ravel(), jax.vmap(jsl.expm)(B * .1).ravel(), jnp.linalg.matrix_power(A, 3).ravel()]), wrt=["A", "B"], kinds=("f64", "f32"), tol=20)
eig = lambda f: lambda A: (lambda w, V: (V * f(w)[..., None, :]) @ T(V))(*jnp.linalg.eigh(A))
sv = lambda f: lambda A: (lambda U, S, V: (U * f(S)[..., None, :]) @ V)(*jnp.linalg.svd(A, full_matrices=False))
deriv("spectral_sym", dict(A=((4, 4), symmetric), p=((), lambda r, s: np.array(0.7))), '''
local L = cr.linalg
local y = L.sqrtm(A) + L.logm(A) + L.invsqrtm(A) + L.powm(A, p) + L.spectral(A, function(w) return cr.tanh(w * p) end, { symmetric = true }) + L.spectral_sum(A, function(w) return cr.exp(w * 0.25) end, { symmetric = true })''',
      lambda A, p: eig(jnp.sqrt)(A) + eig(jnp.log)(A) + eig(lambda w: 1 / jnp.sqrt(w))(A) + eig(lambda w: w ** p)(A) + eig(lambda w: jnp.tanh(w * p))(A) + jnp.sum(jnp.exp(.25 * jnp.linalg.eigh(A)[0])),
      wrt=["A", "p"], kinds=("f64", "f32"), tol=20, order=2)
for m, n in ((4, 4), (6, 3), (3, 6)):
    deriv(f"spectral_{m}_{n}", dict(A=((m, n), spread), tau=((), lambda r, s: np.array(1.5))), '''
local L = cr.linalg
local y = L.shrink(A, tau) + L.polar(A) + L.spectral(A, function(s) return cr.tanh(s / tau) end) + L.spectral_sum(A, function(s) return cr.exp(s * 0.1) * tau end) + L.nuclear_norm(A)''',
          lambda A, tau: sv(lambda s: jnp.maximum(s - tau, 0))(A) + sv(lambda s: s * 0 + 1)(A) + sv(lambda s: jnp.tanh(s / tau))(A) + jnp.sum(jnp.exp(.1 * jnp.linalg.svd(A, compute_uv=False))) * tau
          + jnp.sum(jnp.linalg.svd(A, compute_uv=False)), wrt=["A", "tau"], kinds=("f64", "f32"), tol=20, order=2)
deriv("spectral_even", dict(A=((5, 3), N)), 'local y = cr.linalg.spectral(A, cr.cos) + cr.linalg.polar(A)',
      lambda A: sv(jnp.cos)(A) + sv(jnp.ones_like)(A), kinds=("f64", "f32"), tol=20, order=2)
deriv("spectral_batch", dict(A=((2, 5, 3), spread), B=((2, 3, 3), symmetric)), '''
local y = cr.cat({ cr.linalg.spectral(A, cr.tanh), cr.linalg.logm(B) }, 1)''', lambda A, B: jnp.concatenate([sv(jnp.tanh)(A), eig(jnp.log)(B)], 1), wrt=["A", "B"], kinds=("f64", "f32"), tol=20, order=2)
# Ties and zeros, where JAX gives NaN through its factors: A A' A and B^3 by themselves
ties = lambda *s: lambda r, shape: (np.linalg.qr(r.standard_normal((shape[0], len(s))))[0] * np.array(s)) @ np.linalg.qr(r.standard_normal((shape[1], len(s))))[0].T
for name, s in dict(tie=(3, 2, 1, 1), same=(1, 1, 1, 1), zero=(0, 0, 0, 0), rank=(2, 0, 0, 1), near=(1, 1 + 1e-9, 1 - 1e-6, 2)).items():
    for m in (4, 6):
        deriv(f"spectral_{name}_{m}", dict(A=((m, 4), ties(*s))), '''
local y = cr.linalg.spectral(A, function(s) return s ^ 3 end) + cr.linalg.spectral_sum(A, function(s) return s ^ 2 end)''', lambda A: A @ A.T @ A + jnp.sum(A ** 2), wrt=["A"], kinds=("f64", "f32"), tol=20, order=2)
    deriv(f"spectral_sym_{name}", dict(A=((4, 4), lambda r, shape, s=s: (lambda q: (q * (np.array(s) - 1.0)) @ q.T)(np.linalg.qr(r.standard_normal(shape))[0]))), '''
local y = cr.linalg.spectral(A, function(s) return s ^ 3 + s end, { symmetric = true }) + cr.linalg.spectral_sum(A, function(s) return s ^ 2 end, { symmetric = true })''',
          lambda A: (lambda B: B @ B @ B + B + jnp.sum(B * B))((A + A.T) / 2), wrt=["A"], kinds=("f64", "f32"), tol=20, order=2)
spd = lambda r, s: (lambda a: a @ a.T + np.eye(s[0]))(r.standard_normal(s))
deriv("cg", dict(A=((5, 5), spd), b=((5,), N), l=((), lambda r, s: np.array(0.5))), '''
local S = (A + cr.transpose(A)) * 0.5
local x = cr.linalg.cg(function(x) return cr.matmul(S, x) + l * x end, b)
local z = cr.linalg.cg(S, b, { preconditioner = function(r) return r / cr.diag(S) end })
local y = cr.sin(x) + z''', lambda A, b, l: (lambda S: jnp.sin(jnp.linalg.solve(S + l * jnp.eye(5), b)) + jnp.linalg.solve(S, b))((A + A.T) / 2), wrt=["A", "b", "l"], kinds=("f64",), order=2, tol=20)
deriv("cg_askew", dict(A=((4, 4), spd), b=((4,), N)), 'local y = cr.linalg.cg(A, b)', lambda A, b: jnp.linalg.solve(A, b), kinds=("f64",), order=2, tol=20)
# Far from 1, where squares are no numbers
for name, s in dict(huge=2.0 ** 660, tiny=2.0 ** -660).items():
    deriv(f"far_{name}", dict(A=((4, 3), N), b=((4,), N), B=((4, 4), lambda r, s: r.standard_normal(s) + 4 * np.eye(4)), s=((), lambda r, _, s=s: np.array(s))), '''
local L = cr.linalg
local y = cr.cat({ cr.sin(L.svdvals(A * s) / s), cr.sin(L.eigvalsh(B * s) / s), L.lstsq(A * s, b * s), L.bicgstab(B * s, b * s) }, 0)''',
          lambda A, b, B, s: jnp.concatenate([jnp.sin(jnp.linalg.svd(A, compute_uv=False)), jnp.sin(jnp.linalg.eigvalsh((B + B.T) / 2)), jnp.linalg.solve(A.T @ A, A.T @ b), jnp.linalg.solve(B, b)]),
          wrt=["A", "b", "B"], kinds=("f64",), order=2, tol=1e3)
deriv("bicgstab", dict(A=((5, 5), lambda r, s: r.standard_normal(s) + 4 * np.eye(5)), b=((5,), N)), '''
local y = cr.linalg.bicgstab(A, b)''', lambda A, b: jnp.linalg.solve(A, b), wrt=["A", "b"], kinds=("f64",), order=2, tol=20)
