"""Modules of PyTorch with random weights, what they compute, and whether they take back what hekla saved.

peer.py make FOLDER: writes NAME.pt for each module: its state dict, an input in hekla's layout, the output.
peer.py check FOLDER: loads NAME.safetensors into each module, strictly, and compares the outputs.
"""
import json
import sys
import zlib

import torch
from torch import nn


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.depthwise = nn.Conv2d(4, 8, 3, groups=4, bias=False)
        self.grouped = nn.Conv2d(8, 6, 1, groups=2)
        self.up = nn.ConvTranspose2d(6, 5, 2, stride=2)
        self.flat_norm = nn.BatchNorm1d(5 * 6 * 6)
        self.fc = nn.Linear(5 * 6 * 6, 4)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x.permute(0, 3, 1, 2))))
        x = torch.max_pool2d(self.depthwise(nn.functional.pad(x, (1, 1, 1, 1))), 2)
        return self.fc(self.flat_norm(torch.flatten(self.up(self.grouped(x)), 1)))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, num_layers=2, batch_first=True)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


class Gru(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 4, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(self.gru(x)[0])


MODULES = {
    "mlp": (lambda: nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3)), (4, 5)),
    "cnn": (Cnn, (2, 6, 6, 3)),
    "lstm": (Lstm, (2, 5, 3)),
    "gru": (Gru, (2, 5, 3)),
    "encoder": (lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (2, 5, 8)),
}


def made(name):
    torch.manual_seed(zlib.crc32(name.encode()))
    make, shape = MODULES[name]
    module = make()
    with torch.no_grad():
        for key, value in module.state_dict().items():
            if not key.endswith("num_batches_tracked"):
                value.uniform_(0.5, 1.5) if key.endswith("running_var") else value.uniform_(-0.5, 0.5)
    return module.eval(), torch.randn(shape)


def read_safetensors(path):
    """What safetensors.torch.load_file does, for where that package is missing."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    header.pop("__metadata__")
    return {name: torch.frombuffer(bytearray(data[slice(*entry["data_offsets"])]), dtype=torch.float32)
            .reshape(entry["shape"]) for name, entry in header.items() if entry["dtype"] == "F32"}


def main(action, folder):
    with torch.no_grad():
        for name in MODULES:
            module, x = made(name)
            y = module(x)
            if action == "make":
                torch.save({"model": module.state_dict(), "x": x, "y": y, "epoch": 3}, f"{folder}/{name}.pt")
                continue
            for parameter in module.parameters():
                parameter.zero_()
            path = f"{folder}/{name}.safetensors"
            try:
                from safetensors.torch import load_file
                state = load_file(path)
            except ImportError:
                state = read_safetensors(path)
            module.load_state_dict(state)
            difference = (module(x) - y).abs().max().item()
            if not difference <= 1e-5:
                sys.exit(f"{name}: outputs differ by {difference} after load_state_dict")
    if action == "make":
        torch.save({"w": torch.arange(4.0)}, f"{folder}/old.pt", _use_new_zipfile_serialization=False)
        torch.save(nn.Linear(1, 1), f"{folder}/module.pt")
        base = torch.arange(12)
        torch.save({"views": [base.reshape(3, 4).t(), base[5], base[2:4], torch.empty(0, 2), base.double()],
                    "flag": torch.tensor(True), "half": torch.ones(2).half()},
                   f"{folder}/views.pt", pickle_protocol=4)


main(*sys.argv[1:])
