"""agree.py: models compiled by Crescent beside the same mathematics in JAX, value by value.

    bench/.venv/bin/python bench/agree.py [NAME...]      needs numpy and jax; Crescent never does

Each case is a model in Lua, inputs, and a reference. Outputs are compared relative to the largest
value (f64 1e-9, f32 1e-5), and must have the same bits at 1, 2 and 4 threads.
"""
import os, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import jax, jax.numpy as jnp
jax.config.update("jax_enable_x64", True)

CRESCENT = os.environ.get("CRESCENT", os.path.join(os.path.dirname(__file__), "..", "build", "crescent"))
CASES = {}


def case(name, lua, inputs, reference, dims=None):
    CASES[name] = (lua, inputs, reference, dims or {})


def model(body, inputs, outputs, dtype="f64"):
    """A program with one entry f: `body` declares tensors, `outputs` is a Lua table body."""
    return f'''local cr = require "crescent"
cr.default_dtype "{dtype}"
{body}
return cr.program("case", {{ f = cr.entry {{ inputs = {{ {inputs} }}, outputs = {{ {outputs} }} }} }})
'''


def run(name, tmp):
    lua, inputs, reference, dims = CASES[name]
    rng = np.random.default_rng(sum(map(ord, name)))
    data = {k: v(rng) if callable(v) else v for k, v in inputs.items()}
    f32 = '"f32"' in lua.split("\n")[1]
    where = os.path.join(tmp, name)
    os.makedirs(where)
    with open(os.path.join(where, "case.lua"), "w") as f:
        f.write(lua)
    exe = os.path.join(where, "case")
    b = subprocess.run([CRESCENT, "build", "case.lua", "-o", exe], cwd=where, capture_output=True, text=True)
    if b.returncode:
        return f"build failed ({b.returncode}): {b.stderr.strip()[-600:]}"
    args = []
    for k, v in data.items():
        v = np.asarray(v)
        if f32 and v.dtype == np.float64:
            v = v.astype(np.float32)
        np.save(os.path.join(where, k + ".npy"), v)
        args += ["--in", f"{k}={k}.npy"]
    args += [x for k, v in dims.items() for x in ("--dim", f"{k}={v}")]
    ref = reference(**{k: jnp.asarray(v) for k, v in data.items()})
    bits = {}
    for threads in (1, 2, 4):
        outs = [x for k in ref for x in ("--out", f"{k}={k}.npy")]
        r = subprocess.run([exe, "run", "f", *args, *outs, "--threads", str(threads), "--quiet"], cwd=where,
                           capture_output=True, text=True)
        if r.returncode:
            return f"run failed ({r.returncode}): {(r.stderr or r.stdout).strip()[-600:]}"
        got = {k: np.load(os.path.join(where, k + ".npy")) for k in ref}
        for k in ref:
            if threads > 1 and got[k].tobytes() != bits[k]:
                return f"{k}: other bits at {threads} threads"
            bits[k] = got[k].tobytes()
    worst, tol = 0, 1e-5 if f32 else 1e-9
    for k in ref:
        want = np.asarray(ref[k])
        if got[k].shape != want.shape:
            return f"{k}: shape {got[k].shape}, want {want.shape}"
        g, w = got[k].astype(np.float64), want.astype(np.float64)
        bad = (np.isnan(g) != np.isnan(w)) | ((np.isinf(g) | np.isinf(w)) & (g != w))
        if bad.any():
            return f"{k}: NaN or infinity where there is none (or the other way round) at {np.argwhere(bad)[:3].tolist()}"
        ok = np.isfinite(w)
        err = np.max(np.abs(g - w)[ok], initial=0) / max(np.max(np.abs(w[ok]), initial=0), 1e-30)
        worst = max(worst, err)
        if err > tol:
            return f"{k}: relative error {err:.2e}; got {g.ravel()[:4]}, want {w.ravel()[:4]}"
    return worst


def main():
    import agree_cases, agree_cases_models  # fill CASES
    names = [n for n in CASES if not sys.argv[1:] or any(a in n for a in sys.argv[1:])]
    failed = 0
    with tempfile.TemporaryDirectory() as tmp, ThreadPoolExecutor(2) as pool:
        for name, r in zip(names, pool.map(lambda n: run(n, tmp), names)):
            failed += isinstance(r, str)
            print(f"{name:34} {'FAIL ' + r if isinstance(r, str) else f'ok {r:.1e}'}", flush=True)
    print(f"{len(names) - failed} of {len(names)} agree")
    return failed > 0


if __name__ == "__main__":
    sys.modules["agree"] = sys.modules["__main__"]
    sys.exit(main())
