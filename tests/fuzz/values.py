"""The inputs of the fuzzer's programs: special values, boundary values and ordinary numbers."""
import math
import struct

NAN, INF = math.nan, math.inf
TINY = 1.1754943508222875e-38  # the smallest normal f32
DENORMAL = 1e-40
LARGEST = 3.4028234663852886e38

SPECIAL = [0.0, -0.0, 1.0, -1.0, NAN, INF, -INF, TINY, -TINY, DENORMAL, -DENORMAL, LARGEST, -LARGEST, 0.5, -0.5,
           2.0, -2.0, 1e10, -1e10, 88.7, -103.9, 16777217.0, 2147483647.0, -2147483648.0, 4294967296.0, 255.0, 256.0]
WHOLE = [0, 1, -1, 2, -2, 3, 7, -7, 10, 255, 256, 65535, 65536, 2**31 - 1, -2**31, -2**31 + 1, 12345678]
UNSIGNED = [0, 1, 2, 3, 7, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1]


def to_f32(number):
    if math.isnan(number) or math.isinf(number):
        return number
    return struct.unpack("f", struct.pack("f", max(-LARGEST, min(LARGEST, number))))[0]


def f32_bits(number):
    return struct.unpack("I", struct.pack("f", to_f32(number)))[0]


def f32_of(bits):
    return struct.unpack("f", struct.pack("I", bits))[0]


def ordinary(random):
    """A number of a magnitude that is usual in training, mostly."""
    return to_f32(random.gauss(0, 1) * random.choice([0.1, 1, 1, 1, 10]))


def element_bits(random, dtype, special_share):
    """The 32 bits of an element, as runner.cpp reads them."""
    special = random.random() < special_share
    if dtype == "f32":
        return f32_bits(random.choice(SPECIAL) if special else ordinary(random))
    if dtype == "i32":
        return (random.choice(WHOLE) if special else random.randint(-9, 9)) & 0xFFFFFFFF
    if dtype == "u32":
        return random.choice(UNSIGNED) if special else random.randint(0, 9)
    if dtype == "u8":
        return random.choice([0, 1, 127, 128, 255]) if special else random.randint(0, 9)
    return random.randint(0, 1)
