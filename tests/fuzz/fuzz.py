#!/usr/bin/env python3
"""Random programs on hekla's devices against PyTorch.

  fuzz.py --runner build/dev/tests/hekla_fuzz_runner --count 2000 --seed 1

Each program is computed by hekla on the reference device, fused and unfused on the default device, on the native device,
and by PyTorch. The tolerance comes from computing the program again with noise: every step is off by some units in the
last place. An element whose kind (NaN, infinity, an integer) changes then is unstable: it is counted and not compared.
Denormals may be 0, as Vulkan allows. The exit status is 1 where something differs, and 2 where a program could not be
made.
"""
import argparse
import functools
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

import torch

from programs import random_program
from torch_programs import Evaluation

NOISY_RUNS = 6
F32_NOISE, F64_NOISE = 2.0**-21, 2.0**-49
SMALLEST = 1.2e-38  # below it, a device may flush numbers to 0


def devices():
    """The environment variables of each way to compute."""
    return {"reference": {"HEKLA_DEVICE": "reference"}, "fused": {}, "unfused": {"HEKLA_FUSE": "0"},
            "native": {"HEKLA_DEVICE": "native"}}


def run_hekla(runner, programs, ways):
    with tempfile.TemporaryDirectory() as folder:
        given = os.path.join(folder, "programs")
        with open(given, "w") as file:
            file.writelines(json.dumps(program) + "\n" for program in programs)
        running = {}
        for name in ways:
            with open(given) as source, open(os.path.join(folder, name), "w") as target:
                running[name] = subprocess.Popen([runner], env={**os.environ, **devices()[name]}, stdin=source, stdout=target)
        results = {}
        for name, process in running.items():
            if process.wait() != 0:
                sys.exit(f"fuzz: the runner ended with {process.returncode} ({name})")
            with open(os.path.join(folder, name)) as file:
                results[name] = [json.loads(line) for line in file]
            if len(results[name]) != len(programs):
                sys.exit(f"fuzz: {len(results[name])} answers to {len(programs)} programs ({name})")
    return results


class Judge:
    """PyTorch's answers for one program, in the precision of a device."""

    def __init__(self, program, is_reference):
        dtype = torch.float64 if is_reference else torch.float32
        noise = F64_NOISE if is_reference else F32_NOISE
        answers = [Evaluation(program, dtype)]
        if not is_reference:
            torch.set_flush_denormal(True)
            answers.append(Evaluation(program, dtype))
            # A fused multiply-add does not round the product, which may be too large for f32.
            answers.append(Evaluation(program, dtype, fused_products=True))
            torch.set_flush_denormal(False)
            answers.append(Evaluation(program, dtype, fused_products=True))
        self.dtypes = answers[0].result_dtypes
        self.answers = [[flat(x) for x in each.results] for each in answers]
        self.evaluate_noisy = lambda seed: Evaluation(program, dtype, noise, seed)
        self.relative = 1e-12 if is_reference else 2e-6
        # The noise does not reach the steps of the derivative's own computation.
        self.derivatives_from = len(program["outputs"])
        self.derivative_relative = 1e-8 if is_reference else 1e-2  # 1 - tanh(x)^2 has few digits

    @functools.cached_property
    def noisy(self):
        """Computed only where a result is outside the tolerance of the answer without noise."""
        return [[flat(x) for x in self.evaluate_noisy(seed).results] for seed in range(NOISY_RUNS)]

    def verdict(self, result, element, found):
        """"same", "unstable", or "wrong" for one element of one result."""
        answers = [each[result][element] for each in self.answers]
        if any(matches(found, answer, self.least_tolerance(answer)) for answer in answers):
            return "same"
        noisy = [each[result][element] for each in self.noisy]
        more = 0.0
        if result >= self.derivatives_from:
            largest = max((abs(x) for x in self.answers[0][result] if math.isfinite(x)), default=0.0)
            more = self.derivative_relative * largest
        if any(matches(found, answer, more + self.tolerance(answer, answers, noisy)) for answer in answers):
            return "same"
        kinds = {kind(x, self.dtypes[result]) for x in answers + noisy}
        return "unstable" if len(kinds) > 1 else "wrong"

    def tolerance(self, answer, answers, noisy):
        if not math.isfinite(answer):
            return 0.0
        spread = max((abs(x - answer) for x in answers[:1] + noisy if math.isfinite(x)), default=0.0)
        return 8 * spread + self.least_tolerance(answer)

    def least_tolerance(self, answer):
        return self.relative * abs(answer) + (SMALLEST if self.relative > 1e-9 else 1e-300)


def flat(tensor):
    return tensor.reshape(-1).to(torch.float64).tolist()


def kind(number, dtype):
    if dtype != "f32":
        return number
    if math.isnan(number):
        return "nan"
    return ("inf", number > 0) if math.isinf(number) else "finite"


def matches(found, answer, tolerance):
    if math.isnan(answer) or math.isnan(found):
        return math.isnan(answer) and math.isnan(found)
    return found == answer or (math.isfinite(found) and abs(found - answer) <= tolerance)


def number_of(bits):
    return struct.unpack("d", struct.pack("Q", bits))[0]


def described(program):
    lines = []
    for index, node in enumerate(program["nodes"]):
        rest = {name: value for name, value in node.items() if name not in ("op", "in")}
        lines.append(f"    %{index} = {node['op']} {node['in']} {json.dumps(rest)[:400]}")
    return "\n".join(lines) + f"\n    outputs {program['outputs']} gradients {program['gradients']}"


def check(index, program, answers, counts):
    """The first difference on each device, as text."""
    said = []
    judges = {}
    for device, answer in answers.items():
        is_reference = device == "reference"
        if "error" in answer:
            said.append(f"{device}: {answer['error']}")
            continue
        if is_reference not in judges:
            judges[is_reference] = Judge(program, is_reference)
        judge = judges[is_reference]
        for result, given in enumerate(answer["results"]):
            numbers = [number_of(bits) for bits in given["bits"]]
            if len(numbers) != len(judge.answers[0][result]):
                said.append(f"{device}: result {result} has {len(numbers)} elements instead of "
                            f"{len(judge.answers[0][result])}")
                continue
            for element, found in enumerate(numbers):
                verdict = judge.verdict(result, element, found)
                counts[verdict] = counts.get(verdict, 0) + 1
                if verdict == "wrong":
                    said.append(f"{device}: element {element} of result {result} is {found!r}, PyTorch has "
                                f"{judge.answers[0][result][element]!r}")
                    break
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runner", required=True)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ways", nargs="+", default=list(devices()), choices=devices(), help="unfused takes four "
                        "fifths of the time: every operation is a kernel to compile")
    parser.add_argument("--only", type=int, help="one program of the seed, shown whole")
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    chosen = range(arguments.count) if arguments.only is None else [arguments.only]
    programs = [random_program(random.Random(arguments.seed * 1_000_003 + index)) for index in chosen]
    results = run_hekla(arguments.runner, programs, arguments.ways)
    counts, failed = {}, 0
    for position, (index, program) in enumerate(zip(chosen, programs)):
        said = check(index, program, {name: lines[position] for name, lines in results.items()}, counts)
        if not said:
            continue
        failed += 1
        if failed <= 20 or arguments.only is not None:
            print(f"program {index} of seed {arguments.seed}:")
            print("\n".join("  " + text for text in said))
            print(described(program))
    print(f"fuzz: {len(programs)} programs, {failed} differ; elements {counts}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
