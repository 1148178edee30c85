# Small networks of each family that is recognised by its names, with random weights: their files, what they compute,
# and what ten steps of training make of them. `python3 foreign_networks.py FOLDER` writes <family>.pt and networks.json;
# with `--all` also other depths and widths.

import copy
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


NORMS = {
    "none": lambda channels: [],
    "instance": lambda channels: [nn.InstanceNorm2d(channels)],
    "group": lambda channels: [nn.GroupNorm(min(32, channels), channels)],
    "batch": lambda channels: [nn.BatchNorm2d(channels)],
}


class EmBlock(nn.Module):
    def __init__(self, i, o, norm):
        super().__init__()
        layer = lambda a, b: [*NORMS[norm](a), nn.Conv2d(a, b, 3, padding=1), nn.ReLU()]
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

    def __init__(self, base=2, depth=2, classes=2, norm="instance"):
        super().__init__()
        widths = [base * 2**i for i in range(depth + 1)]
        up = widths[::-1]
        self.encoder = nn.Module()
        self.encoder.blocks = nn.ModuleList(EmBlock(i, o, norm) for i, o in zip([1] + widths, widths[:-1]))
        self.base = EmBlock(widths[-2], widths[-1], norm)
        self.decoder = nn.Module()
        self.decoder.blocks = nn.ModuleList(EmBlock(i, o, norm) for i, o in zip(up, up[1:]))
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


class StarDist(nn.Module):
    """Names of StarDist's layers in Keras: poolings before the U-Net for its grid, nearest resizing, two heads."""

    def __init__(self, base=2, depth=2, grid=2, rays=4, features=4):
        super().__init__()
        self.depth, self.grid = depth, grid
        conv = lambda i, o, side=3: nn.Conv2d(i, o, side, padding=side // 2)
        ins = 1
        if grid == 2:
            self.conv2d, self.conv2d_1 = conv(1, base), conv(base, base)
            ins = base
        for n in range(depth):
            setattr(self, f"down_level_{n}_no_0", conv(ins, base * 2**n))
            setattr(self, f"down_level_{n}_no_1", conv(base * 2**n, base * 2**n))
            ins = base * 2**n
        self.middle_0 = conv(ins, base * 2**depth)
        self.middle_2 = conv(base * 2**depth, ins)
        for n in reversed(range(depth)):
            setattr(self, f"up_level_{n}_no_0", conv(ins + base * 2**n, base * 2**n))
            ins = base * 2 ** max(0, n - 1)
            setattr(self, f"up_level_{n}_no_2", conv(base * 2**n, ins))
        self.features = conv(ins, features)
        self.prob, self.dist = conv(features, 1, 1), conv(features, rays, 1)

    def forward(self, x):
        layer = lambda name, t: F.relu(getattr(self, name)(t))
        if self.grid == 2:
            x = F.max_pool2d(layer("conv2d_1", layer("conv2d", x)), 2)
        skips = []
        for n in range(self.depth):
            x = layer(f"down_level_{n}_no_1", layer(f"down_level_{n}_no_0", x))
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = layer("middle_2", layer("middle_0", x))
        for n in reversed(range(self.depth)):
            x = torch.cat([F.interpolate(x, scale_factor=2, mode="nearest"), skips.pop()], 1)
            x = layer(f"up_level_{n}_no_2", layer(f"up_level_{n}_no_0", x))
        x = self.prob(layer("features", x))
        # As large as the image, as predictions are here.
        return F.interpolate(x, scale_factor=2, mode="bilinear") if self.grid == 2 else x


def scattered(module):
    """Norms as after a training, so that each of their numbers counts."""
    for name, tensor in module.state_dict().items():
        # A mean far above what the layers before it give would leave nothing for the ReLU after it.
        if tensor.dtype.is_floating_point and tensor.dim() == 1 and not name.endswith(("bias", "running_mean")):
            tensor.copy_(torch.rand_like(tensor) + 0.5)
        elif tensor.dtype.is_floating_point:
            # No more than what a sum over the incoming connections of wide layers bears.
            spread = 0.1 if tensor.dim() == 1 else min(0.1, tensor[0].numel() ** -0.5)
            tensor.add_(spread * torch.randn_like(tensor))
    return module.eval()


STEPS = 10


def corner(y):
    half = y.shape[2] // 2
    return [float(f"{v:.8g}") for v in y[0, :, :half:3, 1:half:3].double().flatten().tolist()]


def trained(network, x, is_normed, rate):
    """Ten steps of stochastic gradient descent, in 64 bits; the losses, and the output after them."""
    network, x = copy.deepcopy(network).double(), x.double()
    network.train(is_normed)
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9)
    losses = []
    for _ in range(STEPS):
        y = network(x)
        logits = torch.cat([torch.zeros_like(y), y], 1) if y.shape[1] == 1 else y
        labels = torch.tensor([(i * 7919) % 2003 % logits.shape[1] for i in range(x.shape[2] * x.shape[3])])
        loss = F.cross_entropy(logits, labels.reshape(1, *x.shape[2:]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(f"{loss.item():.8g}"))
    network.eval()
    with torch.no_grad():
        return {"losses": losses, "after": corner(network(x))}


NETWORKS = {
    "nuclei": NucleiUNet,
    "milesial": Milesial,
    "milesial-bilinear": lambda: Milesial(bilinear=True),
    "brain": Brain,
    "torch-em": EmUNet,
    "nnunet": NnUNet,
    "torch-em-group": lambda: EmUNet(norm="group", classes=1),
    "stardist": StarDist,
}
OTHERS = {
    "nuclei, depth 4": lambda: NucleiUNet(4, 4),
    "nuclei, width 16": lambda: NucleiUNet(16, 3),
    "milesial, width 16": lambda: Milesial(base=16, depth=4, channels=1, classes=4),
    "milesial, depth 3": lambda: Milesial(base=4, depth=3, bilinear=True),
    "brain, width 32": lambda: Brain(16, 4, 3),
    "brain, depth 1": lambda: Brain(4, 1, 1),
    "torch-em, depth 4": lambda: EmUNet(8, 4),
    "torch-em, batch": lambda: EmUNet(4, 2, 3, "batch"),
    "torch-em, plain": lambda: EmUNet(4, 2, 2, "none"),
    "torch-em, groups": lambda: EmUNet(64, 1, 2, "group"),
    "nnunet, depth 4": lambda: NnUNet(4, 4, 2),
    "nnunet, width 16": lambda: NnUNet(16, 2, 2),
    "stardist, grid 1": lambda: StarDist(4, 3, 1, 32, 8),
    "stardist, depth 3": lambda: StarDist(4, 3, 2, 8, 16),
}


def main(folder, others):
    torch.manual_seed(3)
    results = {}
    for name, make in {**NETWORKS, **(OTHERS if others else {})}.items():
        network = scattered(make())
        if name in OTHERS:
            # Maps that are 0 everywhere are of no variance: norms would amplify the rounding of their training.
            for key, tensor in network.state_dict().items():
                if key.endswith("bias"):
                    tensor.add_(1)
        state = network.state_dict()
        channels = next(t for t in state.values() if t.dim() == 4).shape[1]
        # Norms of a few pixels would amplify the rounding.
        side = 2 * SIZE if "depth 4" in name or "width" in name else SIZE
        x = torch.randn(1, channels, side, side)
        x = (x * 1000).round() / 1000
        with torch.no_grad():
            y = network(x)
        # The ways in which scripts save weights.
        if name == "brain":
            state = {"epoch": 7, "state_dict": {f"module.{key}": value for key, value in state.items()}}
        torch.save(state, f"{folder}/{name}.pt", _use_new_zipfile_serialization=name != "torch-em")
        results[name] = {
            "x": [int(round(v * 1000)) for v in x.flatten().tolist()],
            "shape": list(y.shape),
            "mean": y.double().mean().item(),
            "corner": corner(y),
            "norms": "trained" if any(isinstance(one, nn.BatchNorm2d) for one in network.modules()) else "frozen",
        }
        # Of wide and deep networks 32 bits of PyTorch itself go other ways at kinks of a ReLU with larger steps.
        results[name]["rate"] = rate = 0.002 if name in OTHERS else 0.01
        results[name].update(trained(network, x, results[name]["norms"] == "trained", rate))
    with open(f"{folder}/networks.json", "w") as file:
        json.dump(results, file, separators=(",", ":"))
        file.write("\n")


torch.set_num_threads(1)
main(sys.argv[1], "--all" in sys.argv)
