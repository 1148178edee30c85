"""PyTorch's parameters after ten steps of its optimisers."""

import torch

from pytorch_case import other, values, write

COUNT = 70


def run(name, make):
    parameters = torch.nn.Parameter(values((COUNT,), 1))
    optimizer = make([parameters])
    for step in range(10):
        parameters.grad = values((COUNT,), 10 + step)
        optimizer.step()
    other(name, parameters=parameters)


optim = torch.optim
run("sgd", lambda p: optim.SGD(p, lr=0.05, momentum=0.9))
run("sgd, l2", lambda p: optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.1))
run("sgd, nesterov", lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1))
run("adam, l2", lambda p: optim.Adam(p, lr=0.05, weight_decay=0.1))
run("adamw", lambda p: optim.AdamW(p, lr=0.05, weight_decay=0.1))
run("rmsprop", lambda p: optim.RMSprop(p, lr=0.05))
run(
    "rmsprop, centered",
    lambda p: optim.RMSprop(p, lr=0.05, alpha=0.9, momentum=0.5, centered=True, weight_decay=0.1),
)

write()
