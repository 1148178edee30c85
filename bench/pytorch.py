# PyTorch, for bench/engines/pytorch.ts: the same U-Net, weights and tile. Reads a line of JSON that
# describes the network and names a file of floats; then a line a command, answered by a line of JSON:
#   "first" loss and gradients, in the order of the weights, into the file;  "step" one step of SGD with momentum;
#   "predict" probabilities into the file.
import json, os, sys

import numpy as np
import torch
from torch.nn import functional as F

network = json.loads(sys.stdin.readline())
tile, out, depth = network["tile"], network["out"], network["depth"]


def device_of(kind):
    """The processor, or the GPU that PyTorch sees: in 32 bits, as the others compute."""
    if kind == "cpu":
        return "cpu"
    if torch.cuda.is_available():
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.benchmark = True
        return "cuda"
    mps = getattr(torch.backends, "mps", None)
    if mps and mps.is_available():
        return "mps"
    print(json.dumps({"problem": f"PyTorch {torch.__version__} sees no GPU"}), flush=True)
    sys.exit()


device = device_of(network["device"])
floats = np.fromfile(network["file"], "f4")
begin = 0


def take(shape):
    global begin
    count = int(np.prod(shape))
    begin += count
    return torch.from_numpy(floats[begin - count : begin].reshape(shape).copy()).to(device)


parameters = {name: take(shape).requires_grad_() for name, shape in network["weights"]}
image, label, weight = take([1, 1, tile, tile]), take([1, out, out]).long(), take([1, out, out])
optimizer = torch.optim.SGD(parameters.values(), lr=network["rate"], momentum=network["momentum"])


def logits():
    def conv(t, name):
        return F.relu(F.conv2d(t, parameters[f"{name}.weight"], parameters[f"{name}.bias"]))

    def block(t, name):
        return conv(conv(t, f"{name}.conv1"), f"{name}.conv2")

    t, skips = image, []
    for level in range(1, depth + 1):
        t = block(t, f"encoder{level}")
        skips.append(t)
        t = F.max_pool2d(t, 2)
    t = block(t, "bottleneck")
    for level in range(depth, 0, -1):
        up = f"decoder{level}.up"
        t = F.conv_transpose2d(t, parameters[f"{up}.weight"], parameters[f"{up}.bias"], stride=2)
        skip, side = skips.pop(), t.shape[2]
        edge = (skip.shape[2] - side) // 2
        t = block(torch.cat([skip[:, :, edge : edge + side, edge : edge + side], t], 1), f"decoder{level}")
    return F.conv2d(t, parameters["head.weight"], parameters["head.bias"])


def step():
    """The mean of the weighted cross entropy over the pixels whose weight is above 0."""
    optimizer.zero_grad(set_to_none=True)
    loss = (F.cross_entropy(logits(), label, reduction="none") * weight).sum() / (weight > 0).sum()
    loss.backward()
    return loss


def store(arrays):
    np.concatenate([a.detach().cpu().numpy().ravel() for a in arrays]).tofile(network["file"])


def answer(**value):
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()
    print(json.dumps(value), flush=True)


answer(version=torch.__version__, threads=torch.get_num_threads())
for line in sys.stdin:
    command = line.strip()
    if command == "first":
        loss = step()
        store([p.grad for p in parameters.values()])
        answer(loss=loss.item())
    elif command == "step":
        step()
        optimizer.step()
        answer()
    elif command == "predict":
        with torch.no_grad():
            probabilities = F.softmax(logits(), 1)
        store([probabilities])
        answer()
