# Small packages of the bioimage.io zoo whose tensors are not those of one image [N,C,H,W], made by PyTorch with random
# weights, and the zoo's processing computed by NumPy. `python3 zoo_packages.py FOLDER` writes a folder for each
# package, and processing.json.

import json
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

folder = sys.argv[1]


class Star(nn.Module):
    """Channels last, half the size, two outputs: a probability and distances along four rays."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(3, 4, 3, padding=1)
        self.prob, self.dist = nn.Conv2d(4, 1, 1), nn.Conv2d(4, 4, 1)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x.permute(0, 3, 1, 2))), 2)
        x = F.relu(self.second(x))
        return torch.sigmoid(self.prob(x)).permute(0, 2, 3, 1), self.dist(x).permute(0, 2, 3, 1)


class Both(nn.Module):
    """Two inputs, two outputs, of one size."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(2, 3, 3, padding=1)
        self.out = nn.Conv2d(3, 3, 1)

    def forward(self, a, b):
        maps = self.out(F.relu(self.a(a) + self.b(b)))
        return maps[:, :1], torch.softmax(maps[:, 1:], 1)


class Plane(nn.Module):
    """One image without batch and channels, twice as large in the end."""

    def __init__(self):
        super().__init__()
        self.conv, self.out = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.conv(x[None, None]))
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        return self.out(x)[0, 0]


class Volume(nn.Module):
    """One plane of a volume."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)

    def forward(self, x):
        return self.conv(x.squeeze(2)).unsqueeze(2)


def write_package(name, network, inputs, description, sizes, opset=13):
    """Inputs as a file has them; `prepared`: what their preprocessing makes of them."""
    os.makedirs(f"{folder}/{name}", exist_ok=True)
    network.eval()
    prepared = [torch.tensor(one["prepared"], dtype=torch.float32) for one in inputs]
    with torch.no_grad():
        outputs = network(*prepared)
    outputs = list(outputs) if isinstance(outputs, tuple) else [outputs]
    names = [f"in{i}" for i in range(len(inputs))] + [f"out{i}" for i in range(len(outputs))]
    axes = {names[i]: {place: f"size{place}" for place in sizes} for i in range(len(inputs))}
    torch.onnx.export(
        network, tuple(prepared), f"{folder}/{name}/weights.onnx", opset_version=opset, dynamic_axes=axes,
        input_names=names[: len(inputs)], output_names=names[len(inputs) :],
    )
    for i, one in enumerate(inputs):
        np.save(f"{folder}/{name}/in{i}.npy", one["raw"])
    post = description.pop("post", [lambda x: x] * len(outputs))
    for i, (one, then) in enumerate(zip(outputs, post)):
        np.save(f"{folder}/{name}/out{i}.npy", then(one.numpy().astype(np.float64)).astype(np.float32))
    own = {"type": "model", "name": name, "license": "MIT", "weights": {"onnx": {"source": "weights.onnx", "opset_version": opset}}}
    # JSON is YAML.
    with open(f"{folder}/{name}/rdf.yaml", "w") as file:
        json.dump({**own, **description}, file, indent=1)


def axis(letter, size=None, names=None, halo=None):
    kinds = {"b": "batch", "c": "channel"}
    own = {"type": kinds.get(letter, "space")}
    if letter not in kinds:
        own["id"] = letter
    if letter == "c":
        own["channel_names"] = names or ["one"]
    if size is not None:
        own["size"] = size
    if halo:
        own["halo"] = halo
    return own


def side(letter, scale=None):
    if scale is None:
        return axis(letter, {"min": 8, "step": 2})
    return axis(letter, {"tensor_id": "raw", "axis_id": letter, "offset": 0}, halo=2)


random = np.random.default_rng(7)
torch.manual_seed(5)

raw = random.integers(0, 200, (1, 16, 20, 1)).astype(np.uint8)
low, high = np.percentile(raw.astype(np.float64), [1, 99.8])
write_package(
    "star",
    Star(),
    [{"raw": raw, "prepared": (raw - low) / (high - low + 1e-6)}],
    {
        "format_version": "0.5.3",
        "inputs": [{
            "id": "raw", "axes": [axis("b"), side("y"), side("x"), axis("c")], "test_tensor": {"source": "in0.npy"},
            "data": {"type": "uint8"},
            "preprocessing": [
                {"id": "ensure_dtype", "kwargs": {"dtype": "float32"}},
                {"id": "scale_range", "kwargs": {"axes": ["y", "x"], "min_percentile": 1, "max_percentile": 99.8}},
            ],
        }],
        "outputs": [
            {"id": "prob", "axes": [axis("b"), side("y", 0.5), side("x", 0.5), axis("c")], "test_tensor": {"source": "out0.npy"}},
            {"id": "dist", "axes": [axis("b"), side("y", 0.5), side("x", 0.5), axis("c", names=list("abcd"))], "test_tensor": {"source": "out1.npy"}},
        ],
    },
    [1, 2],
)

a, b = random.uniform(0, 255, (2, 1, 12, 16)), random.uniform(0, 255, (2, 2, 12, 16))
centred = (b - b.mean((2, 3), keepdims=True)) / (b.std((2, 3), keepdims=True) + 1e-6)
write_package(
    "both",
    Both(),
    [{"raw": a.astype(np.float32), "prepared": (a.astype(np.float32) - 120) / 50}, {"raw": b, "prepared": centred}],
    {
        "format_version": "0.4.10",
        "test_inputs": ["in0.npy", "in1.npy"],
        "test_outputs": ["out0.npy", "out1.npy"],
        "inputs": [
            {"name": "a", "axes": "bcyx", "data_type": "float32", "shape": {"min": [1, 1, 4, 4], "step": [0, 0, 1, 1]},
             "preprocessing": [{"name": "zero_mean_unit_variance", "kwargs": {"mode": "fixed", "axes": "xy", "mean": [120], "std": [50]}}]},
            {"name": "b", "axes": "bcyx", "data_type": "float32", "shape": {"min": [1, 2, 4, 4], "step": [0, 0, 1, 1]},
             "preprocessing": [{"name": "zero_mean_unit_variance", "kwargs": {"mode": "per_sample", "axes": "xy"}}]},
        ],
        "outputs": [
            {"name": "score", "axes": "bcyx", "shape": {"reference_tensor": "a", "scale": [1, 1, 1, 1], "offset": [0, 0, 0, 0]},
             "postprocessing": [{"name": "sigmoid"}, {"name": "scale_linear", "kwargs": {"gain": 2, "offset": -1, "axes": "xy"}}]},
            {"name": "classes", "axes": "bcyx", "shape": {"reference_tensor": "a", "scale": [1, 1, 1, 1], "offset": [0, 0, 0, 0]},
             "postprocessing": [{"name": "binarize", "kwargs": {"threshold": 0.5}}]},
        ],
        "post": [lambda x: 2 / (1 + np.exp(-x)) - 1, lambda x: x > 0.5],
    },
    [0, 2, 3],
    opset=11,
)

raw = random.integers(0, 4000, (14, 10)).astype(np.uint16)
write_package(
    "plane",
    Plane(),
    [{"raw": raw, "prepared": np.clip(raw, 100, 3000) / 1500 - 1}],
    {
        "format_version": "0.5.4",
        "inputs": [{
            "id": "raw", "axes": [side("y"), side("x")], "test_tensor": {"source": "in0.npy"}, "data": {"type": "uint16", "range": [0, 4095]},
            "preprocessing": [
                {"id": "clip", "kwargs": {"min": 100, "max": 3000}},
                {"id": "scale_linear", "kwargs": {"gain": 1 / 1500, "offset": -1}},
            ],
        }],
        "outputs": [{"id": "out", "axes": [side("y", 2), side("x", 2)], "test_tensor": {"source": "out0.npy"},
                     "postprocessing": [{"id": "ensure_dtype", "kwargs": {"dtype": "float32"}}]}],
    },
    [0, 1],
)

raw = random.uniform(0, 1, (1, 2, 1, 9, 11))
low, high = raw.min((2, 3, 4), keepdims=True), raw.max((2, 3, 4), keepdims=True)
scaled = (raw - low) / (high - low + 1e-6)
write_package(
    "volume",
    Volume(),
    [{"raw": raw.astype(np.float32), "prepared": scaled}],
    {
        "format_version": "0.5.0",
        "inputs": [{
            "id": "raw", "axes": [axis("b"), axis("c", names=["a", "b"]), axis("z", 1), side("y"), side("x")], "test_tensor": {"source": "in0.npy"},
            "preprocessing": [{"id": "scale_range", "kwargs": {"axes": ["z", "y", "x"]}}],
        }],
        "outputs": [{"id": "out", "axes": [axis("b"), axis("c", names=["a", "b"]), axis("z", 1), side("y", 1), side("x", 1)], "test_tensor": {"source": "out0.npy"},
                     "postprocessing": [{"id": "softmax", "kwargs": {"axis": "channel"}}]}],
        "post": [lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True)],
    },
    [3, 4],
)

# The specification's steps, on an array [2,3,4,5], computed by NumPy.
x = np.round(random.normal(3, 40, (2, 3, 4, 5)), 3)
other = np.round(random.normal(-5, 7, (2, 3, 4, 5)), 3)
yx, cyx, every = (2, 3), (1, 2, 3), (0, 1, 2, 3)


def standard(axes, eps=1e-6):
    return (x - x.mean(axes, keepdims=True)) / (x.std(axes, keepdims=True) + eps)


def ranged(axes, low, high, eps=1e-6, of=x):
    least, most = np.percentile(of, [low, high], axis=axes, keepdims=True)
    return (x - least) / (most - least + eps)


def column(*values):
    return np.array(values).reshape(1, -1, 1, 1)


steps = [
    ("binarize", {"threshold": 3}, x > 3),
    ("binarize", {"threshold": [0, 5, 9], "axis": "channel"}, x > column(0, 5, 9)),
    ("clip", {"min": -10, "max": 20}, x.clip(-10, 20)),
    ("clip", {"min": 0}, x.clip(0, None)),
    ("clip", {"min_percentile": 10, "max_percentile": 80, "axes": ["y", "x"]},
     np.clip(x, *np.percentile(x, [10, 80], axis=yx, keepdims=True))),
    ("scale_linear", {"gain": 2, "offset": -1}, x * 2 - 1),
    ("scale_linear", {"gain": [1, 2, 3], "offset": [0.5], "axes": "yx"}, x * column(1, 2, 3) + 0.5),
    ("scale_linear", {"gain": [1, 2, 3, 4, 5], "offset": 1, "axis": "x"}, x * np.array([1, 2, 3, 4, 5.0]) + 1),
    ("sigmoid", {}, 1 / (1 + np.exp(-x))),
    ("softmax", {"axis": "channel"}, np.exp(x - x.max(1, keepdims=True)) / np.exp(x - x.max(1, keepdims=True)).sum(1, keepdims=True)),
    ("softmax", {"axis": "x"}, np.exp(x - x.max(3, keepdims=True)) / np.exp(x - x.max(3, keepdims=True)).sum(3, keepdims=True)),
    ("zero_mean_unit_variance", {"mode": "fixed", "mean": [1, 2, 3], "std": [4, 5, 6], "axes": "xy"}, (x - column(1, 2, 3)) / column(4, 5, 6)),
    ("zero_mean_unit_variance", {"mean": 3, "std": 2, "axes": "cxy"}, (x - 3) / 2),
    ("zero_mean_unit_variance", {"mode": "per_sample", "axes": "xy"}, standard(yx)),
    ("zero_mean_unit_variance", {"mode": "per_sample", "axes": "cxy", "eps": 0.5}, standard(cyx, 0.5)),
    ("zero_mean_unit_variance", {"mode": "per_dataset", "axes": "bcxy"}, standard(every)),
    ("zero_mean_unit_variance", {"axes": ["batch", "y", "x"]}, standard((0, 2, 3))),
    ("zero_mean_unit_variance", {"axes": ["channel"]}, standard((1,))),
    ("zero_mean_unit_variance", {}, standard(every)),
    ("fixed_zero_mean_unit_variance", {"mean": 7, "std": 3}, (x - 7) / 3),
    ("fixed_zero_mean_unit_variance", {"mean": [1, 2, 3], "std": [4, 5, 6], "axis": "channel"}, (x - column(1, 2, 3)) / column(4, 5, 6)),
    ("scale_range", {}, ranged(every, 0, 100)),
    ("scale_range", {"mode": "per_sample", "axes": "xy", "min_percentile": 1, "max_percentile": 99.8}, ranged(yx, 1, 99.8)),
    ("scale_range", {"axes": ["channel", "y", "x"], "min_percentile": 25, "max_percentile": 75, "eps": 0.1}, ranged(cyx, 25, 75, 0.1)),
    ("scale_range", {"axes": ["y", "x"], "reference_tensor": "other"}, ranged(yx, 0, 100, of=other)),
    ("scale_mean_variance", {"mode": "per_sample", "axes": "xy", "reference_tensor": "other"},
     standard(yx) * (other.std(yx, keepdims=True) + 1e-6) + other.mean(yx, keepdims=True)),
    ("ensure_dtype", {"dtype": "float32"}, x.astype(np.float32)),
    ("ensure_dtype", {"dtype": "int16"}, x.astype(np.int16)),
    ("ensure_dtype", {"dtype": "uint8"}, x.astype(np.int64).astype(np.uint8)),
    ("ensure_dtype", {"dtype": "bool"}, x.astype(bool)),
    ("cast", {"dtype": "int32"}, x.astype(np.int32)),
]
numbers = lambda values: [float(f"{value:.12g}") for value in np.asarray(values, dtype=np.float64).ravel()]
# A third of each result, to keep the file small.
cases = [{"id": name, "kwargs": kwargs, "result": numbers(result)[::3]} for name, kwargs, result in steps]
with open(f"{folder}/processing.json", "w") as file:
    json.dump({"shape": list(x.shape), "x": numbers(x), "other": numbers(other), "cases": cases}, file)
    file.write("\n")
