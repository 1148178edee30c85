"""PyTorch's numbers for the U-Nets of other programs, rebuilt here from their descriptions.

Channels of a skip come first, and convolutions before a norm have no bias, as in src/model/unet-variant.ts.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from pytorch_case import other, values, write


def double(ins, middle, outs, step):
    return nn.Sequential(*step(ins, middle), *step(middle, outs))


class UNet(nn.Module):
    """What they share: an encoder, a bottom, a decoder. Modules are made in the order of our parameters."""

    def __init__(self, channels, classes, widths):
        super().__init__()
        depth = len(widths) - 1
        ins = [channels, *widths]
        self.encoder = nn.ModuleList(self.block(ins[i], ins[i + 1], widths[i], i) for i in range(depth))
        self.bottom = self.block(widths[-2], widths[-1], self.below(widths, depth), depth)
        self.decoder = nn.ModuleList()
        for level in reversed(range(depth)):
            up = self.up(widths[level + 1], widths[level])
            block = self.block(2 * widths[level], widths[level], self.below(widths, level), 0)
            self.decoder.append(nn.ModuleList([up, block]))
        self.heads = nn.ModuleList(nn.Conv2d(widths[level], classes, 1) for level in self.head_levels(depth))

    def below(self, widths, level):
        return widths[level]

    def head_levels(self, depth):
        return [0]

    def down(self, x):
        return F.max_pool2d(x, 2)

    def join(self, skip, x):
        return torch.cat([skip, x], 1)

    def forward(self, x):
        skips = []
        for block in self.encoder:
            x = block(x)
            skips.append(x)
            x = self.down(x)
        x = self.bottom(x)
        maps = []
        for (up, block), skip in zip(self.decoder, reversed(skips)):
            x = block(self.join(skip, up(x)))
            maps.append(x)
        maps.reverse()
        levels = self.head_levels(len(maps))
        return [head(maps[level]) for head, level in zip(self.heads, levels)]


class Milesial(UNet):
    """Pytorch-UNet with bilinear=False: padded, batch norm, transposed convolutions."""

    def block(self, ins, middle, outs, level):
        def step(a, b):
            return nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU()

        return double(ins, middle, outs, step)

    def up(self, ins, outs):
        return nn.ConvTranspose2d(ins, outs, 2, 2)


class MilesialBilinear(Milesial):
    """Pytorch-UNet with bilinear=True: corners aligned; the block below ends in as many channels as the level has."""

    def up(self, ins, outs):
        return nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)

    def below(self, widths, level):
        return widths[max(0, level - 1)]


class TorchEm(UNet):
    """UNet2d: instance norm before each convolution, linear up-sampling and a 1x1 convolution."""

    def block(self, ins, middle, outs, level):
        def step(a, b):
            return nn.InstanceNorm2d(a), nn.Conv2d(a, b, 3, padding=1), nn.ReLU()

        return double(ins, middle, outs, step)

    def up(self, ins, outs):
        resize = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
        return nn.Sequential(resize, nn.Conv2d(ins, outs, 1))


class NnUNet(UNet):
    """Plain convolutional U-Net: strided, instance norm, leaky ReLU, deep supervision."""

    def block(self, ins, middle, outs, level):
        strides = iter([2 if level > 0 else 1, 1])

        def step(a, b):
            conv = nn.Conv2d(a, b, 3, next(strides), 1, bias=False)
            return conv, nn.InstanceNorm2d(b, affine=True), nn.LeakyReLU(0.01)

        return double(ins, middle, outs, step)

    def up(self, ins, outs):
        return nn.ConvTranspose2d(ins, outs, 2, 2)

    def down(self, x):
        return x

    def head_levels(self, depth):
        return range(max(1, depth - 1))


class StarDist(UNet):
    """csbdeep's unet_block: nearest up-sampling; the block below ends in as many channels as the level has."""

    def block(self, ins, middle, outs, level):
        def step(a, b):
            return nn.Conv2d(a, b, 3, padding=1), nn.ReLU()

        return double(ins, middle, outs, step)

    def up(self, ins, outs):
        return nn.Upsample(scale_factor=2, mode="nearest")

    def below(self, widths, level):
        return widths[max(0, level - 1)]


class ResidualBlock(nn.Module):
    def __init__(self, ins, middle, outs):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(ins, middle, 3, bias=False), nn.GroupNorm(math.gcd(8, middle), middle)
        self.conv2, self.norm2 = nn.Conv2d(middle, outs, 3, bias=False), nn.GroupNorm(math.gcd(8, outs), outs)
        self.shortcut = nn.Conv2d(ins, outs, 1) if ins != outs else nn.Identity()

    def forward(self, x):
        y = self.norm2(self.conv2(F.elu(self.norm1(self.conv1(x)))))
        return F.elu(y + self.shortcut(x[:, :, 2:-2, 2:-2]))


class Residual(UNet):
    """No padding, group norm, ELU, residual blocks."""

    def block(self, ins, middle, outs, level):
        return ResidualBlock(ins, middle, outs)

    def up(self, ins, outs):
        return nn.ConvTranspose2d(ins, outs, 2, 2)

    def join(self, skip, x):
        top, left = [(a - b) // 2 for a, b in zip(skip.shape[2:], x.shape[2:])]
        centre = skip[:, :, top : top + x.shape[2], left : left + x.shape[3]]
        return torch.cat([centre, x], 1)


def compared(name, network, shape):
    """Output, and gradients of sum(seed * output) over all heads: of the image, and the norms of all others."""
    network = network.double().train()
    parameters = list(network.parameters())
    for i, parameter in enumerate(parameters):
        own = values(parameter.shape, i + 2)
        if own.dim() > 1:
            own = (own / math.sqrt(own[0].numel())).float().double()
        parameter.data = own
    x = values(shape).requires_grad_()
    heads = network(x)
    loss = sum((head * values(head.shape, 99)).sum() for head in heads)
    gradients = torch.autograd.grad(loss, [x, *parameters])
    norms = torch.stack([gradient.norm() for gradient in gradients[1:]])
    results = {f"output{i + 1 if i else ''}": head for i, head in enumerate(heads)}
    other(name, **results, image=gradients[0], norms=norms)


def doubled(base, depth):
    return [base * 2**level for level in range(depth + 1)]


compared("milesial", Milesial(3, 2, [3, 6, 12]), (2, 3, 16, 16))
compared("milesial, bilinear", MilesialBilinear(3, 2, [4, 8, 8]), (1, 3, 16, 24))
compared("torch-em", TorchEm(2, 3, [4, 8, 16]), (1, 2, 16, 24))
compared("nnU-Net plain", NnUNet(1, 2, [3, 5, 6, 6]), (1, 1, 32, 32))
compared("StarDist", StarDist(1, 2, [4, 8, 16]), (1, 1, 16, 20))
compared("residual, valid, group norm", Residual(1, 2, [4, 8, 16]), (1, 1, 44, 48))


def count(network):
    return torch.tensor([sum(parameter.numel() for parameter in network.parameters())])


other(
    "parameters",
    milesial=count(Milesial(3, 2, doubled(64, 4))),
    milesialBilinear=count(MilesialBilinear(3, 2, [64, 128, 256, 512, 512])),
    torchEm=count(TorchEm(1, 2, doubled(32, 4))),
    nnUNet=count(NnUNet(1, 2, [min(512, width) for width in doubled(32, 7)])),
    starDist=count(StarDist(1, 2, doubled(32, 3))),
)

write()
