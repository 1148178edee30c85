"""Computes the programs of program.ts, JSON on the standard input, by PyTorch in 64 bits."""

import json
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, sys.path[0] + "/..")
from pytorch_case import flat


def around(x, sides, mode="zeros"):
    """Padding by side [top, left, bottom, right]."""
    top, left, bottom, right = sides
    if mode in ("zeros", "zero"):
        return F.pad(x, (left, right, top, bottom))
    return F.pad(x, (left, right, top, bottom), mode=mode)


def conv2d(tensors, isBiased=True, stride=1, dilation=1, groups=1, sides=(0, 0, 0, 0), paddingMode="zeros", activation="none", padding=None):
    x, w, *rest = tensors
    b = rest.pop(0) if isBiased else None
    if rest:
        skip = rest[0]
        top, left = (skip.shape[2] - x.shape[2]) // 2, (skip.shape[3] - x.shape[3]) // 2
        x = torch.cat([skip[:, :, top : top + x.shape[2], left : left + x.shape[3]], x], 1)
    y = F.conv2d(around(x, sides, paddingMode), w, b, stride, 0, dilation, groups)
    return y.relu() if activation == "relu" else y


def conv_transpose2d(tensors, activation="none", outputPadding=0, **options):
    y = F.conv_transpose2d(*tensors, output_padding=outputPadding, **options)
    return y.relu() if activation == "relu" else y


def max_pool(x, kernel, stride, sides, dilation, ceilMode=False):
    top, left, bottom, right = sides
    if (top, left) == (bottom, right):
        return F.max_pool2d(x, kernel, stride, (top, left), dilation, ceilMode)
    padded = F.pad(x, (left, right, top, bottom), value=-1e30)
    return F.max_pool2d(padded, kernel, stride, 0, dilation)


def avg_pool(x, kernel, stride, sides, ceilMode=False, countIncludePad=True):
    top, left, bottom, right = sides
    if (top, left) == (bottom, right):
        return F.avg_pool2d(x, kernel, stride, (top, left), ceilMode, countIncludePad)
    y = F.avg_pool2d(around(x, sides), kernel, stride)
    if countIncludePad:
        return y
    return y / F.avg_pool2d(around(torch.ones_like(x), sides), kernel, stride)


def resize(x, mode="nearest", exact=False, size=None, scale=None, alignCorners=False):
    if mode == "linear":
        return F.interpolate(x, size, scale, mode="bilinear", align_corners=alignCorners)
    # Positions are rounded as in 32 bits.
    return F.interpolate(x.float(), size, scale, mode="nearest-exact" if exact else "nearest").double()


def activated(y, activation="none", slope=0.01):
    return {"none": lambda: y, "relu": y.relu, "leakyRelu": lambda: F.leaky_relu(y, slope)}[activation]()


def layer_norm(x, gain, bias, axes, eps):
    axes = sorted(axis % x.ndim for axis in axes)
    centred = x - x.mean(axes, keepdim=True)
    y = centred / torch.sqrt(centred.square().mean(axes, keepdim=True) + eps)
    trailing = [1] * (x.ndim - 1 - axes[-1])
    if gain is not None:
        y = y * gain.reshape(list(gain.shape) + trailing)
    return y if bias is None else y + bias.reshape(list(bias.shape) + trailing)


def norm(kind):
    def compute(tensors, epsilon=1e-5, activation="none", slope=0.01, groups=1, axes=None):
        x, *rest = tensors
        if kind == "predicting":
            mean, root, *rest = rest
        gain, bias = (list(rest) + [None, None])[:2]
        if kind == "batch":
            y = F.batch_norm(x, None, None, gain, bias, True, eps=epsilon)
        elif kind == "predicting":
            of = [1, -1] + [1] * (x.ndim - 2)
            y = (x - mean.reshape(of)) / torch.sqrt(root.square().reshape(of) + epsilon)
            y = y if gain is None else y * gain.reshape(of) + bias.reshape(of)
        elif kind == "instance":
            y = F.group_norm(x, x.shape[1], gain, bias, epsilon)
        elif kind == "group":
            y = F.group_norm(x, groups, gain, bias, epsilon)
        else:
            y = layer_norm(x, gain, bias, axes, epsilon)
        return activated(y, activation, slope)

    return compute


def axes_of(x, axes):
    return tuple(range(x.ndim)) if axes is None else tuple([axes] if isinstance(axes, int) else axes)


def reduction(function):
    return lambda t, axes=None, keepDims=False: function(t[0], axes_of(t[0], axes), keepDims)


# Gathering by the positions along an axis, as NumPy has it.
def along(x, axis, positions):
    return x.index_select(axis, torch.tensor(positions))


def padded(x, pairs, mode="zero", value=0):
    for i, (before, after) in enumerate(pairs):
        axis = x.ndim - len(pairs) + i
        size = x.shape[axis]
        positions = range(-before, size + after)
        if mode in ("zero", "constant"):
            inside = along(x, axis, [min(size - 1, max(0, p)) for p in positions])
            is_inside = torch.tensor([0 <= p < size for p in positions])
            shape = [1] * x.ndim
            shape[axis] = -1
            x = torch.where(is_inside.reshape(shape), inside, torch.tensor(float(value)).double())
            continue
        period = max(1, 2 * size - 2)
        place = {
            "reflect": lambda p: (p % period) if p % period < size else period - p % period,
            "edge": lambda p: min(size - 1, max(0, p)),
            "wrap": lambda p: p % size,
        }[mode]
        x = along(x, axis, [place(p) for p in positions])
    return x


def sliced(x, starts, ends=None, axes=None, steps=None):
    for i, axis in enumerate(axes if axes is not None else range(len(starts))):
        step = steps[i] if steps else 1
        end = None if ends is None else ends[i]
        x = along(x, axis, list(range(x.shape[axis]))[slice(starts[i], end, step)])
    return x


def matmul(tensors, transposeA=False, transposeB=False):
    a, b = tensors
    return torch.matmul(a.mT if transposeA else a, b.mT if transposeB else b)


def cross_entropy(tensors, reduction="mean", classWeights=None, ignoreIndex=-100, labelSmoothing=0.0, isImage=False):
    x, label = tensors
    if label.shape != x.shape:
        label = label.long()
        label = label[:, 0] if label.ndim == x.ndim else label
    weight = None if classWeights is None else torch.tensor(classWeights).double()
    given = {} if label.shape == x.shape else {"ignore_index": ignoreIndex}
    y = F.cross_entropy(x, label, weight, reduction=reduction, label_smoothing=labelSmoothing, **given)
    return y.unsqueeze(1) if isImage and y.ndim == 3 else y


def dice(tensors):
    p, t = torch.sigmoid(tensors[0]), tensors[1].abs()
    axes = tuple(range(2, p.ndim))
    total = (p * t).sum(axes) if axes else p * t
    both = p.sum(axes) + t.sum(axes) if axes else p + t
    return (1 - (2 * total + 1) / (both + 1)).mean()


def first(function):
    return lambda t, **options: function(t[0], **options)


OPS = {
    "conv2d": conv2d,
    "convTranspose2d": conv_transpose2d,
    "maxPool2d": first(max_pool),
    "avgPool2d": first(avg_pool),
    "adaptiveAvgPool2d": first(lambda x, size: F.adaptive_avg_pool2d(x, size)),
    "adaptiveMaxPool2d": first(lambda x, size: F.adaptive_max_pool2d(x, size)),
    "resize": first(resize),
    "batchNorm": norm("batch"),
    "predictingBatchNorm": norm("predicting"),
    "instanceNorm": norm("instance"),
    "groupNorm": norm("group"),
    "layerNorm": norm("layer"),
    "softmax": first(lambda x, axis: F.softmax(x, axis)),
    "logSoftmax": first(lambda x, axis: F.log_softmax(x, axis)),
    "logSumExp": reduction(torch.logsumexp),
    "sum": reduction(torch.sum),
    "mean": reduction(torch.mean),
    "max": reduction(torch.amax),
    "min": reduction(torch.amin),
    "add": lambda t: t[0] + t[1],
    "sub": lambda t: t[0] - t[1],
    "mul": lambda t: t[0] * t[1],
    "div": lambda t: t[0] / (t[1].square() + 0.1),
    "maximum": lambda t: torch.maximum(*t),
    "minimum": lambda t: torch.minimum(*t),
    "where": lambda t: torch.where(t[0] > t[1], t[0], 3 * t[1]),
    "relu": first(F.relu),
    "leakyRelu": first(lambda x: F.leaky_relu(x, 0.1)),
    "elu": first(F.elu),
    "gelu": first(F.gelu),
    "silu": first(F.silu),
    "hardSwish": first(F.hardswish),
    "sigmoid": first(torch.sigmoid),
    "tanh": first(torch.tanh),
    "softplus": first(F.softplus),
    "exp": first(torch.exp),
    "log": first(lambda x: torch.log(x.square() + 0.5)),
    "sqrt": first(lambda x: torch.sqrt(x.square() + 0.5)),
    "square": first(torch.square),
    "abs": first(torch.abs),
    "neg": first(torch.neg),
    "clip": first(lambda x: x.clamp(-0.6, 0.7)),
    "pad": first(padded),
    "slice": first(sliced),
    "flip": first(lambda x, axes: x.flip(axes)),
    "permute": first(lambda x, order: x.permute(order)),
    "transpose": first(lambda x, a, b: x.transpose(a, b)),
    "reshape": first(lambda x, shape: x.reshape(shape)),
    "tile": first(lambda x, repeats: x.repeat(repeats)),
    "expand": first(lambda x, shape: x.expand(shape)),
    "concat": lambda t, axis: torch.cat(t, axis),
    "stack": lambda t, axis: torch.stack(t, axis),
    "split": first(lambda x, parts, axis, part: torch.split(x, parts, axis)[part]),
    "pixelShuffle": first(lambda x, factor: F.pixel_shuffle(x, factor)),
    "pixelUnshuffle": first(lambda x, factor: F.pixel_unshuffle(x, factor)),
    "toImage": first(lambda x: x),
    "toDense": first(lambda x: x),
    "matmul": matmul,
    "linear": lambda t: F.linear(*t),
    "crossEntropy": cross_entropy,
    "bceWithLogits": lambda t, **o: F.binary_cross_entropy_with_logits(t[0], t[1].abs(), **o),
    "l1Loss": lambda t, **o: F.l1_loss(*t, **o),
    "mseLoss": lambda t, **o: F.mse_loss(*t, **o),
    "smoothL1Loss": lambda t, **o: F.smooth_l1_loss(*t, **o),
    "dice": dice,
}


def computed(program):
    def tensor(numbers, shape):
        return torch.tensor(numbers).double().reshape(shape)

    inputs = [
        tensor(given["values"], given["shape"]).requires_grad_(given["isTrained"])
        for given in program["inputs"]
    ]
    results = []
    for step in program["steps"]:
        tensors = [inputs[-at - 1] if at < 0 else results[at] for at in step["from"]]
        results.append(OPS[step["op"]](tensors, **step["options"]))
    output = results[-1]
    answer = {"shape": list(output.shape), "output": flat(output)}
    trained = [x for x in inputs if x.requires_grad]
    seed = tensor(program["seed"], output.shape)
    for i, gradient in enumerate(torch.autograd.grad((output * seed).sum(), trained, allow_unused=True)):
        if gradient is not None:
            answer[f"gradient {i}"] = flat(gradient)
    return answer


torch.set_num_threads(1)
for line in sys.stdin:
    program = json.loads(line)
    try:
        print(json.dumps(computed(program)), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
