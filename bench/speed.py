"""speed.py: programs made by Crescent beside PyTorch, OpenBLAS and JAX, as ratios taken in one run.

    bench/setup                                    makes bench/.venv with the peers (once)
    bench/.venv/bin/python bench/speed.py [ROW...] [--threads 1,2] [--rounds 7] [--compiled] [--also NAME=PYTHON]
                                                   [--memory] [--out DIR]

A row (speed_rows.py) is a model in Lua, the entry to time, and functions that do the same work in
a peer. Crescent and every peer are processes that live through the run and are asked in turn, A B A B; a row's
figure is the median over the rounds, its ratio the fastest peer's median over Crescent's, beside the ratio to
reach. --also debian=/usr/bin/python3 asks Debian's python3-torch, too: releases differ by a factor of two and more, either
way, and of small work the older one is often the faster. --memory tells the most memory the work takes, too: of Crescent the whole process, of a peer what comes on top of
its libraries. Written to DIR (out/bench): speed.json and speed.svg.
"""
import argparse, json, os, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
CRESCENT = os.path.abspath(os.environ.get("CRESCENT", os.path.join(HERE, "..", "build", "crescent")))


class Ours:
    """A built program, timed by its own `bench` command: the median call in ms."""

    def __init__(self, row, threads, out):
        path = os.path.join(out, row.name + ".lua")
        with open(path, "w") as f:
            f.write(row.model)
        self.exe = os.path.join(out, row.name)
        subprocess.run([CRESCENT, "build", path, "-o", self.exe], check=True, stdout=subprocess.DEVNULL)
        self.args = ["bench", row.entry, "--json", "--threads", str(threads)]
        for k, v in row.dims.items():
            self.args += ["--dim", f"{k}={v}"]
        for k, v in row.files(out).items():
            self.args += ["--in", f"{k}={v}"]
        self.repeat = 5

    def ask(self):
        out = subprocess.run([self.exe] + self.args + ["--repeat", str(self.repeat)], check=True, capture_output=True, text=True).stdout
        ms = json.loads(out)[0]["ms"]
        self.repeat = max(3, min(2000, int(300 / max(ms, 1e-3))))
        return ms

    def memory(self):
        """The most memory of a process while it makes calls, in MB (the system's own count includes this process, which it
        was forked from)."""
        most = 0
        p = subprocess.Popen([self.exe] + self.args + ["--repeat", str(max(self.repeat, 10))], stdout=subprocess.DEVNULL)
        while p.poll() is None:
            try:
                with open(f"/proc/{p.pid}/status") as f:
                    held = {line.split()[0]: line.split()[1] for line in f if line.startswith(("VmHWM", "Name"))}
            except OSError:
                break
            if held.get("Name:", "") == os.path.basename(self.exe)[:15]:
                most = max(most, int(held.get("VmHWM:", 0)) / 1024)
            time.sleep(0.001)
        p.wait()
        return most

    def close(self):
        pass


class Peer:
    """A peer in a process of its own (peer.py), asked through its standard input."""

    def __init__(self, row, peer, threads, python=sys.executable):
        env = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
        env["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={'false' if threads == 1 else 'true'} intra_op_parallelism_threads={threads}"
        self.p = subprocess.Popen([python, os.path.join(HERE, "peer.py"), row.name, peer, str(threads)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)

    def memory(self):
        return self.ask("memory")

    def ask(self, what="go"):
        """Its answer; not a number where the peer has no such operation."""
        try:
            self.p.stdin.write(what + "\n")
            self.p.stdin.flush()
        except BrokenPipeError:
            return float("nan")
        answer = self.p.stdout.readline()
        return float(answer) if answer.strip() else float("nan")

    def close(self):
        try:
            self.p.stdin.close()
        except BrokenPipeError:
            pass
        self.p.wait()


def measure(row, threads, rounds, compiled, memory, out, others=()):
    sides = {"crescent": Ours(row, threads, out)}
    for peer in row.peers:
        if peer != "torch_compiled" or compiled:
            sides[peer] = Peer(row, peer, threads)
    for name, python in others if "torch" in row.peers else ():
        sides[name] = Peer(row, "torch", threads, python)
    for side in sides.values():
        side.ask()
    taken = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            taken[name].append(side.ask())
    mb = {name: side.memory() for name, side in sides.items()} if memory else None
    for side in sides.values():
        side.close()
    ms = {name: statistics.median(v) for name, v in taken.items()}
    peers = {k: v for k, v in ms.items() if k != "crescent" and v == v}
    best = min(peers, key=peers.get) if peers else None
    ratio = peers[best] / ms["crescent"] if best else None
    return {"row": row.name, "work": row.work, "threads": threads, "ms": ms, "mb": mb, "peer": best, "ratio": ratio, "goal": row.goal,
            "gflops": row.flops / ms["crescent"] / 1e6 if row.flops else None}


def picture(results, path):
    """Bars of ratio / goal on a logarithmic axis; the line is the goal."""
    import math
    shown = [r for r in results if r["ratio"]]
    height, left = 18 * len(shown) + 40, 330
    bars = []
    for k, r in enumerate(shown):
        y, share = 24 + 18 * k, r["ratio"] / r["goal"]
        width = max(2, min(560, 280 + 120 * math.log2(share)))
        colour = "#2a7f3f" if share >= 1 else "#c08a1e" if share >= .8 else "#b03a2e"
        bars.append(f'<text x="{left - 8}" y="{y + 11}" text-anchor="end">{r["row"]} ({r["threads"]})</text>'
                    f'<rect x="{left}" y="{y}" width="{width:.0f}" height="14" fill="{colour}"/>'
                    f'<text x="{left + width + 6:.0f}" y="{y + 11}">{r["ratio"]:.2f} of {r["goal"]:g}</text>')
    with open(path, "w") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="{height}" font-family="sans-serif" font-size="12">'
                f'<rect width="100%" height="100%" fill="white"/><text x="{left}" y="14">time of the fastest peer / time of Crescent (line: the goal)</text>'
                + "".join(bars) + f'<line x1="{left + 280}" x2="{left + 280}" y1="20" y2="{height - 10}" stroke="black"/></svg>\n')


def main():
    from speed_rows import ROWS
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("rows", nargs="*")
    p.add_argument("--threads", default="1")
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--compiled", action="store_true", help="torch.compile too (minutes)")
    p.add_argument("--also", action="append", default=[], metavar="NAME=PYTHON", type=lambda s: tuple(s.split("=", 1)),
                   help="another release of PyTorch as a peer of that name: the one that a Python elsewhere has")
    p.add_argument("--memory", action="store_true", help="the most memory each takes, too")
    p.add_argument("--out", default=os.path.join(HERE, "..", "out", "bench"))
    a = p.parse_args()
    for name in a.rows:
        if not any(r.startswith(name) for r in ROWS):
            sys.exit(f"speed.py: no row begins with '{name}': {' '.join(ROWS)}")
    os.makedirs(a.out, exist_ok=True)
    results = []
    for name, row in ROWS.items():
        if a.rows and not any(name.startswith(r) for r in a.rows):
            continue
        for threads in map(int, a.threads.split(",")):
            r = measure(row, threads, a.rounds, a.compiled, a.memory, a.out, a.also)
            results.append(r)
            figures = "  ".join(f"{k} {v:.3f}" for k, v in r["ms"].items())
            ratio = f"{r['ratio']:.2f} of {r['goal']:g}" if r["ratio"] else "-"
            speed = f"  {r['gflops']:.1f} GFLOP/s" if r["gflops"] else ""
            room = "  MB: " + "  ".join(f"{k} {v:.1f}" for k, v in r["mb"].items()) if r["mb"] else ""
            print(f"{name:22} {threads}  {ratio:14} {figures}{speed}{room}", flush=True)
    with open(os.path.join(a.out, "speed.json"), "w") as f:
        json.dump(results, f, indent=1)
    picture(results, os.path.join(a.out, "speed.svg"))


if __name__ == "__main__":
    main()
