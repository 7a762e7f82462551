"""agree_torch.py: library functions compiled by Crescent beside PyTorch: values, gradients, second derivatives.

    bench/.venv/bin/python bench/agree_torch.py [GROUP...] [--f32]     needs numpy and torch; Crescent never does
    bench/.venv/bin/python bench/agree_torch.py --freeze               writes tests/dsl/torch.lua, torch/

A group is one model over common inputs. Each of its rows is an expression in Lua and a function in
PyTorch; compared are y, g = d sum(sin(y)) / dx, and d sum(g^2) / dx for every input x of floats,
relative to the largest value (f64 1e-9, f32 1e-5 and 1e-4 for the derivatives). --freeze keeps what PyTorch
gives, a weighed sum each of y, g and the second derivatives, as a test of the interpreter without PyTorch.
"""
import os, subprocess, sys, tempfile
import numpy as np
import torch

CRESCENT = os.path.abspath(os.environ.get("CRESCENT", os.path.join(os.path.dirname(__file__), "..", "build", "crescent")))
GROUPS = {}


def group(name, inputs, rows, dims=None, second=True, declare=""):
    declare += "".join(f'local {k} = cr.dim "{k}"\n' for k in dims or {})
    GROUPS[name] = (inputs, rows, dims or {}, second, declare)


def lua_model(data, shapes, rows, second, declare, dtype):
    kinds = {"f": dtype, "i": "i64", "b": "bool"}
    text = f'local cr = require "crescent"\ncr.default_dtype "{dtype}"\n' + declare
    for k, v in data.items():
        shape = shapes.get(k) or "{" + ", ".join(map(str, v.shape)) + "}"
        text += f'\nlocal {k} = cr.input("{k}", {shape}, {{dtype = "{kinds[v.dtype.kind]}"}})'
    xs = [k for k, v in data.items() if v.dtype.kind == "f"]
    text += "\nlocal out = {}\nlocal function row(name, value_, second)\n  out[name .. \"_y\"] = value_\n"
    text += '  if value_.dtype ~= "f32" and value_.dtype ~= "f64" then return end\n'
    text += f"  local xs = {{{', '.join(xs)}}}\n" + '''  local g = cr.grad(cr.sum(cr.sin(value_)), xs)
  local total = 0
  for k, x in ipairs(xs) do
    out[name .. "_g" .. k], total = g[k], total + cr.sum(g[k] * g[k])
  end
  if not second or #xs == 0 then return end
  for k, h in ipairs(cr.grad(total, xs)) do out[name .. "_h" .. k] = h end
end
'''
    for name, lua, _ in rows:
        text += f'row("{name}", {lua}, {"true" if second else "false"})\n'
    text += 'return cr.program("case", {f = cr.entry{inputs = {' + ", ".join(data) + "}, outputs = out}})\n"
    return text


def reference(data, rows, second):
    out = {}
    for name, _, f in rows:
        t = {k: torch.from_numpy(v.astype(np.float64) if v.dtype.kind == "f" else v) for k, v in data.items()}
        xs = [v.requires_grad_() for v in t.values() if v.dtype == torch.float64]
        try:
            y = f(**t)
        except RuntimeError as e:
            print(f"{name}: PyTorch: {str(e)[:200]}")
            continue
        out[name + "_y"] = y.detach().numpy()
        if y.dtype != torch.float64 or not xs:
            continue
        zero = lambda g, x: torch.zeros_like(x) if g is None else g
        if not y.requires_grad:
            continue
        g = [zero(a, x) for a, x in zip(torch.autograd.grad(torch.sin(y).sum(), xs, create_graph=second, allow_unused=True), xs)]
        for k, a in enumerate(g):
            out[f"{name}_g{k + 1}"] = a.detach().numpy()
        total = sum((a * a).sum() for a in g)
        if second and total.requires_grad:
            try:
                hs = torch.autograd.grad(total, xs, allow_unused=True)
            except RuntimeError:  # PyTorch has no second derivative of some
                hs = []
            for k, (h, x) in enumerate(zip(hs, xs)):
                out[f"{name}_h{k + 1}"] = zero(h, x).detach().numpy()
    return out


def run(name, tmp, dtype, only=None):
    inputs, rows, _, second, declare = GROUPS[name]
    rows = [r for r in rows if only is None or r[0] == only]
    rng = np.random.default_rng(sum(map(ord, name)))
    shapes = {k: v[1] for k, v in inputs.items() if isinstance(v, tuple)}
    data = {k: np.asarray((v[0] if isinstance(v, tuple) else v)(rng)) for k, v in inputs.items()}
    data = {k: v.astype(np.float32) if dtype == "f32" and v.dtype == np.float64 else v for k, v in data.items()}
    where = tempfile.mkdtemp(dir=tmp)
    with open(os.path.join(where, "case.lua"), "w") as f:
        f.write(lua_model(data, shapes, rows, second, declare, dtype))
    exe = os.path.join(where, "case")
    b = subprocess.run([CRESCENT, "build", "case.lua", "-o", exe], cwd=where, capture_output=True, text=True)
    if b.returncode:
        if only is None and len(rows) > 1:
            return [x for r in rows for x in run(name, tmp, dtype, r[0])]
        return [(rows[0][0], f"build failed ({b.returncode}): {b.stderr.strip()[-400:]}")]
    want = reference(data, rows, second)
    args = []
    for k, v in data.items():
        np.save(os.path.join(where, k + ".npy"), v)
        args += ["--in", f"{k}={k}.npy"]
    args += [x for k in want for x in ("--out", f"{k}=out_{k}.npy")]
    r = subprocess.run([exe, "run", "f", *args, "--threads", "1", "--quiet"], cwd=where, capture_output=True, text=True)
    if r.returncode:
        if only is None and len(rows) > 1:
            return [x for r in rows for x in run(name, tmp, dtype, r[0])]
        return [(rows[0][0], f"run failed ({r.returncode}): {(r.stderr or r.stdout).strip()[-400:]}")]
    out = []
    for row, _, _ in rows:
        bad, worst = None, 0
        for k in [k for k in want if k.rsplit("_", 1)[0] == row]:
            g, w = np.load(os.path.join(where, f"out_{k}.npy")), want[k]
            if g.shape != w.shape:
                bad = bad or f"{k}: shape {g.shape}, want {w.shape}"
                continue
            tol = 1e-9 if dtype == "f64" else 1e-5 if k.endswith("_y") else 1e-4
            g, w = g.astype(np.float64), w.astype(np.float64)
            off = (np.isnan(g) != np.isnan(w)) | ((np.isinf(g) | np.isinf(w)) & (g != w))
            if off.any():
                bad = bad or f"{k}: NaN or infinity apart at {np.argwhere(off)[:3].tolist()}: {g[off][:3]}, want {w[off][:3]}"
                continue
            fine = np.isfinite(w)
            err = np.max(np.abs(g - w)[fine], initial=0) / max(np.max(np.abs(w[fine]), initial=0), 1e-30)
            if np.max(np.abs(w[fine]), initial=0) < 1e-14 and np.max(np.abs(g[fine]), initial=0) < 1e-14:
                err = 0
            worst = max(worst, err)
            if err > tol:
                at = np.unravel_index(np.argmax(np.where(fine, np.abs(g - w), 0)), w.shape)
                bad = bad or f"{k}: relative error {err:.1e} at {[int(i) for i in at]}: {g[at]}, want {w[at]}"
        out.append((row, bad or worst))
    return out


def weighed(arrays):
    """The sum of all numbers with weights that have no pattern, as tests/dsl/lib/peer.lua takes it."""
    flat = np.concatenate([np.asarray(a, dtype=np.float64).reshape(-1) for a in arrays])
    return float(np.sum(flat * (0.5 + np.arange(1, len(flat) + 1) * 0.6180339887498949 % 1)))


def lua_numbers(v):
    if v.dtype.kind == "f":
        return [f"{x:.4f}".replace("0.", ".", 1) if abs(x) < 1 else f"{x:.4f}" for x in v.reshape(-1)]
    return [str(int(x)) for x in v.reshape(-1)]


def wrapped(head, items, tail):
    lines, line = [], head
    for i, x in enumerate(items):
        piece = x + (", " if i + 1 < len(items) else "")
        if len(line) + len(piece) > 118:
            lines.append(line.rstrip())
            line = "    "
        line += piece
    return "\n".join(lines + [line + tail]) + "\n"


def frozen_group(name):
    inputs, rows, dims, second, declare = GROUPS[name]
    rng = np.random.default_rng(sum(map(ord, name)))
    data = {k: np.asarray((v[0] if isinstance(v, tuple) else v)(rng)) for k, v in inputs.items()}
    data = {k: np.round(v, 4) if v.dtype.kind == "f" else v for k, v in data.items()}
    want = reference(data, rows, second)
    sizes = ", ".join(f"{k} = {n}" for k, n in dims.items())
    text = f"-- {name}.lua: one group of ../torch.lua\n-- {WRITTEN}\n"
    text += 'local cr = require "crescent"\n'
    text += f'local case = require("lib.peer").group("{name}", {{{sizes}}})\n'
    text += "".join(f"{line}\n" for line in declare.splitlines())
    for k, v in data.items():
        shape = inputs[k][1] if isinstance(inputs[k], tuple) else "{" + ", ".join(map(str, v.shape)) + "}"
        kind = {"f": "f64", "i": "i64", "b": "bool"}[v.dtype.kind]
        text += wrapped(f'local {k} = case.input("{k}", "{kind}", {shape}, {{', lua_numbers(v), "})")
    for row, lua, _ in rows:
        found = [[want[k] for k in want if k.rsplit("_", 1)[0] == row and k.rsplit("_", 1)[1][0] == part] for part in "ygh"]
        sums = [weighed(a) for a in found if a]
        if sums and all(np.isfinite(sums)):
            text += f'case.row("{row}", {lua}, {{' + ", ".join(f"{x:.15g}" for x in sums) + "})\n"
    return text


WRITTEN = "Written by bench/agree_torch.py --freeze, whose cases these are: change them there."


def freeze(folder):
    """Writes torch.lua, and a file of the folder torch for every group; those of groups that are gone go."""
    groups = os.path.join(folder, "torch")
    os.makedirs(groups, exist_ok=True)
    for old in os.listdir(groups):
        os.remove(os.path.join(groups, old))
    for name in GROUPS:
        with open(os.path.join(groups, name + ".lua"), "w") as f:
            f.write(frozen_group(name))
    with open(os.path.join(folder, "torch.lua"), "w") as f:
        f.write("-- torch.lua: functions of the library against what PyTorch gives: values, gradients, second derivatives\n")
        f.write(f'-- {WRITTEN}\nlocal cr = require "crescent"\ncr.default_dtype "f64"\n\n')
        f.write(wrapped("for _, group in ipairs{", [f'"{name}"' for name in GROUPS], "} do"))
        f.write('  require("torch." .. group)\nend\n')


def main():
    import agree_torch_cases  # fills GROUPS
    if "--freeze" in sys.argv:
        return freeze(os.path.join(os.path.dirname(__file__), "..", "tests", "dsl"))
    asked = [a for a in sys.argv[1:] if not a.startswith("--")]
    failed = total = 0
    with tempfile.TemporaryDirectory() as tmp:
        for dtype in ["f32"] if "--f32" in sys.argv else ["f64"]:
            for name in [n for n in GROUPS if not asked or any(a in n for a in asked)]:
                for row, r in run(name, tmp, dtype):
                    total, failed = total + 1, failed + isinstance(r, str)
                    if isinstance(r, str) or "--all" in sys.argv:
                        print(f"{name:14} {row:24} {'FAIL ' + r if isinstance(r, str) else f'ok {r:.1e}'}", flush=True)
    print(f"{total - failed} of {total} agree")
    return failed > 0


if __name__ == "__main__":
    sys.modules["agree_torch"] = sys.modules["__main__"]
    sys.exit(main())
