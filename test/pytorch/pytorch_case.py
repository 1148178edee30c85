"""What the files of this folder share: inputs by the same rule as pytorch-case.ts, and the output."""

import json
import math

import torch


def lattice(count, seed):
    """Distinct integers 0 to 2002 (they repeat after 2003), in an order that depends on the seed."""
    return [(i * 7919 + seed * 104729) % 2003 for i in range(count)]


def values(shape, seed=1):
    """Thousandths in [-1.001, 1.001]; the inputs of a case have the seeds 1, 2, ... by default."""
    numbers = [(k - 1001) / 1000 for k in lattice(math.prod(shape), seed)]
    return torch.tensor(numbers, dtype=torch.float64).float().double().reshape(shape)


def integers(shape, below, seed=1):
    """Integers from 0, such as classes."""
    return torch.tensor([k % below for k in lattice(math.prod(shape), seed)]).reshape(shape)


cases = {}


def flat(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().double().flatten().tolist()]


def case(name, compute, *shapes, seeds=None):
    """Adds a case whose inputs with gradients have these shapes: output, and the gradients of
    sum(seed * output), or of the output if it is a single number. Computed in 64 bits."""
    tensors = [
        values(shape, seeds[i] if seeds else i + 1).requires_grad_() for i, shape in enumerate(shapes)
    ]
    output = compute(*tensors)
    result = {"output": flat(output)}
    if output.requires_grad:
        seed = torch.ones_like(output) if output.numel() == 1 else values(output.shape, 99)
        gradients = torch.autograd.grad((output * seed).sum(), tensors, allow_unused=True)
        for i, gradient in enumerate(gradients):
            if gradient is not None:
                result[f"gradient {i}"] = flat(gradient)
    cases[name] = result


def other(name, **tensors):
    """Adds a case of other numbers, such as the weights after some steps of an optimiser."""
    cases[name] = {key: flat(tensor) for key, tensor in tensors.items()}


def write():
    print(json.dumps({"pytorch": torch.__version__.split("+")[0], "cases": cases}))
