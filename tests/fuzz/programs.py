"""Random programs: lists of nodes, each an operation over earlier ones, with shapes and dtypes that fit.

A node is a dictionary {"op", "in", ...attributes}; runner.cpp builds it with hekla, torch_programs.py with PyTorch.
"""
from values import element_bits, f32_bits

SHAPES = [[], [1], [3], [8], [2, 3], [4, 8], [5, 1], [1, 6], [2, 3, 4], [3, 1, 5], [70], [2, 65]]

FLOAT_UNARY = ["negate", "abs", "sign", "exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "square", "sin", "cos", "tan",
               "asin", "acos", "atan", "sinh", "cosh", "tanh", "sigmoid", "softplus", "erf", "floor", "ceil", "round",
               "relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "softsign", "hard_sigmoid", "log_sigmoid", "log2",
               "log10", "exp2", "asinh", "acosh", "atanh", "erfc", "trunc", "frac", "reciprocal", "nan_to_num"]
FLOAT_BINARY = ["add", "add", "subtract", "subtract", "multiply", "multiply", "divide", "modulo", "floor_divide", "pow",
                "maximum", "minimum", "fmod", "atan2", "hypot"]
WHOLE_BINARY = ["add", "subtract", "multiply", "divide", "modulo", "floor_divide", "maximum", "minimum", "fmod",
                "bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"]
COMPARE = ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal"]
LOGIC = ["logical_and", "logical_or", "logical_xor"]
FLOAT_REDUCE = ["sum", "mean", "max", "min", "prod", "variance", "std", "logsumexp", "norm", "norm_inf", "any", "all"]
ALONG = ["softmax", "log_softmax", "cumsum", "argmax", "argmin", "sort", "argsort", "sort_descending", "logcumsumexp",
         "cummax", "cummin", "argcummax"]
SMOOTH = ["exp", "sin", "cos", "tanh", "sigmoid", "softplus", "erf", "square", "gelu", "silu", "atan", "negate", "exp2",
          "asinh", "erfc"]


class Builder:
    def __init__(self, random, special_share):
        self.random = random
        self.special_share = special_share
        self.nodes, self.shapes, self.dtypes = [], [], []

    def add(self, op, inputs, result_shape, result_dtype, **attributes):
        self.nodes.append({"op": op, "in": inputs, **attributes})
        self.shapes.append(list(result_shape))
        self.dtypes.append(result_dtype)
        return len(self.nodes) - 1

    def leaf(self, shape, dtype):
        count = 1
        for size in shape:
            count *= size
        op = self.random.choice(["leaf", "leaf", "leaf", "filled"])
        if dtype in ("bool", "u8") or count == 0:
            op = "leaf"
        bits = [element_bits(self.random, dtype, self.special_share) for _ in range(1 if op == "filled" else count)]
        return self.add(op, [], shape, dtype, shape=list(shape), dtype=dtype, bits=bits)

    def some(self, dtypes, rank=0):
        """An earlier node of one of the dtypes and at least that rank, later ones preferred; or None."""
        fits = [i for i, dtype in enumerate(self.dtypes) if dtype in dtypes and len(self.shapes[i]) >= rank]
        if not fits:
            return None
        return fits[max(self.random.randrange(len(fits)), self.random.randrange(len(fits)))]

    def partner(self, node, dtype):
        """A second operand that broadcasts against `node`."""
        fits = [i for i, other in enumerate(self.dtypes)
                if other == dtype and broadcast(self.shapes[i], self.shapes[node]) is not None]
        if fits and self.random.random() < 0.7:
            return self.random.choice(fits)
        shape = list(self.shapes[node])
        choice = self.random.random()
        if choice < 0.3:
            shape = []
        elif choice < 0.5 and shape:
            shape[self.random.randrange(len(shape))] = 1
        return self.leaf(shape, dtype)

    def elementwise(self, op, a, b, dtype):
        return self.add(op, [a, b], broadcast(self.shapes[a], self.shapes[b]), dtype)

    def random_axes(self, rank):
        axes = [axis for axis in range(rank) if self.random.random() < 0.6]
        return axes or [self.random.randrange(rank)]

    def reduce(self, op, x, dtype):
        axes, keep = self.random_axes(len(self.shapes[x])), self.random.random() < 0.5
        shape = [1 if axis in axes else size for axis, size in enumerate(self.shapes[x]) if keep or axis not in axes]
        return self.add(op, [x], shape, dtype, axes=axes, keep=keep)

    def along(self, op, x):
        axis = self.random.randrange(len(self.shapes[x]))
        shape = list(self.shapes[x])
        if op in ("argmax", "argmin"):
            del shape[axis]
        return self.add(op, [x], shape, "i32" if op.startswith("arg") else "f32", axis=axis)

    def view(self, x):
        random, shape, dtype = self.random, self.shapes[x], self.dtypes[x]
        rank = len(shape)
        op = random.choice(["reshape", "permute", "slice", "pad", "roll", "flip", "broadcast_to", "concat", "flatten"])
        if op == "reshape":
            count = 1
            for size in shape:
                count *= size
            fits = [list(s) for s in SHAPES if product(s) == count] + [[count], [1, count], [count, 1]]
            shape = random.choice(fits)
            return self.add(op, [x], shape, dtype, shape=shape)
        if op == "broadcast_to":
            shape = [random.choice([2, 3])] + shape
            return self.add(op, [x], shape, dtype, shape=shape)
        if rank == 0:
            return x
        if op == "permute":
            axes = random.sample(range(rank), rank)
            return self.add(op, [x], [shape[axis] for axis in axes], dtype, axes=axes)
        if op == "flip":
            return self.add(op, [x], shape, dtype)
        if op == "flatten":
            return self.add(op, [x], [shape[0], product(shape[1:])], dtype)
        axis = random.randrange(rank)
        if op == "roll":
            return self.add(op, [x], shape, dtype, axis=axis, shift=random.randint(-3, 3))
        if op == "concat":
            return self.add(op, [x, x], shape[:axis] + [2 * shape[axis]] + shape[axis + 1:], dtype, axis=axis)
        if op == "pad" and dtype == "f32":
            paddings = [[random.randint(0, 2), random.randint(0, 2)] for _ in shape]
            shape = [low + size + high for size, (low, high) in zip(shape, paddings)]
            return self.add(op, [x], shape, dtype, paddings=paddings,
                            value=element_bits(random, "f32", self.special_share))
        ranges, sizes = [], []
        for size in shape:
            start, step = random.randint(0, max(0, size - 1)), random.choice([1, 1, 2, -1])
            stop = random.randint(start + 1, size) if step > 0 else None
            ranges.append([start, stop, step])
            sizes.append(len(range(*slice(start, stop, step).indices(size))))
        return self.add("slice", [x], sizes, dtype, ranges=ranges)

    def step(self):
        """One more node, or None where the drawn operation does not fit."""
        random = self.random
        kind = random.choices(["unary", "binary", "compare", "where", "reduce", "along", "view", "cast", "whole", "logic",
                               "matmul", "take", "clip"], [9, 9, 2, 3, 4, 3, 6, 2, 3, 1, 2, 1, 1])[0]
        x = self.some(["f32"])
        if kind == "unary":
            return self.add(random.choice(FLOAT_UNARY), [x], self.shapes[x], "f32")
        if kind == "binary":
            return self.elementwise(random.choice(FLOAT_BINARY), x, self.partner(x, "f32"), "f32")
        if kind == "compare":
            x = self.some(["f32", "i32", "u32"])
            return self.elementwise(random.choice(COMPARE), x, self.partner(x, self.dtypes[x]), "bool")
        if kind == "where":
            y, condition = self.partner(x, "f32"), self.partner(x, "bool")
            shape = broadcast(self.shapes[x], self.shapes[y])
            shape = None if shape is None else broadcast(shape, self.shapes[condition])
            return None if shape is None else self.add("where", [condition, x, y], shape, "f32")
        if kind == "reduce":
            x = self.some(["f32"], 1)
            if x is None:
                return None
            op = random.choice(FLOAT_REDUCE)
            return self.reduce(op, x, "bool" if op in ("any", "all") else "f32")
        if kind == "along":
            x = self.some(["f32"], 1)
            return None if x is None else self.along(random.choice(ALONG), x)
        if kind == "view":
            return self.view(self.some(["f32", "i32"]))
        if kind == "cast":
            x = self.some(["f32", "i32", "u32", "bool", "u8"])
            dtype = random.choice(["f32", "i32", "u32", "u8", "bool"])
            return self.add("cast", [x], self.shapes[x], dtype, dtype=dtype)
        if kind == "whole":
            dtype = random.choice(["i32", "i32", "u32"])
            x = self.some([dtype])
            if x is None:
                x = self.leaf(random.choice(SHAPES), dtype)
            return self.elementwise(random.choice(WHOLE_BINARY), x, self.partner(x, dtype), dtype)
        if kind == "logic":
            x = self.some(["bool"])
            if x is None:
                x = self.leaf(random.choice(SHAPES), "bool")
            return self.elementwise(random.choice(LOGIC), x, self.partner(x, "bool"), "bool")
        if kind == "matmul":
            x = self.some(["f32"], 2)
            if x is None:
                return None
            columns = random.choice([1, 3, 8])
            y = self.leaf([self.shapes[x][-1], columns], "f32")
            return self.add("matmul", [x, y], self.shapes[x][:-1] + [columns], "f32")
        if kind == "take":
            x = self.some(["f32"], 1)
            if x is None:
                return None
            axis = random.randrange(len(self.shapes[x]))
            picks = [random.randrange(self.shapes[x][axis]) for _ in range(random.choice([1, 3, 4]))]
            index = self.add("leaf", [], [len(picks)], "i32", shape=[len(picks)], dtype="i32", bits=picks)
            shape = self.shapes[x][:axis] + [len(picks)] + self.shapes[x][axis + 1:]
            return self.add("take", [x, index], shape, "f32", axis=axis)
        low, high = sorted(random.choice([-2.0, -1.0, 0.0, 0.5, 1.0, 6.0]) for _ in range(2))
        return self.add("clip", [x], self.shapes[x], "f32", low=f32_bits(low), high=f32_bits(high))


def product(sizes):
    count = 1
    for size in sizes:
        count *= size
    return count


def broadcast(a, b):
    """The broadcast shape by NumPy's rule; None where the shapes do not fit or the result is large."""
    rank = max(len(a), len(b))
    a, b = [1] * (rank - len(a)) + list(a), [1] * (rank - len(b)) + list(b)
    if any(x != y and 1 not in (x, y) for x, y in zip(a, b)):
        return None
    shape = [y if x == 1 else x for x, y in zip(a, b)]
    return shape if product(shape) <= 4000 else None


def random_program(random):
    """A program of values with special numbers, or one of a smooth function and its gradients."""
    smooth = random.random() < 0.25
    builder = Builder(random, 0.0 if smooth else random.choice([0.0, 0.1, 0.4]))
    leaves = [builder.leaf(random.choice(SHAPES), "f32") for _ in range(random.randint(1, 3))]
    if smooth:
        leaves = [i for i in leaves if builder.nodes[i]["op"] == "leaf"] or [builder.add(
            "leaf", [], [3], "f32", shape=[3], dtype="f32", bits=[f32_bits(x) for x in (0.3, -1.2, 2.5)])]
    for _ in range(random.randint(1, 7)):
        x = builder.some(["f32"])
        if not smooth:
            builder.step()
        elif random.random() < 0.5:
            builder.add(random.choice(SMOOTH), [x], builder.shapes[x], "f32")
        elif random.random() < 0.6:
            builder.elementwise(random.choice(["add", "subtract", "multiply"]), x, builder.partner(x, "f32"), "f32")
        elif len(builder.shapes[x]) > 0:
            builder.reduce(random.choice(["sum", "mean", "logsumexp", "variance"]), x, "f32")
    used = {i for node in builder.nodes for i in node["in"]}
    ends = [i for i in range(len(builder.nodes)) if i not in used and builder.nodes[i]["op"] not in ("leaf", "filled")]
    last = len(builder.nodes) - 1
    if smooth:
        return {"nodes": builder.nodes, "outputs": [last], "gradients": leaves}
    return {"nodes": builder.nodes, "outputs": ends or [last], "gradients": []}
