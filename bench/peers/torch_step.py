#!/usr/bin/python3
"""The training steps of bench/step.cpp in PyTorch, eager mode: best time of a step, as JSON on standard output.

    bench/peers/torch_step.py THREADS [SECONDS_PER_KIND]
"""
import json
import sys
import time

import torch
from torch import nn

EXAMPLES = 60_000


def softmax():
    return nn.Linear(784, 10)


def mlp():
    return nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))


def cnn():
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 32, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 7 * 7, 100), nn.ReLU(), nn.Linear(100, 10))


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=1e-3)


def adam(model):
    return torch.optim.Adam(model.parameters(), lr=1e-3)


STEPS = [
    ("softmax/sgd/32", softmax, sgd, 32),
    ("softmax/adam/32", softmax, adam, 32),
    ("mlp/sgd/32", mlp, sgd, 32),
    ("mlp/adam/32", mlp, adam, 32),
    ("mlp/sgd/256", mlp, sgd, 256),
    ("mlp/adam/256", mlp, adam, 256),
    ("cnn/adam/32", cnn, adam, 32),
]


def stepper(model, optimizer, images, labels, batch):
    """A function that does some steps: batches picked from shuffled bytes and scaled, as the trainer does."""
    order = torch.randperm(EXAMPLES)
    loss_of = nn.CrossEntropyLoss()
    position = 0

    def run(steps):
        nonlocal position
        for _ in range(steps):
            picked = order[position:position + batch]
            position = (position + batch) % (EXAMPLES - EXAMPLES % batch)
            loss = loss_of(model(images[picked].float() / 255), labels[picked])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

    return run


def best_seconds(run, seconds):
    """Of the fastest of many short runs: whatever else a machine does only ever adds time."""
    def seconds_of(steps):
        start = time.perf_counter()
        run(steps)
        return (time.perf_counter() - start) / steps

    run(3)
    steps = max(1, int(0.03 / seconds_of(2)))
    best, end = seconds_of(steps), time.perf_counter() + seconds
    while time.perf_counter() < end:
        best = min(best, seconds_of(steps))
    return best


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    images = torch.randint(0, 256, (EXAMPLES, 784), dtype=torch.uint8)
    labels = torch.randint(0, 10, (EXAMPLES,))
    results = []
    for name, make_model, make_optimizer, batch in STEPS:
        model = make_model()
        best = best_seconds(stepper(model, make_optimizer(model), images, labels, batch), seconds)
        results.append({"name": name, "best_us": best * 1e6})
    json.dump({"context": {"peer": f"PyTorch {torch.__version__}", "threads": threads},
               "benchmarks": results}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
