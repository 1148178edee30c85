# Small modules of many kinds as PyTorch's exporter writes them, at several versions of the operators, and what they
# compute. `python3 onnx_modules.py FOLDER` writes <module>-<opset>.onnx, its input .npy, its output .out.npy.

import sys
import warnings

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

warnings.filterwarnings("ignore")
folder = sys.argv[1]
OPSETS = [int(one) for one in sys.argv[2:]] or [9, 10, 11, 12, 13, 14, 15, 16]


def of(compute, *layers):
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(layers)

        def forward(self, x):
            return compute(x, *self.layers)

    return Own


conv = lambda i=2, o=3, k=3, **more: nn.Conv2d(i, o, k, padding=k // 2, **more)


def sized(x, first, second):
    a = F.relu(first(x))
    b = second(F.max_pool2d(a, 2))
    return a + F.interpolate(b, size=a.shape[2:], mode="nearest")


def padded(x, first, second):
    """milesial's padding to the size of a skip."""
    a = F.relu(first(x))
    b = second(F.max_pool2d(a, 2))
    dy, dx = a.shape[2] - b.shape[2], a.shape[3] - b.shape[3]
    return torch.cat([a, F.pad(b, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])], 1)


def cropped(x, first, second):
    a = first(x)
    b = second(a)
    cut = (a.shape[2] - b.shape[2]) // 2
    return b + a[:, :, cut : cut + b.shape[2], cut : cut + b.shape[3]]


def attention(x, first, gate):
    a = first(x)
    return a * torch.sigmoid(gate(a.mean((2, 3), keepdim=True)))


def excited(x, first, down, up):
    a = first(x)
    n, c = a.shape[:2]
    weights = torch.sigmoid(up(F.relu(down(F.adaptive_avg_pool2d(a, 1).view(n, c)))))
    return a * weights.view(n, c, 1, 1)


def shuffled(x, first):
    a = first(x)
    n, c, h, w = a.shape
    return a.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


MODULES = {
    "same": of(lambda x, c: F.pad(c(F.pad(x, [1, 1, 1, 1])), [0, 0, 0, 0]), nn.Conv2d(2, 3, 3)),
    "reflect": of(lambda x, c: c(F.pad(x, [1, 2, 2, 1], mode="reflect")), nn.Conv2d(2, 3, 4)),
    "replicate": of(lambda x, c: c(F.pad(x, [1, 2, 2, 1], mode="replicate")), nn.Conv2d(2, 3, 4)),
    "reflect-conv": of(lambda x, c: c(x), nn.Conv2d(2, 3, 3, padding=1, padding_mode="reflect")),
    "grouped": of(lambda x, a, b: b(a(x)), conv(2, 4, groups=2), conv(4, 4, groups=4)),
    "dilated": of(lambda x, a: a(x), nn.Conv2d(2, 3, 3, padding=2, dilation=2)),
    "strided-up": of(lambda x, a, b: b(a(x)), nn.Conv2d(2, 4, 3, 2, 1), nn.ConvTranspose2d(4, 2, 3, 2, 1, 1)),
    "nearest": of(lambda x, a: F.interpolate(a(x), scale_factor=2, mode="nearest"), conv()),
    "linear": of(lambda x, a: F.interpolate(a(x), scale_factor=2, mode="bilinear", align_corners=False), conv()),
    "corners": of(lambda x, a: F.interpolate(a(x), scale_factor=2, mode="bilinear", align_corners=True), conv()),
    "sized": of(sized, conv(), conv(3, 3)),
    "padded": of(padded, conv(), nn.Sequential(conv(3, 3), nn.ConvTranspose2d(3, 2, 2, 2))),
    "cropped": of(cropped, conv(), nn.Conv2d(3, 3, 3)),
    "batch": of(lambda x, a, b: F.relu(b(a(x))), conv(bias=False), nn.BatchNorm2d(3)),
    "batch-first": of(lambda x, b, a: a(F.relu(b(x))), nn.BatchNorm2d(2), conv()),
    "instance": of(lambda x, a, b: F.leaky_relu(b(a(x)), 0.01), conv(), nn.InstanceNorm2d(3)),
    "instance-affine": of(lambda x, a, b: b(a(x)), conv(), nn.InstanceNorm2d(3, affine=True)),
    "instance-tracked": of(lambda x, a, b: b(a(x)), conv(), nn.InstanceNorm2d(3, affine=True, track_running_stats=True)),
    "group": of(lambda x, a, b: b(a(x)), conv(2, 4), nn.GroupNorm(2, 4)),
    "layer": of(lambda x, a, b: b(a(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2), conv(2, 4), nn.LayerNorm(4)),
    "softmax": of(lambda x, a: torch.softmax(a(x), 1), conv()),
    "log-softmax": of(lambda x, a: F.log_softmax(a(x), 1), conv()),
    "sigmoid": of(lambda x, a: torch.sigmoid(a(x)), conv()),
    "softmax-last": of(lambda x, a: torch.softmax(a(x), 3), conv()),
    "activations": of(
        lambda x, a, p: p(F.elu(F.hardswish(F.gelu(F.silu(F.softplus(torch.tanh(a(x)))))))), conv(), nn.PReLU(3)
    ),
    "mish": of(lambda x, a: F.mish(F.relu6(F.selu(F.celu(F.hardtanh(F.hardsigmoid(a(x))))))), conv()),
    "attention": of(attention, conv(), nn.Conv2d(3, 3, 1)),
    "excited": of(excited, conv(2, 4), nn.Linear(4, 2), nn.Linear(2, 4)),
    "average": of(lambda x, a: F.avg_pool2d(a(x), 3, 1, 1), conv()),
    "average-outside": of(lambda x, a: F.avg_pool2d(a(x), 2, 2, count_include_pad=False), conv()),
    "pool-ceil": of(lambda x, a: F.max_pool2d(a(x), 3, 2, 1, ceil_mode=True), conv()),
    "shuffle": of(lambda x, a: F.pixel_shuffle(a(x), 2), conv(2, 8)),
    "channel-shuffle": of(shuffled, conv(2, 4)),
    "split": of(lambda x, a: torch.cat([b.abs() * 0.5 for b in torch.chunk(a(x), 2, 1)], 1), conv(2, 4)),
    "index": of(lambda x, a: a(x)[:, 1:3] - x[:, :1], conv(2, 4)),
    "flip": of(lambda x, a: torch.flip(a(torch.flip(x, [3])), [3]), conv()),
    "arithmetic": of(lambda x, a: ((a(x) * 2 - 1) / 3).pow(2).clamp(0.1, 0.9).sqrt() + torch.exp(-x[:, :1]), conv()),
    "normalised": of(lambda x, a: a((x - x.mean((1, 2, 3), keepdim=True)) / (x.std((1, 2, 3), keepdim=True) + 1e-5)), conv()),
    "constants": of(lambda x, a, b: b(a(x) * torch.tensor([1.0, 2, 3]).view(1, 3, 1, 1) + 2) + 2 * a(x), conv(), conv(3, 3)),
    "maximum": of(lambda x, a, b: torch.maximum(a(x), b(x)) + torch.minimum(a(x), b(x)), conv(), conv()),
    "where": of(lambda x, a: torch.where(a(x) > 0, a(x), 0.3 * a(x)), conv()),
    "half-pixels": of(lambda x, a: F.interpolate(a(F.interpolate(x, scale_factor=0.5, mode="bilinear")), scale_factor=2.0), conv()),
    "expanded": of(lambda x, a: a(x) + F.adaptive_avg_pool2d(a(x), 1).expand_as(a(x)), conv()),
    "matmul": of(lambda x, a: (a(x).flatten(2).transpose(1, 2) @ torch.eye(3)).transpose(1, 2).reshape(x.shape[0], 3, x.shape[2], x.shape[3]), conv()),
    "norm": of(lambda x, a: F.normalize(a(x), dim=1), conv()),
    "coordinates": of(lambda x, a: a(x) + torch.arange(3).view(1, 3, 1, 1).float(), conv()),
    "upsampling-module": of(lambda x, a, u: u(a(x)), conv(), nn.UpsamplingBilinear2d(scale_factor=2)),
    "adaptive": of(lambda x, a: a(x) + F.interpolate(F.adaptive_avg_pool2d(a(x), (2, 2)), x.shape[2:], mode="bilinear"), conv()),
}

# What PyTorch writes for them are other numbers: linear resizing of opsets 9 and 10 has another rule. The exporter of
# version 1.13 also cuts circular padding at the wrong places.
DIFFERENT = {("linear", 9), ("linear", 10), ("half-pixels", 9), ("half-pixels", 10)}

names = list(MODULES)
for name in names:
    torch.manual_seed(names.index(name) + 1)
    network = MODULES[name]()
    for key, tensor in network.state_dict().items():
        if tensor.dtype.is_floating_point and tensor.dim() == 1:
            tensor.copy_(torch.rand_like(tensor) + 0.3)
    network.eval()
    x = torch.randn(1, 2, 12, 16)
    with torch.no_grad():
        y = network(x)
    for opset in OPSETS:
        if (name, opset) in DIFFERENT:
            continue
        path = f"{folder}/{name}-{opset}"
        try:
            torch.onnx.export(
                network, x, f"{path}.onnx", opset_version=opset, input_names=["x"], output_names=["y"],
                dynamic_axes={"x": {0: "n", 2: "h", 3: "w"}, "y": {0: "n", 2: "h", 3: "w"}},
            )
        except Exception as error:
            print(f"{name} {opset}: PyTorch does not write it: {str(error).strip().splitlines()[0][:90]}")
            continue
        np.save(f"{path}.npy", x.numpy())
        np.save(f"{path}.out.npy", y.numpy())
