#!/usr/bin/env python3
"""The work of bench/large.cpp, and the convolution of bench/convolution.cpp forward, in PyTorch on a GPU, without TF32:
times and rates, best of several runs, as lines of text.

    bench/peers/torch_ops.py
"""
import torch

COUNT, COLUMNS = 1 << 26, 1024


def best_seconds(work, times=20, runs=5):
    for _ in range(times):
        work()
    best = float("inf")
    for _ in range(runs):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for _ in range(times):
            work()
        end.record()
        torch.cuda.synchronize()
        best = min(best, start.elapsed_time(end) * 1e-3 / times)
    return best


def main():
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    print(f"PyTorch {torch.__version__} on {torch.cuda.get_device_name()}")
    for dtype, name in ((torch.float32, "f32"), (torch.float16, "f16")):
        for n in (512, 1024, 2048, 4096):
            a, b = (torch.rand(n, n, device="cuda").mul(2).sub(1).to(dtype) for _ in range(2))
            seconds = best_seconds(lambda: a @ b)
            print(f"matmul/{name}/{n}  {seconds * 1e6:.1f} us  {2 * n**3 / seconds * 1e-12:.1f} TFLOP/s")
    x, y, z = (torch.rand(COUNT, device="cuda") for _ in range(3))
    matrix = x.view(-1, COLUMNS)
    for name, bytes_per_element, work in (
            ("a*x+y", 12, lambda: torch.add(y, x, alpha=0.5, out=z)), ("sum", 4, lambda: x.sum()),
            ("sum of rows", 4, lambda: matrix.sum(1)), ("sum of columns", 4, lambda: matrix.sum(0)),
            ("softmax of rows", 8, lambda: matrix.softmax(1))):
        seconds = best_seconds(work)
        print(f"{name}  {seconds * 1e6:.1f} us  {bytes_per_element * COUNT / seconds * 1e-9:.0f} GB/s")
    images, kernel = torch.rand(32, 32, 14, 14, device="cuda"), torch.rand(64, 32, 3, 3, device="cuda")
    seconds = best_seconds(lambda: torch.nn.functional.conv2d(images, kernel, padding=1))
    print(f"convolution/y  {seconds * 1e6:.1f} us")


if __name__ == "__main__":
    main()
