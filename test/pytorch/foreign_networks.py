# Small networks of each family that is recognised by its names, with random weights: their files, and what they
# compute. `python3 foreign_networks.py FOLDER` writes <family>.pt and networks.json.

import json
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

SIZE = 32


class NucleiUNet(nn.Module):
    """Names of unet2d_nuclei_broad: one ReLU after two convolutions."""

    def __init__(self, base=2, depth=2):
        super().__init__()
        widths = [base * 2**i for i in range(depth + 1)]
        pair = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.Conv2d(o, o, 3, padding=1), nn.ReLU())
        self.encoders = nn.ModuleList(pair(i, o) for i, o in zip([1] + widths, widths[:-1]))
        self.base = pair(widths[-2], widths[-1])
        up = widths[::-1]
        self.upsamplers = nn.ModuleList(
            nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(i, o, 1)) for i, o in zip(up, up[1:])
        )
        self.decoders = nn.ModuleList(pair(2 * o, o) for o in up[1:])
        self.output = nn.Conv2d(base, 1, 1)

    def forward(self, x):
        skips = []
        for block in self.encoders:
            x = block(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.base(x)
        for up, block, skip in zip(self.upsamplers, self.decoders, skips[::-1]):
            x = block(torch.cat([skip, up(x)], 1))
        return self.output(x)


class DoubleConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        layer = lambda a, b: [nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]
        self.double_conv = nn.Sequential(*layer(i, o), *layer(o, o))

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(i, o))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, i, o, bilinear):
        super().__init__()
        self.up = (
            nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            if bilinear
            else nn.ConvTranspose2d(i, i // 2, 2, stride=2)
        )
        self.conv = DoubleConv(i + o if bilinear else i, o)

    def forward(self, x, skip):
        return self.conv(torch.cat([skip, self.up(x)], 1))


class OutConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 1)

    def forward(self, x):
        return self.conv(x)


class Milesial(nn.Module):
    def __init__(self, bilinear=False, base=2, depth=2, channels=3, classes=2):
        super().__init__()
        widths = [base * 2**i for i in range(depth + 1)]
        self.depth = depth
        self.inc = DoubleConv(channels, base)
        for k in range(depth):
            setattr(self, f"down{k + 1}", Down(widths[k], widths[k + 1]))
            up = widths[::-1]
            setattr(self, f"up{k + 1}", Up(up[k], up[k + 1], bilinear))
        self.outc = OutConv(base, classes)

    def forward(self, x):
        skips = [self.inc(x)]
        for k in range(self.depth):
            skips.append(getattr(self, f"down{k + 1}")(skips[-1]))
        x = skips.pop()
        for k in range(self.depth):
            x = getattr(self, f"up{k + 1}")(x, skips.pop())
        return self.outc(x)


class Brain(nn.Module):
    """Names of mateuszbuda's brain-segmentation-pytorch; without its sigmoid."""

    def __init__(self, base=2, depth=2, channels=3):
        super().__init__()
        self.depth = depth
        widths = [base * 2**i for i in range(depth + 1)]

        def pair(prefix, i, o):
            layers = []
            for k, ins in ((1, i), (2, o)):
                layers += [(f"{prefix}conv{k}", nn.Conv2d(ins, o, 3, padding=1, bias=False))]
                layers += [(f"{prefix}norm{k}", nn.BatchNorm2d(o)), (f"{prefix}relu{k}", nn.ReLU())]
            block = nn.Sequential()
            for name, layer in layers:
                block.add_module(name, layer)
            return block

        for k in range(1, depth + 1):
            ins = channels if k == 1 else widths[k - 2]
            setattr(self, f"encoder{k}", pair(f"enc{k}", ins, widths[k - 1]))
            setattr(self, f"upconv{k}", nn.ConvTranspose2d(widths[k], widths[k - 1], 2, stride=2))
            setattr(self, f"decoder{k}", pair(f"dec{k}", 2 * widths[k - 1], widths[k - 1]))
        self.bottleneck = pair("bottleneck", widths[depth - 1], widths[depth])
        self.conv = nn.Conv2d(base, 1, 1)

    def forward(self, x):
        skips = []
        for k in range(1, self.depth + 1):
            x = getattr(self, f"encoder{k}")(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottleneck(x)
        for k in range(self.depth, 0, -1):
            x = getattr(self, f"decoder{k}")(torch.cat([getattr(self, f"upconv{k}")(x), skips.pop()], 1))
        return self.conv(x)


class EmBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        layer = lambda a, b: [nn.InstanceNorm2d(a), nn.Conv2d(a, b, 3, padding=1), nn.ReLU()]
        self.block = nn.Sequential(*layer(i, o), *layer(o, o))

    def forward(self, x):
        return self.block(x)


class EmUp(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False))


class EmUNet(nn.Module):
    """Names of torch-em's UNet2d."""

    def __init__(self, base=2, depth=2, classes=2):
        super().__init__()
        widths = [base * 2**i for i in range(depth + 1)]
        up = widths[::-1]
        self.encoder = nn.Module()
        self.encoder.blocks = nn.ModuleList(EmBlock(i, o) for i, o in zip([1] + widths, widths[:-1]))
        self.base = EmBlock(widths[-2], widths[-1])
        self.decoder = nn.Module()
        self.decoder.blocks = nn.ModuleList(EmBlock(i, o) for i, o in zip(up, up[1:]))
        self.decoder.samplers = nn.ModuleList(EmUp(i, o) for i, o in zip(up, up[1:]))
        self.out_conv = nn.Conv2d(base, classes, 1)

    def forward(self, x):
        skips = []
        for block in self.encoder.blocks:
            x = block(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.base(x)
        for up, block in zip(self.decoder.samplers, self.decoder.blocks):
            x = block(torch.cat([up(x), skips.pop()], 1))
        return self.out_conv(x)


class NnLayer(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 3, stride=stride, padding=1)
        self.norm = nn.InstanceNorm2d(o, affine=True)
        # The names of the same layers once more, as its modules save them.
        self.all_modules = nn.Sequential(self.conv, self.norm)

    def forward(self, x):
        return F.leaky_relu(self.all_modules(x), 0.01)


class NnStack(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.convs = nn.Sequential(NnLayer(i, o, stride), NnLayer(o, o, 1))

    def forward(self, x):
        return self.convs(x)


class NnUNet(nn.Module):
    """Names of nnU-Net's plain U-Net, with the outputs of deep supervision that prediction does not use."""

    def __init__(self, base=2, depth=2, classes=3):
        super().__init__()
        widths = [base * 2**i for i in range(depth + 1)]
        up = widths[::-1]
        self.encoder = nn.Module()
        self.encoder.stages = nn.ModuleList(
            nn.Sequential(NnStack(i, o, 1 if k == 0 else 2)) for k, (i, o) in enumerate(zip([1] + widths, widths))
        )
        self.decoder = nn.Module()
        self.decoder.stages = nn.ModuleList(NnStack(2 * o, o, 1) for o in up[1:])
        self.decoder.transpconvs = nn.ModuleList(nn.ConvTranspose2d(i, o, 2, stride=2) for i, o in zip(up, up[1:]))
        self.decoder.seg_layers = nn.ModuleList(nn.Conv2d(o, classes, 1) for o in up[1:])

    def forward(self, x):
        skips = []
        for stage in self.encoder.stages:
            x = stage(x)
            skips.append(x)
        skips.pop()
        for transpconv, stage in zip(self.decoder.transpconvs, self.decoder.stages):
            x = stage(torch.cat([transpconv(x), skips.pop()], 1))
        return self.decoder.seg_layers[-1](x)


def scattered(module):
    """Norms as after a training, so that each of their numbers counts."""
    for name, tensor in module.state_dict().items():
        # A mean far above what the layers before it give would leave nothing for the ReLU after it.
        if tensor.dtype.is_floating_point and tensor.dim() == 1 and not name.endswith(("bias", "running_mean")):
            tensor.copy_(torch.rand_like(tensor) + 0.5)
        elif tensor.dtype.is_floating_point:
            tensor.add_(0.1 * torch.randn_like(tensor))
    return module.eval()


def main(folder):
    torch.manual_seed(3)
    networks = {
        "nuclei": NucleiUNet(),
        "milesial": Milesial(),
        "milesial-bilinear": Milesial(bilinear=True),
        "brain": Brain(),
        "torch-em": EmUNet(),
        "nnunet": NnUNet(),
    }
    results = {}
    for name, network in networks.items():
        scattered(network)
        state = network.state_dict()
        channels = next(t for t in state.values() if t.dim() == 4).shape[1]
        x = torch.randn(1, channels, SIZE, SIZE)
        x = (x * 1000).round() / 1000
        with torch.no_grad():
            y = network(x)
        # The ways in which scripts save weights.
        if name == "brain":
            state = {"epoch": 7, "state_dict": {f"module.{key}": value for key, value in state.items()}}
        torch.save(state, f"{folder}/{name}.pt", _use_new_zipfile_serialization=name != "torch-em")
        corner = y[0, :, : SIZE // 2 : 3, 1 : SIZE // 2 : 3].double()
        results[name] = {
            "x": [int(round(v * 1000)) for v in x.flatten().tolist()],
            "shape": list(y.shape),
            "mean": y.double().mean().item(),
            "corner": [float(f"{v:.8g}") for v in corner.flatten().tolist()],
        }
    with open(f"{folder}/networks.json", "w") as file:
        json.dump(results, file, separators=(",", ":"))
        file.write("\n")


main(sys.argv[1])
