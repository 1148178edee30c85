"""PyTorch's numbers for norms."""

import torch
import torch.nn.functional as F

from pytorch_case import case, other, values, write

X = (2, 4, 5, 7)

case("batchNorm", lambda x, g, b: F.batch_norm(x, None, None, g, b, True), X, (4,), (4,))
case(
    "batchNorm, predicting",
    lambda x, g, b: F.batch_norm(x, values((4,), 8), values((4,), 9).abs(), g, b, False, eps=0.01),
    X,
    (4,),
    (4,),
)
# Of other sizes dy would be a linear function of x, whose gradient is 0 apart from rounding.
case("batchNorm, dense", lambda x, g, b: F.batch_norm(x, None, None, g, b, True), (16, 7), (7,), (7,))
# An even number of pixels: of an odd one, the middle value would be the mean, at the kink.
case("instanceNorm, leaky", lambda x: F.leaky_relu(F.instance_norm(x), 0.1), (2, 4, 5, 6))
case("groupNorm, relu", lambda x, g, b: F.group_norm(x, 2, g, b).relu(), X, (4,), (4,))
case("layerNorm of [C,H,W]", lambda x, g, b: F.layer_norm(x, X[1:], g, b), X, X[1:], X[1:])
case("layerNorm of [W]", lambda x, g, b: F.layer_norm(x, X[3:], g, b), X, X[3:], X[3:])
case("layerNorm, dense", lambda x, g, b: F.layer_norm(x, (9,), g, b), (3, 2, 9), (9,), (9,))
case(
    "layerNorm of channels",
    lambda x, g, b: F.layer_norm(x.permute(0, 2, 3, 1), (4,), g, b).permute(0, 3, 1, 2),
    X,
    (4,),
    (4,),
)

norm = torch.nn.BatchNorm2d(4).double()
for step in range(3):
    norm(values(X, step + 1))
other("running averages", mean=norm.running_mean, variance=norm.running_var)

write()
