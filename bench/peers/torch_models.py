#!/usr/bin/python3
"""The models of bench/support/models.h in PyTorch: seconds from the start of the process to the end of the first step,
and the best time of a step, as JSON on standard output.

    bench/peers/torch_models.py softmax/sgd | mlp | mlp/sgd | mlp/256 | cnn | lstm/TIMES | residual | decoder \
        [SECONDS] [THREADS] [compiled]
"""
import time

START = time.perf_counter()

import json
import sys

import torch
from torch import nn
from torch.nn import functional

WIDTH, HEADS, LETTERS, CONTEXT = 64, 4, 60, 64


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.dense = nn.LSTM(8, 64, batch_first=True), nn.Linear(64, 1)

    def forward(self, x):
        return self.dense(self.lstm(x)[0][:, -1])


class ResidualBlock(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.first = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.after_first, self.after_second = nn.BatchNorm2d(filters), nn.BatchNorm2d(filters)
        self.beside = nn.Conv2d(channels, filters, 1, stride, bias=False) if stride > 1 else nn.Identity()

    def forward(self, x):
        y = torch.relu(self.after_first(self.first(x)))
        return torch.relu(self.after_second(self.second(y)) + self.beside(x))


class DecoderBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.before_attention, self.before_dense = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.query, self.key, self.value, self.project = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.widen, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        z = self.before_attention(x)
        query, key, value = (layer(z).unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)
                             for layer in (self.query, self.key, self.value))
        mask = torch.ones(CONTEXT, CONTEXT, dtype=torch.bool, device=x.device).tril()
        scores = (query @ key.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5).masked_fill(~mask, float("-inf"))
        attended = torch.softmax(scores, -1) @ value
        x = x + self.project(attended.transpose(1, 2).flatten(2))
        return x + self.narrow(functional.gelu(self.widen(self.before_dense(x))))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.letter, self.place = nn.Embedding(LETTERS, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.Sequential(DecoderBlock(), DecoderBlock())
        self.norm, self.output = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, LETTERS)

    def forward(self, codes):
        return self.output(self.norm(self.blocks(self.letter(codes) + self.place(torch.arange(CONTEXT)))))


def residual():
    return nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
                         ResidualBlock(16, 16, 1), ResidualBlock(16, 16, 1), ResidualBlock(16, 32, 2),
                         ResidualBlock(32, 32, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))


def mlp():
    return nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))


def cnn():
    return nn.Sequential(nn.Conv2d(1, 32, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(32, 64, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(64 * 7 * 7, 100), nn.ReLU(), nn.Linear(100, 10))


def case(name):
    """A model, its input, its target and the loss."""
    if name.startswith("mlp"):
        batch = 256 if name == "mlp/256" else 32
        return mlp(), torch.rand(batch, 784), torch.arange(batch) % 10, functional.cross_entropy
    if name == "softmax/sgd":
        return nn.Linear(784, 10), torch.rand(32, 784), torch.arange(32) % 10, functional.cross_entropy
    if name == "cnn":
        return cnn(), torch.rand(32, 1, 28, 28), torch.arange(32) % 10, functional.cross_entropy
    if name.startswith("lstm/"):
        times = int(name.removeprefix("lstm/"))
        return Lstm(), torch.rand(32, times, 8) * 2 - 1, torch.rand(32, 1), functional.mse_loss
    if name == "residual":
        return residual(), torch.rand(32, 3, 32, 32) * 2 - 1, torch.randint(10, (32,)), functional.cross_entropy
    codes, following = (torch.randint(LETTERS, (16, CONTEXT)) for _ in range(2))
    return (Decoder(), codes, following,
            lambda scores, y: functional.cross_entropy(scores.flatten(0, 1), y.flatten()))


def main():
    name = sys.argv[1]
    torch.set_flush_denormal(True)
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 2
    torch.set_num_threads(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    model, x, y, loss_of = case(name)
    optimizer_of = torch.optim.SGD if name in ("softmax/sgd", "mlp/sgd", "mlp/256") else torch.optim.Adam
    optimizer = optimizer_of(model.parameters(), lr=1e-3)

    def loss():
        return loss_of(model(x), y)

    update = optimizer.step
    if "compiled" in sys.argv:
        loss, update = torch.compile(loss), torch.compile(update)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        update()

    step()
    first = time.perf_counter() - START
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        step()
        best = min(best, time.perf_counter() - start)
    print(json.dumps({"model": name, "first_step_s": first, "best_us": best * 1e6, "torch": torch.__version__}))


main()
