#!/usr/bin/python3
"""The training steps of bench/step.cpp in PyTorch: best time of a step, as JSON on standard output.

    bench/peers/torch_step.py THREADS [SECONDS_PER_KIND] [cpu | cuda | graph]

The steps run eagerly on the CPU or on a GPU, or on a GPU as a CUDA graph that is captured once and replayed.
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


def sgd(model, _):
    return torch.optim.SGD(model.parameters(), lr=1e-3)


def adam(model, capturable):
    return torch.optim.Adam(model.parameters(), lr=1e-3, capturable=capturable)


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
    """A function that runs a step: a batch gathered from shuffled bytes and scaled, as the trainer does it."""
    device = images.device
    order = torch.randperm(EXAMPLES, device=device)
    lanes = torch.arange(batch, device=device)
    loss_of = nn.CrossEntropyLoss()
    position = torch.zeros((), dtype=torch.int64, device=device) if device.type == "cuda" else 0

    def step():
        nonlocal position
        if device.type == "cuda":  # a replayed graph changes only device memory
            picked = order[position + lanes]
            position.add_(batch).remainder_(EXAMPLES - EXAMPLES % batch)
        else:
            picked = order[position:position + batch]
            position = (position + batch) % (EXAMPLES - EXAMPLES % batch)
        loss = loss_of(model(images[picked].float() / 255), labels[picked])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return step


def captured(step):
    """The step as a CUDA graph."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def best_seconds(step, finish, seconds):
    """The time of a step in the fastest of many short runs, since disturbances only ever add time."""
    def seconds_of(steps):
        start = time.perf_counter()
        for _ in range(steps):
            step()
        finish()
        return (time.perf_counter() - start) / steps

    seconds_of(3)
    steps = max(1, int(0.03 / seconds_of(2)))
    best, end = seconds_of(steps), time.perf_counter() + seconds
    while time.perf_counter() < end:
        best = min(best, seconds_of(steps))
    return best


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    mode = sys.argv[3] if len(sys.argv) > 3 else "cpu"
    device = "cpu" if mode == "cpu" else "cuda"
    finish = torch.cuda.synchronize if device == "cuda" else lambda: None
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    images = torch.randint(0, 256, (EXAMPLES, 784), dtype=torch.uint8, device=device)
    labels = torch.randint(0, 10, (EXAMPLES,), device=device)
    results = []
    for name, make_model, make_optimizer, batch in STEPS:
        model = make_model().to(device)
        step = stepper(model, make_optimizer(model, mode == "graph"), images, labels, batch)
        best = best_seconds(captured(step) if mode == "graph" else step, finish, seconds)
        results.append({"name": name, "best_us": best * 1e6})
    json.dump({"context": {"peer": f"PyTorch {torch.__version__}", "threads": threads, "mode": mode},
               "benchmarks": results}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
