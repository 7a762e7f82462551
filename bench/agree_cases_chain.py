"""Chains, trees, segments and alignments, for agree_derivs.py: JAX's derivatives of sums over all labelings and paths."""
import itertools
import numpy as np
import jax, jax.numpy as jnp
from agree_derivs import deriv

N = lambda r, s: r.standard_normal(s)
lse = jax.scipy.special.logsumexp
LENGTHS = np.array([4, 0, 1, 3], np.int32)
given = lambda values: lambda r, s: np.asarray(values)
labels = lambda k, low=0: lambda r, s: r.integers(low, k, s).astype(np.int32)


def labelings(n, k):
    return np.array(list(itertools.product(range(k), repeat=n)), int).reshape(k ** n, n)


def scores(u, p, n, start=0.0, stop=0.0):
    """Of all labelings of the first n places, and these."""
    y = labelings(n, u.shape[1])
    s = jnp.zeros(len(y)) if n == 0 else jnp.broadcast_to(start, u.shape[1:])[y[:, 0]] + jnp.broadcast_to(stop, u.shape[1:])[y[:, -1]]
    for t in range(n):
        s = s + u[t, y[:, t]] + (p[y[:, t - 1], y[:, t]] if t else 0)
    return s, y


def each(f, u, *more):
    return jnp.stack([f(u[b], int(n), *[m[b] for m in more]) for b, n in enumerate(LENGTHS)])


def log_z(u, p, a=0.0, b=0.0):
    return each(lambda v, n: lse(scores(v, p, n, a, b)[0]), u)


def entropy(s):
    q = jax.nn.softmax(s)
    return -jnp.sum(q * jax.nn.log_softmax(s))


def hinge(u, p, labels_):
    def one(v, n, y):
        s, all_ = scores(v, p, n)
        own = sum(v[t, y[t]] + (p[y[t - 1], y[t]] if t else 0) for t in range(n))
        return jnp.max(s + (all_ != y[None, :n]).sum(1)) - own
    return each(one, u, labels_)


best = lambda s, k: -jnp.sort(-s)[:k]
CHAIN = dict(u=((4, 4, 3), N), p=((3, 3), N), a=((3,), N), b=((3,), N), n=((4,), given(LENGTHS)))
deriv("crf_log_z", CHAIN, "local y = cr.crf.log_partition(u, p, { lengths = n, start = a, stop = b })",
      lambda u, p, a, b, n: log_z(u, p, a, b), kinds=("f64", "f32"), tol=4)
deriv("crf_marginals", CHAIN, "local y = cr.crf.marginals(u, p, { lengths = n, start = a, stop = b })",
      lambda u, p, a, b, n: jax.grad(lambda u: jnp.sum(log_z(u, p, a, b)))(u), kinds=("f64",), order=2)
deriv("crf_entropy", CHAIN, "local y = cr.crf.entropy(u, p, { lengths = n, start = a, stop = b })",
      lambda u, p, a, b, n: each(lambda v, n: entropy(scores(v, p, n, a, b)[0]), u), kinds=("f64",), order=2, tol=4)
deriv("crf_hinge", dict(u=((4, 4, 3), N), p=((3, 3), N), n=((4,), given(LENGTHS)), l=((4, 4), labels(3))),
      "local y = cr.crf.ssvm_loss(u, p, l, { lengths = n })", lambda u, p, n, l: hinge(u, p, l), kinds=("f64", "f32"), order=1)
deriv("crf_best", dict(u=(("B", "T", 2), N), p=((2, 2), N)), '''
local _, s = cr.crf.viterbi(u, p)
local _, k = cr.crf.kbest(u, p, 2)
local y = cr.cat({ cr.unsqueeze(s, 1), k }, 1)''', lambda u, p: jnp.stack(
    [jnp.concatenate([best(scores(v, p, len(v))[0], 1), best(scores(v, p, len(v))[0], 2)]) for v in u]) if len(u) else jnp.zeros((0, 3)),
      sizes=[dict(B=2, T=4), dict(B=1, T=1), dict(B=0, T=3)], kinds=("f64d",), order=1)


def segments(s, p, n, join=lse):
    """Of all segmentations of the first n places, joined: s[t, d, l] is of the places t - d .. t."""
    found = []

    def go(t, last, score):
        if t == n:
            found.append(score)
        for d in range(min(s.shape[1], n - t)):
            for l in range(s.shape[2]):
                go(t + d + 1, l, score + s[t + d, d, l] + (0 if last is None else p[last, l]))
    go(0, None, jnp.zeros(()))
    return join(jnp.stack(found))


deriv("semi_markov", dict(s=((4, 4, 2, 2), N), p=((2, 2), N), n=((4,), given(LENGTHS))), "local y = cr.crf.semi_markov(s, p, { lengths = n })",
      lambda s, p, n: each(lambda v, n: segments(v, p, n), s), kinds=("f64",), order=2, tol=4)
deriv("semi_markov_best", dict(s=((4, 4, 2, 2), N), p=((2, 2), N), n=((4,), given(LENGTHS))), '''
local labels, starts, best = cr.crf.semi_markov_viterbi(s, p, { lengths = n })
local y = cr.stack({ best, cr.crf.semi_markov_nll(s, p, labels, starts, { lengths = n }) }, 1)''',
      lambda s, p, n: each(lambda v, n: (lambda b: jnp.stack([b, segments(v, p, n) - b]))(segments(v, p, n, jnp.max)), s),
      kinds=("f64", "f32"), order=2, tol=4)
PARENTS = (-1, 0, 0, 2, -1, 4)


def tree_scores(u, p):
    y = labelings(len(PARENTS), u.shape[1])
    return sum(u[k, y[:, k]] + (p[y[:, q], y[:, k]] if q >= 0 else 0) for k, q in enumerate(PARENTS))


deriv("tree", dict(u=((2, 6, 2), N), p=((2, 2), N)), f'''
local of = {{ {", ".join(map(str, PARENTS))} }}
local z, _, s = cr.crf.tree(of, u, p)
local _, k = cr.crf.tree_kbest(of, u, p, 3)
local y = cr.cat({{ cr.stack({{ z, s, cr.crf.tree_entropy(of, u, p) }}, 1), k }}, 1)''', lambda u, p: jnp.stack(
    [(lambda s: jnp.concatenate([jnp.stack([lse(s), jnp.max(s), entropy(s)]), best(s, 3)]))(tree_scores(v, p)) for v in u]), kinds=("f64",), order=2, tol=4)


def path_costs(d, n, m, gap=None):
    """Of all monotone ways through n by m: sums of d at the cells passed; with a gap, aligned pairs and gaps."""
    found = []

    def go(i, j, cost):
        if (i, j) == (n, m):
            found.append(cost)
        if gap is None:
            for a, b in ((1, 1), (1, 0), (0, 1)):
                if i + a <= n and j + b <= m and i + a and j + b and (i or j or (a and b)):
                    go(i + a, j + b, cost + d[i + a - 1, j + b - 1])
        else:
            if i < n and j < m:
                go(i + 1, j + 1, cost + d[i, j])
            if i < n:
                go(i + 1, j, cost + gap)
            if j < m:
                go(i, j + 1, cost + gap)
    go(0, 0, jnp.zeros(()))
    return jnp.stack(found) if found else jnp.full(1, jnp.inf)


XS, YS = np.array([3, 1, 0, 2], np.int32), np.array([4, 1, 0, 3], np.int32)
PAIRS = dict(d=((4, 3, 4), N), g=((), given(0.7)), i=((4,), given(XS)), j=((4,), given(YS)))
deriv("soft_dtw", PAIRS, "local y = cr.soft_dtw(d, g, { lengths_x = i, lengths_y = j })",
      lambda d, g, i, j: jnp.stack([-g * lse(-path_costs(d[k], XS[k], YS[k]) / g) for k in range(4)]), kinds=("f64", "f32"), order=2, tol=4)
deriv("dtw", dict(d=(("n", "m"), N)), "local y = cr.soft_dtw(d, 0)", lambda d: jnp.min(path_costs(d, *d.shape)),
      sizes=[dict(n=3, m=4), dict(n=1, m=1), dict(n=1, m=3)], order=1)
deriv("needleman", PAIRS, "local y = cr.needleman_wunsch(d, g - 1, 0.7, { lengths_x = i, lengths_y = j }) + cr.needleman_wunsch(d, g - 1, 0, { lengths_x = i, lengths_y = j })",
      lambda d, g, i, j: jnp.stack([(lambda s: 0.7 * lse(s / 0.7) + jnp.max(s))(path_costs(d[k], XS[k], YS[k], g - 1)) for k in range(4)]),
      kinds=("f64", "f32"), order=2, tol=4)


def ctc(logits, y):
    """-log of the sum over all ways of one label a step that read as y: blanks are 0, repeats are one."""
    p, T = jax.nn.log_softmax(logits), len(logits)
    read = lambda w: [k for t, k in enumerate(w) if k and (t == 0 or w[t - 1] != k)]
    ways = np.array([w for w in labelings(T, logits.shape[1]) if read(list(w)) == list(y)], int).reshape(-1, T)
    return -lse(sum(p[t, ways[:, t]] for t in range(T))) if T else jnp.zeros(())


TARGETS, STEPS, COUNTS = np.array([[1, 1], [2, 1], [2, 0], [0, 0]], np.int32), np.array([4, 3, 1, 2], np.int32), np.array([2, 2, 1, 0], np.int32)
deriv("ctc", dict(x=((4, 4, 3), N), l=((4, 2), given(TARGETS)), n=((4,), given(STEPS)), k=((4,), given(COUNTS))),
      "local y = cr.ctc_loss(cr.log_softmax(x, 2), l, n, k)",
      lambda x, l, n, k: jnp.stack([ctc(x[:STEPS[b], b], TARGETS[b, :COUNTS[b]]) for b in range(4)]), kinds=("f64", "f32"), order=2, tol=4)
