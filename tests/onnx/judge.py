"""Checks models that hekla wrote: onnx.checker accepts them, and onnxruntime computes the same.

judge.py FOLDER: for each NAME.onnx there are NAME.input_0.npy, .. and NAME.output_0.npy, ..
"""
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def arrays(folder, name, kind):
    found = []
    while (path := folder / f"{name}.{kind}_{len(found)}.npy").exists():
        found.append(np.load(path))
    return found


def problem(folder, name):
    path = folder / f"{name}.onnx"
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = arrays(folder, name, "input")
    expected = arrays(folder, name, "output")
    actual = session.run(None, {each.name: value for each, value in zip(session.get_inputs(), inputs)})
    if len(actual) != len(expected):
        return f"{len(actual)} outputs in place of {len(expected)}"
    for a, e in zip(actual, expected):
        if a.shape != e.shape or a.dtype != e.dtype:
            return f"{a.dtype}{list(a.shape)} in place of {e.dtype}{list(e.shape)}"
        if not np.allclose(a, e, rtol=1e-5, atol=1e-5):
            return f"off by {np.max(np.abs(a - e))}"
    return None


folder = pathlib.Path(sys.argv[1])
names = sorted(path.stem for path in folder.glob("*.onnx"))
failed = 0
for name in names:
    try:
        what = problem(folder, name)
    except Exception as error:  # whatever the judges refuse
        what = str(error)
    if what:
        failed += 1
        print(f"{name}: {what}")
print(f"{len(names) - failed} of {len(names)} models are right")
sys.exit(1 if failed or not names else 0)
