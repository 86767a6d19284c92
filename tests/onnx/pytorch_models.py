"""Exports networks of PyTorch as ONNX, each beside a batch, its scores and the gradients of its weights.

pytorch_models.py FOLDER: NAME.onnx, NAME.x.npy, NAME.y.npy and NAME.gradients.npz, whose names are PyTorch's.
"""
import pathlib
import sys
import warnings

import numpy as np
import torch
import torchvision


class Encoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(50, 32)
        layer = torch.nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, dropout=0.0)
        self.encoder = torch.nn.TransformerEncoder(layer, 2)
        self.head = torch.nn.Linear(32, 5)

    def forward(self, x):
        return self.head(self.encoder(self.embedding(x)).mean(1))


class Recurrent(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(8, 16, 2, batch_first=True, bidirectional=True)
        self.head = torch.nn.Linear(32, 5)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


def export(folder, name, model, x):
    model.eval()
    # Equal initial values would be written once.
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
        for key, buffer in model.named_buffers():
            if "running" in key:
                buffer.add_(0.1 * torch.rand_like(buffer))
    torch.onnx.export(
        model, (x,), str(folder / f"{name}.onnx"), opset_version=17, input_names=["x"], dynamic_axes={"x": {0: "batch"}},
        do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE)
    y = model(x)
    torch.nn.functional.cross_entropy(y, torch.arange(len(x))).backward()
    np.save(folder / f"{name}.x.npy", x.numpy().astype(np.float32 if x.is_floating_point() else np.int32))
    np.save(folder / f"{name}.y.npy", y.detach().numpy())
    np.savez(folder / f"{name}.gradients.npz", **{k: p.grad.numpy() for k, p in model.named_parameters()})


warnings.filterwarnings("ignore")
torch.manual_seed(0)
folder = pathlib.Path(sys.argv[1])
image = torch.randn(2, 3, 64, 64)
export(folder, "resnet18", torchvision.models.resnet18(), image)
export(folder, "mobilenet_v2", torchvision.models.mobilenet_v2(), image)
export(folder, "encoder", Encoder(), torch.randint(0, 50, (2, 7)))
export(folder, "lstm", Recurrent(), torch.randn(2, 9, 8))
