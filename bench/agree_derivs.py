"""agree_derivs.py: one body in Lua and one function in JAX, and every derivative of them compared.

    bench/.venv/bin/python bench/agree_derivs.py [NAME...]      needs numpy and jax; Crescent never does

A case's body computes y. Compared are y, its vjp and jvp, a Hessian-vector product h, the vjp m of the
jvp, and the third derivative t, in f64 and f32, with run-time sizes (kind f64d) or fixed ones, and
their bits at 1, 2 and 4 threads.
"""
import os, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
import numpy as np
# XLA compiles each reference once and runs it once: what it would do to make it fast takes minutes
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")
import jax, jax.numpy as jnp
jax.config.update("jax_enable_x64", True)

CRESCENT = os.path.abspath(os.environ.get("CRESCENT", os.path.join(os.path.dirname(__file__), "..", "build", "crescent")))
CASES = {}
DTYPE = {np.dtype("int32"): ', { dtype = "i32" }', np.dtype("bool"): ', { dtype = "bool" }'}
F32_TOLERANCE = dict(h=5e-5, m=3e-5, t=2e-4)


def deriv(name, ins, body, f, wrt=None, sizes=({},), kinds=("f64d", "f32"), order=3, tol=1):
    """ins: name -> (shape of numbers and size names, generator); tol scales the tolerances."""
    for kind in kinds:
        CASES[f"{name}_{kind}"] = (ins, body, f, wrt, sizes, kind, order, tol)


def model(ins, body, wrt, sizes, kind, order, data):
    """The Lua text, and the names of its outputs."""
    dynamic = kind.endswith("d")
    lua = ['local cr = require "crescent"', f'cr.default_dtype "{kind[:3]}"']
    lua += [f'local {k} = ' + (f'cr.dim "{k}"' if dynamic else str(v)) for k, v in sizes.items()]
    for k, (shape, _) in ins.items():
        lua.append(f'local {k} = cr.input("{k}", {{ {", ".join(map(str, shape))} }}{DTYPE.get(data[k].dtype, "")})')
    lua.append(body)
    outs, listed = dict(y="y"), ", ".join(ins)
    if wrt and order:
        lua.append(f'local yb, xs_ = cr.input("yb", y.shape), {{ {", ".join(wrt)} }}')
        lua.append('local vs_ = { ' + ", ".join(f'cr.input("v_{k}", {k}.shape)' for k in wrt) + ' }')
        lua.append('local gs_, jv = cr.vjp(y, xs_, yb), cr.jvp(y, xs_, vs_)')
        if order > 1:
            lua.append('local hs_, ms_ = cr.hvp(cr.sum(cr.sin(y) * yb), xs_, vs_), cr.vjp(jv, xs_, yb)')
        if order > 2:
            lua.append('local ts_ = cr.jvp(hs_, xs_, vs_)')
        outs["jv"] = "jv"
        for i, k in enumerate(wrt):
            for what in ("g", "hm", "t")[:order]:
                outs |= {f"{w}_{k}": f"{w}s_[{i + 1}]" for w in what}
        listed += ", yb, table.unpack(vs_)"
    lua.append(f'return cr.program("case", {{ f = cr.entry {{ inputs = {{ {listed} }}, outputs = {{ '
               + ", ".join(f"{k} = {v}" for k, v in outs.items()) + ' } } })\n')
    return "\n".join(lua), list(outs)


def reference(F, wrt, order, yb, vs, xs):
    J = lambda *xs: jax.jvp(F, xs, vs)[1]
    out = dict(jv=J(*xs), **{"g_" + k: v for k, v in zip(wrt, jax.vjp(F, *xs)[1](yb))})
    if order > 1:
        G = jax.grad(lambda *xs: jnp.sum(jnp.sin(F(*xs)) * yb), tuple(range(len(xs))))
        H = lambda *xs: jax.jvp(G, xs, vs)[1]
        out |= {"h_" + k: v for k, v in zip(wrt, H(*xs))}
        out |= {"m_" + k: v for k, v in zip(wrt, jax.vjp(J, *xs)[1](yb))}
    if order > 2:
        out |= {"t_" + k: v for k, v in zip(wrt, jax.jvp(H, xs, vs)[1])}
    return out


def compare(name, got, want, f32, tol):
    if got.shape != want.shape:
        return f"{name}: shape {got.shape}, want {want.shape}"
    g, w = got.astype(np.float64), want.astype(np.float64)
    bad = (np.isnan(g) != np.isnan(w)) | ((np.isinf(g) | np.isinf(w)) & (g != w))
    if bad.any():
        return f"{name}: NaN or infinity at {np.argwhere(bad)[:3].tolist()}: got {g[bad][:3]}, want {w[bad][:3]}"
    ok = np.isfinite(w)
    err = np.max(np.abs(g - w)[ok], initial=0) / max(np.max(np.abs(w[ok]), initial=0), 1e-5)
    if err > tol * (F32_TOLERANCE.get(name[0], 1e-5) if f32 else 1e-9):
        return f"{name}: relative error {err:.1e}; got {g.ravel()[:4]}, want {w.ravel()[:4]}"
    return err


def run(key, where):
    ins, body, f, wrt, sizes, kind, order, tol = CASES[key]
    f32, rng, worst = kind.startswith("f32"), np.random.default_rng(sum(map(ord, key))), 0
    sizes = sizes if kind.endswith("d") else sizes[:1]
    real = lambda a: np.asarray(a).astype(np.float32) if f32 and np.asarray(a).dtype == np.float64 else np.asarray(a)
    make = lambda size: {k: real(gen(rng, tuple(size.get(a, a) for a in shape))) for k, (shape, gen) in ins.items()}
    wide = lambda a: jnp.asarray(a.astype(np.float64) if a.dtype == np.float32 else a)
    first = make(sizes[0])
    wrt = [k for k, v in first.items() if v.dtype.kind == "f"] if wrt is None else wrt
    lua, outs = model(ins, body, wrt, sizes[0], kind, order, first)
    os.makedirs(where)
    with open(os.path.join(where, "case.lua"), "w") as file:
        file.write(lua)
    b = subprocess.run([CRESCENT, "build", "case.lua", "-o", "case"], cwd=where, capture_output=True, text=True)
    if b.returncode:
        return f"build failed ({b.returncode}): {b.stderr.strip()[-600:]}"
    for n, size in enumerate(sizes):
        data = make(size) if n else first
        given = {k: wide(v) for k, v in data.items()}
        F = lambda *xs: f(**{**given, **dict(zip(wrt, xs))})
        xs = tuple(given[k] for k in wrt)
        want = dict(y=F(*xs))
        if wrt and order:
            yb, vs = real(rng.standard_normal(want["y"].shape)), [real(rng.standard_normal(x.shape)) for x in xs]
            data |= dict(yb=yb, **{"v_" + k: v for k, v in zip(wrt, vs)})
            all_ = jax.jit(lambda yb, vs, *xs: reference(F, wrt, order, yb, vs, xs))
            want |= all_(wide(yb), tuple(map(wide, vs)), *xs)
        for k, v in data.items():
            np.save(os.path.join(where, k + ".npy"), v)
        args = [x for k in data for x in ("--in", f"{k}={k}.npy")] + [x for k in outs for x in ("--out", f"{k}=o_{k}.npy")]
        bits = {}
        for threads in ("1", "2", "4"):
            r = subprocess.run(["./case", "run", "f", *args, "--threads", threads, "--quiet"], cwd=where,
                               capture_output=True, text=True, timeout=300)
            if r.returncode:
                return f"{size}: run failed ({r.returncode}): {(r.stderr or r.stdout).strip()[-400:]}"
            got = {k: np.load(os.path.join(where, f"o_{k}.npy")) for k in outs}
            for k in outs:
                if bits.setdefault(k, got[k].tobytes()) != got[k].tobytes():
                    return f"{size}: {k}: other bits at {threads} threads"
        for k in outs:
            e = compare(k, got[k], np.asarray(want[k]), f32, tol)
            if isinstance(e, str):
                return f"{size}: {e}"
            worst = max(worst, e)
    return worst


def main():
    import agree_cases_chain, agree_cases_control, agree_cases_derivs, agree_cases_factor, agree_cases_field, agree_cases_prox, agree_cases_solve  # fill CASES
    names = [n for n in CASES if not sys.argv[1:] or any(a in n for a in sys.argv[1:])]
    failed = 0
    with tempfile.TemporaryDirectory() as tmp, ThreadPoolExecutor(2) as pool:
        for name, r in zip(names, pool.map(lambda n: run(n, os.path.join(tmp, n)), names)):
            failed += isinstance(r, str)
            print(f"{name:24} {'FAIL ' + r if isinstance(r, str) else f'ok {r:.1e}'}", flush=True)
    print(f"{len(names) - failed} of {len(names)} agree")
    return failed > 0


if __name__ == "__main__":
    sys.modules["agree_derivs"] = sys.modules["__main__"]
    sys.exit(main())
