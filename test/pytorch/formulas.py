"""PyTorch's numbers for functions element by element, and reductions."""

import torch
import torch.nn.functional as F

from pytorch_case import case, write

shape = (1, 2, 3, 5)

functions = {
    "exp": torch.exp,
    "log": lambda x: torch.log(x.abs()),
    "sqrt": lambda x: torch.sqrt(x.abs()),
    "rsqrt": lambda x: torch.rsqrt(x.abs()),
    "square": torch.square,
    "abs": torch.abs,
    "pow 3": lambda x: x**3,
    "pow -2.5": lambda x: x.abs() ** -2.5,
    "pow 7": lambda x: x**7,
    "clip": lambda x: x.clamp(-2, 5),
    "sigmoid": torch.sigmoid,
    "logSigmoid": F.logsigmoid,
    "tanh": torch.tanh,
    "leakyRelu": lambda x: F.leaky_relu(x, 0.2),
    "elu": lambda x: F.elu(x, 1.5),
    "gelu": F.gelu,
    "gelu tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "hardSwish": F.hardswish,
    "hardSigmoid": F.hardsigmoid,
    "softplus": lambda x: F.softplus(x, 2, 60),
}
for name, function in functions.items():
    case(name, lambda x: function(8 * x), shape)



def far(x):
    x = 120 * x * x.abs()
    return torch.tanh(x) + F.gelu(x) * F.softplus(x)


case("tanh, gelu and softplus of large x", far, shape)

case("sub broadcast", lambda a, b: a - b, (2, 3, 4, 5), (3, 1, 1))
case("mul broadcast", lambda a, b: a * b, (2, 1, 4, 5), (1, 3, 1, 1))
case("div broadcast", lambda a, b: a / b, (3, 4), (2, 1, 1))
case("maximum of equal ones", lambda a: torch.maximum(a.abs() * a, a * a), (2, 3, 4, 5))
case(
    "where and minimum",
    lambda a, b: torch.where(a > b, a, torch.minimum(a, b * b)),
    (2, 3, 4, 5),
    (2, 1, 4, 5),
)

case("mean over rows and columns", lambda x: x.mean((2, 3)), (2, 3, 4, 5))
case("amax with equal ones", lambda x: torch.amax(x.clamp(-0.5, 0.5), (0, 3)), (2, 3, 4, 5))
case("amin of a dense tensor", lambda x: torch.amin(x.abs().clamp(0.4, 1), (0, 2), keepdim=True), (4, 3, 5))

write()
