"""PyTorch's evaluation of the fuzzer's programs, in f32 or f64, on one thread.

Where hekla documents another answer than PyTorch's (casts out of range, integer division by zero, the sign of NaN), the
documented one is implemented here.
"""
import torch

from values import f32_of

F = torch.nn.functional
WHOLE = ("i32", "u32", "u8")


class Evaluation:
    """Values of all nodes. `noise` is the largest relative error added to every float result, and to the operands of
    sums and products over many numbers, whose order is not specified."""

    def __init__(self, program, dtype, noise=0.0, seed=0, fused_products=False):
        self.dtype, self.noise, self.fused_products = dtype, noise, fused_products
        self.generator = torch.Generator().manual_seed(seed)
        self.values, self.dtypes = [], []
        for index, node in enumerate(program["nodes"]):
            leaf = index in program["gradients"]
            self.values.append(self.compute(node, leaf))
        self.results = [self.values[i] for i in program["outputs"]]
        self.result_dtypes = [self.dtypes[i] for i in program["outputs"]]
        if program["gradients"]:
            leaves = [self.values[i] for i in program["gradients"]]
            loss = self.results[0].sum()
            gradients = torch.autograd.grad(loss, leaves, allow_unused=True) if loss.requires_grad else [None] * len(leaves)
            self.results += [torch.zeros_like(x) if g is None else g for g, x in zip(gradients, leaves)]
            self.result_dtypes += ["f32"] * len(leaves)
        self.results = [x.detach() for x in self.results]

    def off(self, x):
        share = torch.rand(x.shape, generator=self.generator, dtype=self.dtype) * 2 - 1
        return x * (1 + self.noise * share)

    def compute(self, node, is_target):
        x = [self.values[i] for i in node["in"]]
        kinds = [self.dtypes[i] for i in node["in"]]
        if self.noise and node["op"] in MANY_STEPS:
            x = [self.off(each) if kind == "f32" else each for each, kind in zip(x, kinds)]
        if self.noise and node["op"] == "prod":
            for axis in node["axes"]:
                x[0] = x[0].index_select(axis, torch.randperm(x[0].shape[axis], generator=self.generator))
        result, dtype = self.apply(node, x, kinds)
        self.dtypes.append(dtype)
        if dtype == "f32":
            result = result.to(self.dtype)
            if self.noise and node["op"] not in EXACT:
                result = self.off(result)
                if node["op"] in DIFFERENCES:
                    result = result + self.off(torch.ones_like(result)) - 1
            if is_target:
                result = result.detach().requires_grad_()
        if dtype == "u32":
            result = result.to(torch.int64) & 0xFFFFFFFF
        return result

    def apply(self, node, x, kinds):
        op = node["op"]
        if op in ("leaf", "filled"):
            return self.leaf(node), node["dtype"]
        if op in COMPARISONS:
            return COMPARISONS[op](x[0], x[1]), "bool"
        if op in UNARY:
            return UNARY[op](x[0]), kinds[0]
        if op in BINARY and kinds[0] == "f32":
            return BINARY[op](x[0], x[1]), "f32"
        if op in WHOLE_BINARY:
            return WHOLE_BINARY[op](x[0], x[1], kinds[0]), kinds[0]
        if op in REDUCTIONS:
            return REDUCTIONS[op](x[0], tuple(node["axes"]), node["keep"]), "bool" if op in ("any", "all") else kinds[0]
        if op in ALONG:
            return ALONG[op](x[0], node["axis"]), "i32" if op.startswith("arg") else kinds[0]
        if op == "where":
            return torch.where(x[0], x[1], x[2]), kinds[1]
        if op == "cast":
            return self.cast(x[0], kinds[0], node["dtype"]), node["dtype"]
        if op == "clip":
            return torch.clamp(x[0], f32_of(node["low"]), f32_of(node["high"])), kinds[0]
        if op == "reshape":
            return x[0].reshape(node["shape"]), kinds[0]
        if op == "broadcast_to":
            return x[0].broadcast_to(node["shape"]), kinds[0]
        if op == "permute":
            return x[0].permute(node["axes"]), kinds[0]
        if op == "flip":
            return torch.flip(x[0], list(range(x[0].dim()))), kinds[0]
        if op == "flatten":
            return x[0].reshape(x[0].shape[0], -1), kinds[0]
        if op == "roll":
            return torch.roll(x[0], node["shift"], node["axis"]), kinds[0]
        if op == "concat":
            return torch.cat(x, node["axis"]), kinds[0]
        if op == "pad":
            flat = [n for low_high in reversed(node["paddings"]) for n in low_high]
            return F.pad(x[0], flat, value=f32_of(node["value"])), kinds[0]
        if op == "slice":
            for axis, (start, stop, step) in enumerate(node["ranges"]):
                positions = list(range(*slice(start, stop, step).indices(x[0].shape[axis])))
                x[0] = torch.index_select(x[0], axis, torch.tensor(positions, dtype=torch.int64))
            return x[0], kinds[0]
        if op == "take":
            return torch.index_select(x[0], node["axis"], x[1].to(torch.int64)), kinds[0]
        if op == "matmul":
            if self.fused_products and x[0].dtype == torch.float32:
                return torch.matmul(x[0].double(), x[1].double()).to(torch.float32), kinds[0]
            return torch.matmul(x[0], x[1]), kinds[0]
        raise KeyError(op)

    def leaf(self, node):
        bits, dtype = node["bits"], node["dtype"]
        if dtype == "f32":
            values = torch.tensor([f32_of(b) for b in bits], dtype=torch.float64).to(torch.float32).to(self.dtype)
        elif dtype == "i32":
            values = torch.tensor([b - (1 << 32) if b >> 31 else b for b in bits], dtype=torch.int32)
        elif dtype == "u32":
            values = torch.tensor(bits, dtype=torch.int64)
        elif dtype == "u8":
            values = torch.tensor(bits, dtype=torch.uint8)
        else:
            values = torch.tensor(bits, dtype=torch.bool)
        if node["op"] == "filled":
            return values.reshape([1] * len(node["shape"])).expand(node["shape"])
        return values.reshape(node["shape"])

    def cast(self, x, source, target):
        if target == "f32":
            # Through f32, which rounds integers, also in a computation in f64.
            return x.to(self.dtype) if source == "f32" else x.to(torch.float32).to(self.dtype)
        if target == "bool":
            return x != 0
        if source == "f32":
            return saturated(x, target)
        return wrapped(x.to(torch.int64), target)


LIMITS = {"i32": (-2**31, 2**31 - 1), "u32": (0, 2**32 - 1), "u8": (0, 255)}
TORCH = {"i32": torch.int32, "u32": torch.int64, "u8": torch.uint8}


def saturated(x, target):
    """Rounds toward zero and saturates to the range of the type; NaN is 0."""
    low, high = LIMITS[target]
    whole = torch.trunc(torch.nan_to_num(x.to(torch.float64), nan=0.0, posinf=1e300, neginf=-1e300))
    return torch.clamp(whole, low, high).to(torch.int64).to(TORCH[target])


def wrapped(x, target):
    """The lower bits of an integer: wraparound."""
    if target == "u8":
        return (x & 0xFF).to(torch.uint8)
    x = x & 0xFFFFFFFF
    return torch.where(x >= 2**31, x - 2**32, x).to(torch.int32) if target == "i32" else x


def whole_operation(function):
    return lambda a, b, dtype: wrapped(function(a.to(torch.int64), b.to(torch.int64)), dtype)


def divided(rounding):
    def divide(a, b):
        by_zero = b == 0
        quotient = torch.div(a, torch.where(by_zero, torch.ones_like(b), b), rounding_mode=rounding)
        return torch.where(by_zero, torch.zeros_like(quotient), quotient)
    return divide


def remainder(a, b):
    return torch.where(b == 0, torch.zeros_like(a + b), torch.remainder(a, torch.where(b == 0, torch.ones_like(b), b)))


def floor_divide(a, b):
    """Infinite where the quotient overflows, as in NumPy; PyTorch gives NaN."""
    quotient = torch.div(a, b, rounding_mode="floor")
    overflows = torch.isinf(a / b) & torch.isfinite(a) & torch.isfinite(b)
    return torch.where(overflows, a / b, quotient)


def float_remainder(a, b):
    """Exact, with the sign of b: PyTorch's vectorized f32 code overflows in the quotient."""
    rest = torch.fmod(a.to(torch.float64), b.to(torch.float64)).to(a.dtype)
    return torch.where((rest != 0) & ((rest < 0) != (b < 0)), rest + b, rest)


def float_fmod(a, b):
    """Exact, as float_remainder."""
    return torch.fmod(a.to(torch.float64), b.to(torch.float64)).to(a.dtype)


def whole_fmod(a, b):
    return torch.where(b == 0, torch.zeros_like(a + b), torch.fmod(a, torch.where(b == 0, torch.ones_like(b), b)))


def shift_left(x, count):
    """Of numbers of 32 bits, held in 64."""
    outside = (count < 0) | (count > 31)
    return torch.where(outside, torch.zeros_like(x + count), x << torch.where(outside, torch.zeros_like(count), count))


def shift_right(x, count):
    return x >> torch.where((count < 0) | (count > 31), torch.full_like(count, 32), count)


def finite(x):
    """With f32's largest number, also in a computation in f64."""
    largest = torch.finfo(torch.float32).max
    return torch.nan_to_num(x, nan=0.0, posinf=largest, neginf=-largest)


def log1p(x):
    """Finite up to the largest number; PyTorch's vectorized f32 code is so only up to 1e38."""
    return torch.where(x > 1e30, torch.log(x), torch.log1p(x))


def cumsum(x, axis):
    """Starts from the first element, as NumPy does, and not from 0 plus that element, so that -0 is kept."""
    if not x.is_floating_point():
        return torch.cumsum(x, axis)
    only_negative_zeros = torch.cumprod(((x == 0) & torch.signbit(x)).to(torch.uint8), axis) == 1
    return torch.where(only_negative_zeros, -torch.zeros_like(x), torch.cumsum(x, axis))


def softmax(x, axis):
    return torch.softmax(x, axis)


def variance(x, axes, keep):
    """0 of equal numbers; in PyTorch the square of the rounding error of their mean."""
    largest, smallest = torch.amax(x, axes, keepdim=keep), torch.amin(x, axes, keepdim=keep)
    spread = torch.var(x, axes, unbiased=False, keepdim=keep)
    return torch.where((largest == smallest) & torch.isfinite(largest), torch.zeros_like(spread), spread)


def prod(x, axes, keep):
    for axis in sorted(axes, reverse=True):
        x = torch.prod(x, axis, keepdim=keep)
    return x


def any_true(x, axes, keep):
    x = x != 0
    for axis in sorted(axes, reverse=True):
        x = torch.any(x, axis, keepdim=keep)
    return x


def all_true(x, axes, keep):
    return torch.logical_not(any_true(x == 0, axes, keep))


def ordered(x, axis, descending):
    """The argsort of hekla: stable, NaN above all numbers, floats compared after rounding to f32."""
    x = x.to(torch.float32) if x.is_floating_point() else x
    return torch.sort(x, dim=axis, descending=descending, stable=True).indices


def positions(x, axis, largest):
    """The argmax or argmin: the first of ties, or the first NaN."""
    best = torch.where(torch.isnan(x), torch.full_like(x, float("inf")), x if largest else -x)
    if bool(torch.isnan(x).any()):
        wins = torch.isnan(x)
        best = torch.where(wins.any(axis, keepdim=True), wins.to(x.dtype), best)
    top = best == best.amax(axis, keepdim=True)
    return torch.argmax(top.to(torch.int64), axis).to(torch.int32)


UNARY = {
    "negate": torch.neg, "abs": torch.abs, "exp": torch.exp, "expm1": torch.expm1, "log": torch.log,
    "log1p": log1p, "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "square": torch.square, "sin": torch.sin,
    "cos": torch.cos, "tan": torch.tan, "asin": torch.asin, "acos": torch.acos, "atan": torch.atan,
    "sinh": torch.sinh, "cosh": torch.cosh, "tanh": torch.tanh, "sigmoid": torch.sigmoid,
    "softplus": lambda x: torch.relu(x) + torch.log1p(torch.exp(-torch.abs(x))), "erf": torch.erf, "floor": torch.floor,
    "ceil": torch.ceil, "round": torch.round, "relu": torch.relu, "relu6": F.relu6,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2), "elu": lambda x: torch.where(x > 0, x, torch.expm1(x)), "gelu": F.gelu, "silu": F.silu,
    "softsign": F.softsign, "hard_sigmoid": F.hardsigmoid, "log_sigmoid": F.logsigmoid,
    "sign": lambda x: torch.where(torch.isnan(x), x, torch.sign(x)),
    "log2": torch.log2, "log10": torch.log10, "exp2": torch.exp2, "asinh": torch.asinh, "acosh": torch.acosh,
    "atanh": torch.atanh, "erfc": torch.erfc, "trunc": torch.trunc, "frac": torch.frac, "reciprocal": torch.reciprocal,
    "nan_to_num": finite,
}
BINARY = {
    "add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div, "modulo": float_remainder,
    "floor_divide": floor_divide, "pow": torch.pow, "maximum": torch.maximum,
    "minimum": torch.minimum, "fmod": float_fmod, "atan2": torch.atan2, "hypot": torch.hypot,
}
WHOLE_BINARY = {
    "add": whole_operation(torch.add), "subtract": whole_operation(torch.sub), "multiply": whole_operation(torch.mul),
    "divide": whole_operation(divided("trunc")), "modulo": whole_operation(remainder),
    "floor_divide": whole_operation(divided("floor")), "maximum": whole_operation(torch.maximum),
    "minimum": whole_operation(torch.minimum), "fmod": whole_operation(whole_fmod),
    "bitwise_and": whole_operation(torch.bitwise_and), "bitwise_or": whole_operation(torch.bitwise_or),
    "bitwise_xor": whole_operation(torch.bitwise_xor), "left_shift": whole_operation(shift_left),
    "right_shift": whole_operation(shift_right),
}
COMPARISONS = {
    "less": torch.lt, "less_equal": torch.le, "greater": torch.gt, "greater_equal": torch.ge, "equal": torch.eq,
    "not_equal": torch.ne, "logical_and": torch.logical_and, "logical_or": torch.logical_or,
    "logical_xor": torch.logical_xor,
}
REDUCTIONS = {
    "sum": torch.sum, "mean": torch.mean, "max": torch.amax, "min": torch.amin, "prod": prod, "any": any_true,
    "all": all_true, "variance": variance, "std": lambda x, axes, keep: torch.sqrt(variance(x, axes, keep)),
    "logsumexp": torch.logsumexp, "norm": lambda x, axes, keep: torch.sqrt(torch.sum(x * x, axes, keepdim=keep)),
    "norm_inf": lambda x, axes, keep: torch.amax(torch.abs(x), axes, keepdim=keep),
}
ALONG = {
    "softmax": softmax, "log_softmax": torch.log_softmax, "cumsum": cumsum,
    "logcumsumexp": torch.logcumsumexp, "cummax": lambda x, axis: torch.cummax(x, axis).values,
    "cummin": lambda x, axis: torch.cummin(x, axis).values,
    "argcummax": lambda x, axis: torch.cummax(x, axis).indices.to(torch.int32),
    "argmax": lambda x, axis: positions(x, axis, True), "argmin": lambda x, axis: positions(x, axis, False),
    "argsort": lambda x, axis: ordered(x, axis, False).to(torch.int32),
    "sort": lambda x, axis: torch.gather(x, axis, ordered(x, axis, False)),
    "sort_descending": lambda x, axis: torch.gather(x, axis, ordered(x, axis, True)),
}
# Operations that accumulate sums or products of many numbers.
MANY_STEPS = {"sum", "mean", "prod", "variance", "std", "logsumexp", "norm", "matmul", "cumsum", "softmax", "log_softmax",
              "logcumsumexp"}
# Operations with cancellation between numbers of magnitude 1 (gelu: x (1 + erf(x / sqrt(2))) / 2).
DIFFERENCES = {"log_softmax", "logsumexp", "logcumsumexp", "gelu"}
# Operations that are bit-exact on every device.
EXACT = {"leaf", "filled", "negate", "abs", "sign", "floor", "ceil", "round", "relu", "relu6", "maximum", "minimum",
         "max", "min", "where", "clip", "reshape", "broadcast_to", "permute", "flip", "flatten", "roll", "concat", "pad",
         "slice", "take", "sort", "sort_descending", "norm_inf", "trunc", "nan_to_num", "cummax", "cummin"}
