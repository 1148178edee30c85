"""PyTorch's numbers for the ops of the built-in networks."""

import torch.nn.functional as F

from pytorch_case import case, integers, values, write

case("conv2d valid, relu", lambda x, w, b: F.conv2d(x, w, b).relu(), (2, 3, 7, 9), (4, 3, 3, 3), (4,))
case(
    "conv2d same 5x5",
    lambda x, w, b: F.conv2d(x, w, b, padding=2),
    (1, 2, 6, 35),
    (3, 2, 5, 5),
    (3,),
)
case("maxPool2d 2x2", lambda x: F.max_pool2d(x, 2), (2, 3, 6, 10))
case(
    "upConv2d 2x2",
    lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2),
    (2, 4, 3, 5),
    (4, 3, 2, 2),
    (3,),
)
case("softmax of channels", lambda x: F.softmax(4 * x, 1), (2, 3, 4, 5))


def weighted(x):
    labels = integers((2, 4, 5), 3, 2)
    weights = values((2, 4, 5), 3).abs()
    loss = F.cross_entropy(x, labels, reduction="none")
    return (weights * loss).sum() / (weights > 0).sum()


case("weightedCrossEntropy", weighted, (2, 3, 4, 5))

write()
