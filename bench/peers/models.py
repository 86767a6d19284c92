#!/usr/bin/env python3
"""The models of bench/support/ in hekla, on its default device and on `native`, in PyTorch, eager and compiled, and in
JAX, in turns: the time of a step, each at its best number of threads, and the time to the end of a process's first step,
hekla's with empty and with full caches.

    cmake --preset release && cmake --build build/release --target bench_start
    python3 -m venv VENV && VENV/bin/pip install torch jax
    bench/peers/models.py [--python VENV/bin/python] [--rounds 3] [--seconds 1]

A peer that the interpreter cannot import is left out, and said to be.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODELS = ["softmax/sgd", "mlp/sgd", "mlp", "mlp/256", "cnn", "lstm/50", "residual", "decoder"]
THREADS = {"": [{}, {"LP_NUM_THREADS": "0"}, {"LP_NUM_THREADS": "1"}], "native": [{}, {"HEKLA_THREADS": "1"}]}


def run(command, **variables):
    done = subprocess.run([str(part) for part in command], env=os.environ | variables, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command}:\n{done.stderr}")
    return done.stdout


def hekla(build, name, seconds, **variables):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        run([build / "bench/bench_start", f"--benchmark_filter=^{name}/manual_time", f"--benchmark_min_time={seconds}",
             f"--benchmark_out={out.name}"], **variables)
        return min(row["best_us"] for row in json.load(open(out.name))["benchmarks"])


class Peer:
    """A peer's program, and the ways of running it with one thread and with two: what comes before it, and arguments."""

    def __init__(self, name, module, script, ways, python):
        self.name, self.module, self.ways = name, module, ways
        self.command = [python, ROOT / "bench/peers" / script]
        self.is_there = subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0
        self.first, self.step = {}, {}

    def measure(self, model, seconds):
        for before, after in self.ways:
            found = json.loads(run([*before, *self.command, model, seconds, *after]))
            self.first[model] = min(self.first.get(model, float("inf")), found["first_step_s"])
            self.step[model] = min(self.step.get(model, float("inf")), found["best_us"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--devices", nargs="+", default=list(THREADS), choices=list(THREADS))
    given = parser.parse_args()
    eager, compiled = ([([], [threads, *more]) for threads in "12"] for more in ([], ["compiled"]))
    peers = [Peer("torch", "torch", "torch_models.py", eager, given.python),
             Peer("torch.compile", "torch", "torch_models.py", compiled, given.python),
             Peer("jax", "jax", "jax_models.py", [(["taskset", "-c", "0"], []), ([], [])], given.python)]
    for peer in peers:
        if not peer.is_there:
            print(f"{given.python} has no {peer.module}, which is left out", file=sys.stderr)
    peers = [peer for peer in peers if peer.is_there]

    ours = {device: {model: float("inf") for model in given.models} for device in given.devices}
    for _ in range(given.rounds):
        for model in given.models:
            for device, best in ours.items():
                for threads in THREADS[device]:
                    variables = threads | ({"HEKLA_DEVICE": device} if device else {})
                    best[model] = min(best[model], hekla(given.build, f"step/{model}", given.seconds, **variables))
            for peer in peers:
                peer.measure(model, given.seconds)

    names = [peer.name for peer in peers]
    for device, best in ours.items():
        print(f"\nhekla on {device or 'the default device'}:\n")
        print("| model | hekla, step | " + " | ".join(f"{name} | hekla / {name}" for name in names) +
              " | hekla, first step, cold | warm | " + " | ".join(f"{name}, first step" for name in names) + " |")
        print("|" + " --- |" * (4 + 3 * len(names)))
        for model in given.models:
            variables = {"HEKLA_DEVICE": device} if device else {}
            first = [f"{hekla(given.build, f'start/{kind}/{model}', 0, **variables) / 1e6:.2f} s"
                     if "mlp/" not in model and model != "softmax/sgd" else "" for kind in ("cold", "warm")]
            steps = [f"{peer.step[model] / 1e3:.3g} ms | {best[model] / peer.step[model]:.2f}" for peer in peers]
            starts = [f"{peer.first[model]:.1f} s" for peer in peers]
            print(f"| {model} | {best[model] / 1e3:.3g} ms | " + " | ".join(steps + first + starts) + " |")


main()
