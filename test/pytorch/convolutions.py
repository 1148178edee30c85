"""PyTorch's numbers for convolutions, transposed convolutions and matrix products."""

from itertools import product

import torch
import torch.nn.functional as F

from pytorch_case import case, write

X = (1, 4, 5, 7)

# Every combination of kernel, stride, dilation, groups and padding by side.
for kernel, stride, dilation, groups, padding in product(
    [(3, 3), (2, 3)], [(1, 1), (2, 2)], [(1, 1), (2, 1)], [1, 2], [(0, 0, 0, 0), (1, 2, 3, 1)]
):
    top, left, bottom, right = padding

    def convolve(x, w, b):
        padded = F.pad(x, (left, right, top, bottom))
        return F.conv2d(padded, w, b, stride=stride, dilation=dilation, groups=groups)

    name = f"conv2d {list(kernel)} {list(stride)} {list(dilation)} {groups} {list(padding)}"
    case(name.replace(" ", ""), convolve, X, (2, 4 // groups) + kernel, (2,))

case("conv2d depthwise", lambda x, w, b: F.conv2d(x, w, b, padding=1, groups=4), X, (8, 1, 3, 3), (8,))
case("conv2d same", lambda x, w: F.conv2d(x, w, padding="same", dilation=(1, 2)), X, (2, 4, 4, 2))
case("conv2d 1x5 relu", lambda x, w, b: F.conv2d(x, w, b).relu(), X, (2, 4, 1, 5), (2,))

for mode in ["reflect", "replicate", "circular"]:

    def around(x, w, b):
        return F.conv2d(F.pad(x, (2, 1, 1, 3), mode=mode), w, b)

    case(f"conv2d {mode}", around, X, (2, 4, 3, 3), (2,))

for kernel, stride, dilation, groups, (padding, more) in product(
    [(3, 3), (2, 4)], [(1, 1), (2, 3)], [(1, 1), (2, 1)], [1, 2], [((0, 0), (0, 0)), ((1, 1), (1, 0))]
):
    if more[0] >= max(stride[0], dilation[0]):
        continue

    def transposed(x, w, b):
        return F.conv_transpose2d(
            x, w, b, stride=stride, padding=padding, output_padding=more, groups=groups, dilation=dilation
        )

    name = f"convTranspose2d {list(kernel)} {list(stride)} {list(dilation)} {groups} {list(padding)} {list(more)}"
    case(name.replace(" ", ""), transposed, (1, 2, 3, 4), (2, 2 // groups) + kernel, (2,))

case("convTranspose2d 2x2 relu", lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2).relu(), (1, 2, 3, 4), (2, 3, 2, 2), (3,))

for a, b in [
    ((3, 5), (5, 4)),
    ((5,), (5,)),
    ((5,), (2, 5, 3)),
    ((2, 3, 5), (5,)),
    ((2, 1, 3, 5), (3, 5, 2)),
]:
    case(f"matmul {list(a)} {list(b)}".replace(" ", ""), torch.matmul, a, b)

case("matmul of transposed", lambda a, b: a.mT @ b.mT, (2, 5, 3), (4, 5))
case("linear", F.linear, (2, 3, 5), (4, 5), (4,))

write()
