"""peer.py ROW PEER THREADS: does a row's work in a peer; each line read is answered with the median ms of a call, or
with the most memory the work has taken, in MB, beyond what the peer's libraries take, where the line says `memory`."""
import resource, sys, time
from speed_rows import ROWS


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    row, peer, threads = ROWS[sys.argv[1]], sys.argv[2], int(sys.argv[3])
    if peer.startswith("torch"):
        import torch
        torch.set_num_threads(threads)
        small = torch.nn.Conv2d(1, 1, 3)
        small(torch.randn(1, 1, 8, 8)).sum().backward()
        for optimizer in (torch.optim.SGD, torch.optim.Adam):
            optimizer(small.parameters(), lr=0.1).step()
    before = peak()
    step = row.peers[peer]()
    if peer == "torch_compiled":
        import torch
        step = torch.compile(step)
    for _ in range(3):
        step()
    for line in sys.stdin:
        if line.strip() == "memory":
            print(peak() - before, flush=True)
            continue
        times, begin = [], time.perf_counter()
        while len(times) < 3 or (time.perf_counter() - begin < 0.3 and len(times) < 2000):
            t = time.perf_counter()
            step()
            times.append(time.perf_counter() - t)
        print(sorted(times)[len(times) // 2] * 1e3, flush=True)


if __name__ == "__main__":
    main()
