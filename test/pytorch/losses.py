"""PyTorch's numbers for losses, and for softmax and its relatives."""

import torch
import torch.nn.functional as F

from pytorch_case import case, integers, values, write

shape = (2, 3, 4, 5)
labels = integers((2, 4, 5), 3, 2)
positive = values(shape, 7).abs()

case("softmax of rows", lambda x: F.softmax(9 * x, 2), shape)
case("softmax of a dense tensor", lambda x: F.softmax(9 * x, -1), (4, 6))
case("logSoftmax of channels", lambda x: F.log_softmax(200 * x, 1), shape)
case("logSoftmax of columns", lambda x: F.log_softmax(9 * x, 3), shape)
case("logSumExp", lambda x: torch.logsumexp(99 * x, (2, 3)), shape)

weights = torch.tensor([0.5, 2.0, 1.25]).double()
options = {
    "plain": {},
    "weighted": {"weight": weights},
    "smoothed, weighted, ignoring": {"weight": weights, "label_smoothing": 0.1, "ignore_index": 1},
    "sum": {"reduction": "sum", "ignore_index": 2},
    "none": {"reduction": "none", "label_smoothing": 0.2},
}
for name, given in options.items():
    case(f"crossEntropy {name}", lambda x: F.cross_entropy(20 * x, labels, **given), shape)
case("crossEntropy of dense logits", lambda x: F.cross_entropy(x, integers((6,), 4)), (6, 4))
case("crossEntropy of 3 axes", lambda x: F.cross_entropy(x, integers((2, 5), 3)), (2, 3, 5))
case(
    "crossEntropy of soft labels",
    lambda x, t: F.cross_entropy(x, t.square(), weight=weights, label_smoothing=0.1),
    shape,
    shape,
)

bce = F.binary_cross_entropy_with_logits
case("bceWithLogits", lambda x, t: bce(99 * x, t.abs()), shape, shape)
case(
    "bceWithLogits weighted",
    lambda x: bce(x, positive, weight=positive, pos_weight=weights.reshape(3, 1, 1), reduction="sum"),
    shape,
)


def focal(x):
    hard = (positive > 0.5).double()
    p = torch.sigmoid(x)
    right = p * hard + (1 - p) * (1 - hard)
    balance = 0.25 * hard + 0.75 * (1 - hard)
    return (balance * (1 - right) ** 2 * bce(x, hard, reduction="none")).mean()


def tversky(x, axes, alpha, beta):
    p = torch.sigmoid(x)
    hits = (p * positive).sum(axes)
    wrong = alpha * (p * (1 - positive)).sum(axes) + beta * ((1 - p) * positive).sum(axes)
    return 1 - (hits + 1) / (hits + wrong + 1)


def dice(x):
    p = torch.sigmoid(x)
    total = 2 * (p * positive).sum((2, 3)) + 1
    return (1 - total / (p.sum((2, 3)) + positive.sum((2, 3)) + 1)).mean()


case("focal", focal, shape)
case("dice", dice, shape)
case("tversky of the batch", lambda x: tversky(x, (0, 2, 3), 0.3, 0.7), shape)
case("l1Loss", lambda a, b: F.l1_loss(a, b), shape, shape)
case("mseLoss", lambda a, b: F.mse_loss(a, b, reduction="sum"), shape, shape)
case("smoothL1Loss", lambda a, b: F.smooth_l1_loss(a, b, beta=0.5), shape, shape)
case(
    "a sum of losses with factors",
    lambda x: 0.3 * F.cross_entropy(x, labels) + 2 * F.mse_loss(x, positive),
    shape,
)

write()
