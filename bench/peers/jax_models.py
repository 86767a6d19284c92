#!/usr/bin/env python3
"""The models of bench/support/models.h in JAX, the step jit-compiled: seconds from the start of the process to the end
of the first step, and the best time of a step, as JSON on standard output.

    bench/peers/jax_models.py softmax/sgd | mlp | mlp/sgd | mlp/256 | cnn | lstm/TIMES | residual | decoder [SECONDS]
"""
import time

START = time.perf_counter()

import json
import sys

import jax
from jax import lax, nn
from jax import numpy as jnp

WIDTH, HEADS, LETTERS, CONTEXT = 64, 4, 60, 64
KEYS = iter(jax.random.split(jax.random.key(0), 200))


def uniform(*shape):
    return jax.random.uniform(next(KEYS), shape, minval=-0.1, maxval=0.1)


def dense(inputs, outputs):
    return {"kernel": uniform(inputs, outputs), "bias": jnp.zeros(outputs)}


def apply(layer, x):
    return x @ layer["kernel"] + layer["bias"]


def lstm(times):
    weights = {"kernel": uniform(8, 256), "recurrent": uniform(64, 256), "bias": jnp.zeros(256), "dense": dense(64, 1)}

    def loss(w, x, y):
        projected = jnp.moveaxis(x, 1, 0) @ w["kernel"] + w["bias"]

        def cell(state, now):
            h, c = state
            i, f, g, o = jnp.split(now + h @ w["recurrent"], 4, -1)
            c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
            return (nn.sigmoid(o) * jnp.tanh(c), c), None

        (h, _), _ = lax.scan(cell, (jnp.zeros((32, 64)), jnp.zeros((32, 64))), projected)
        return jnp.mean((apply(w["dense"], h) - y) ** 2)

    return weights, uniform(32, times, 8), uniform(32, 1), loss


def cross_entropy(scores, labels):
    return -jnp.mean(jnp.take_along_axis(nn.log_softmax(scores), labels[..., None], -1))


def convolution(w, x, stride=1):
    return lax.conv_general_dilated(x, w, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def softmax():
    def loss(w, x, labels):
        return cross_entropy(apply(w, x), labels)

    return dense(784, 10), jax.random.uniform(next(KEYS), (32, 784)), jnp.arange(32) % 10, loss


def mlp(batch):
    weights = {"hidden": dense(784, 100), "output": dense(100, 10)}

    def loss(w, x, labels):
        return cross_entropy(apply(w["output"], nn.relu(apply(w["hidden"], x))), labels)

    return weights, jax.random.uniform(next(KEYS), (batch, 784)), jnp.arange(batch) % 10, loss


def cnn():
    def layer(*shape):
        return {"kernel": uniform(*shape), "bias": jnp.zeros(shape[-1])}

    weights = {"first": layer(3, 3, 1, 32), "second": layer(3, 3, 32, 64), "hidden": dense(3136, 100),
               "output": dense(100, 10)}

    def block(w, x):
        y = nn.relu(convolution(w["kernel"], x) + w["bias"])
        return lax.reduce_window(y, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def loss(w, x, labels):
        x = block(w["second"], block(w["first"], x)).reshape(32, -1)
        return cross_entropy(apply(w["output"], nn.relu(apply(w["hidden"], x))), labels)

    return weights, jax.random.uniform(next(KEYS), (32, 28, 28, 1)), jnp.arange(32) % 10, loss


def normalization(channels):
    return {"gamma": jnp.ones(channels), "beta": jnp.zeros(channels)}


def normalized(w, x, axes):
    mean, variance = jnp.mean(x, axes, keepdims=True), jnp.var(x, axes, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-3) * w["gamma"] + w["beta"]


def residual():
    # The moving statistics of batch normalization are left out, which the other programs update.
    def block(channels, filters, stride):
        w = {"first": uniform(3, 3, channels, filters), "second": uniform(3, 3, filters, filters),
             "after_first": normalization(filters), "after_second": normalization(filters)}
        return w | ({"beside": uniform(1, 1, channels, filters)} if stride > 1 else {})

    weights = {"stem": uniform(3, 3, 3, 16), "after_stem": normalization(16), "output": dense(32, 10),
               "blocks": [block(16, 16, 1), block(16, 16, 1), block(16, 32, 2), block(32, 32, 1)]}

    def loss(w, x, labels):
        batch = (0, 1, 2)
        x = nn.relu(normalized(w["after_stem"], convolution(w["stem"], x), batch))
        for block in w["blocks"]:
            stride = 2 if "beside" in block else 1
            y = nn.relu(normalized(block["after_first"], convolution(block["first"], x, stride), batch))
            y = normalized(block["after_second"], convolution(block["second"], y), batch)
            x = nn.relu(y + (convolution(block["beside"], x, stride) if stride > 1 else x))
        return cross_entropy(apply(w["output"], jnp.mean(x, (1, 2))), labels)

    return weights, uniform(32, 32, 32, 3), jax.random.randint(next(KEYS), (32,), 0, 10), loss


def decoder():
    def block():
        return {"before_attention": normalization(WIDTH), "before_dense": normalization(WIDTH),
                "widen": dense(WIDTH, 4 * WIDTH), "narrow": dense(4 * WIDTH, WIDTH),
                **{name: dense(WIDTH, WIDTH) for name in ("query", "key", "value", "project")}}

    weights = {"letter": uniform(LETTERS, WIDTH), "place": uniform(CONTEXT, WIDTH), "blocks": [block(), block()],
               "norm": normalization(WIDTH), "output": dense(WIDTH, LETTERS)}
    mask = jnp.tril(jnp.ones((CONTEXT, CONTEXT), bool))

    def loss(w, codes, labels):
        x = w["letter"][codes] + w["place"]
        for block in w["blocks"]:
            z = normalized(block["before_attention"], x, -1)
            query, key, value = (apply(block[name], z).reshape(*z.shape[:2], HEADS, -1) for name in
                                 ("query", "key", "value"))
            scores = jnp.einsum("bqhd,bkhd->bhqk", query, key) / (WIDTH // HEADS) ** 0.5
            attended = jnp.einsum("bhqk,bkhd->bqhd", nn.softmax(jnp.where(mask, scores, -jnp.inf)), value)
            x = x + apply(block["project"], attended.reshape(x.shape))
            x = x + apply(block["narrow"], nn.gelu(apply(block["widen"], normalized(block["before_dense"], x, -1)),
                                                   approximate=False))
        return cross_entropy(apply(w["output"], normalized(w["norm"], x, -1)), labels)

    codes, labels = (jax.random.randint(next(KEYS), (16, CONTEXT), 0, LETTERS) for _ in range(2))
    return weights, codes, labels, loss


def main():
    name = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 2
    weights, x, y, loss = (lstm(int(name.removeprefix("lstm/"))) if name.startswith("lstm/") else
                           mlp(256 if name == "mlp/256" else 32) if name.startswith("mlp") else
                           {"softmax/sgd": softmax, "cnn": cnn, "residual": residual, "decoder": decoder}[name]())
    is_sgd = name in ("softmax/sgd", "mlp/sgd", "mlp/256")

    def adam(w, m, v, t):
        rate = 1e-3 * jnp.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)
        return w - rate * m / (jnp.sqrt(v) + 1e-7)

    @jax.jit
    def step(w, m, v, t, x, y):
        slopes = jax.grad(loss)(w, x, y)
        if is_sgd:
            return jax.tree.map(lambda a, g: a - 1e-3 * g, w, slopes), m, v, t
        m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, slopes)
        v = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, v, slopes)
        return jax.tree.map(lambda a, b, c: adam(a, b, c, t), w, m, v), m, v, t + 1

    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = jax.block_until_ready(step(weights, zeros, zeros, 1.0, x, y))
    first = time.perf_counter() - START
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        state = jax.block_until_ready(step(*state, x, y))
        best = min(best, time.perf_counter() - start)
    print(json.dumps({"model": name, "first_step_s": first, "best_us": best * 1e6, "jax": jax.__version__}))


main()
