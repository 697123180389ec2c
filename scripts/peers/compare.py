"""usage: compare.py BENCH [net ...]: the four nets here and in other libraries, alternating, on one core; medians of
net-steps per CPU second, and the ratio of ours to each, as tab-separated lines. BENCH is the program gradpath_bench."""
import importlib
import os
import statistics
import subprocess
import sys

ROUNDS = 3
RUNS = {"a": (16, 64), "b": (4,), "c": (4, 16), "d": (256, 4096)}


def load(name):
    try:
        return importlib.import_module("peer_" + name)
    except (ImportError, OSError, AttributeError) as reason:
        print(f"# {name}: not installed ({type(reason).__name__})")
        return None


def contenders(net, bench, peers):
    """(name, function -> net-steps per second, remark)"""
    yield "gradpath", lambda: float(subprocess.run([bench, "step", net], capture_output=True, check=True).stdout), "-"
    torch, jax, sklearn, fann = (peers[name] for name in ("torch", "jax", "sklearn", "fann"))
    if torch:
        yield "torch eager", lambda: torch.eager(net), "-"
        for runs in RUNS[net]:
            yield f"torch batched over {runs} runs", lambda runs=runs: torch.batched(net, runs), "-"
    if jax:
        for runs in (1, *RUNS[net]):
            made = jax.program(net, runs)
            yield f"jax jit vmap over {runs} runs", lambda made=made, runs=runs: jax.rate(made, runs), f"compiling {made[3]:.2f} s"
    if sklearn:
        yield "scikit-learn", lambda: sklearn.rate(net), "no norms"
    if fann:
        yield "fann", lambda: fann.rate(net), "no norms"


def compare(net, bench, peers):
    entries, results = list(contenders(net, bench, peers)), {}
    for _ in range(ROUNDS):
        for name, measure, _ in entries:
            results.setdefault(name, []).append(measure())
    own = statistics.median(results["gradpath"])
    for name, _, remark in entries:
        median = statistics.median(results[name])
        print(f"{net}\t{name}\t{median:.5g}\t{own / median:.2f}\t{min(results[name]):.5g}\t{max(results[name]):.5g}\t{remark}")
        sys.stdout.flush()


def main():
    bench, chosen = sys.argv[1], sys.argv[2:] or ["a", "b", "c", "d"]
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    peers = {name: load(name) for name in ("torch", "jax", "sklearn", "fann")}
    print("# " + "; ".join(peer.VERSION for peer in peers.values() if peer))
    print("net\tlibrary\tnet_steps_per_second\tgradpath_over_it\tlowest\thighest\tremark")
    for net in chosen:
        compare(net, bench, peers)


main()
