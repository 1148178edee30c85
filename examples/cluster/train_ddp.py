"""Trains a network of Micrograph on many GPUs by PyTorch's DistributedDataParallel, on the tiles that Micrograph trains on:

    micrograph train my-data --steps 1 -o run                           the settings and the initial weights
    micrograph tiles run -o tiles --steps 2000 --batch 16               16 tiles per step, of all GPUs together
    micrograph export --checkpoint run/last.safetensors --to pytorch -o network
    torchrun --nproc-per-node 8 train_ddp.py network tiles trained.safetensors
    micrograph predict --checkpoint trained.safetensors --input images -o predictions

On several machines: `srun torchrun --nnodes $SLURM_NNODES --nproc-per-node 8 --rdzv-backend c10d --rdzv-endpoint HOST:29500 ...`
The loss, with those of deep supervision, the weight map, the optimizer, the schedule of its rate, --accumulate, --clip-norm and
--ema are those of the run; a cosine over a time budget goes by the steps.
"""

import contextlib
import importlib.util
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel


class Tiles(torch.utils.data.Dataset):
    """The batches of a folder of tiles; of each the tiles of one process: image, label, weight."""

    def __init__(self, folder, rank, world):
        self.files = sorted(Path(folder).glob("*.safetensors"))
        self.rank, self.world = rank, world

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        with open(self.files[index], "rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
            data = file.read()
        arrays = []
        for name in ("image", "label", "weight"):
            begin, end = header[name]["data_offsets"]
            array = np.frombuffer(data[begin:end], "<f4").reshape(header[name]["shape"])
            arrays.append(torch.from_numpy(array[self.rank :: self.world].copy()))
        image, label, weight = arrays
        return image, label.long(), weight


def at_level(plane, level):
    """Labels or weights for a head whose map is 2^level times smaller: those of the pixels at the centres of its pixels."""
    step = 2**level
    return plane[..., step // 2 :: step, step // 2 :: step]


def counted_of(batches, heads):
    """By head: the pixels of weight above 0 in the batches of a step."""
    return [float(sum((at_level(weight, level) > 0).sum() for _, _, weight in batches)) for level in range(heads)]


def loss_of(logits, label, weight, counted, world):
    """The share of a batch of one process in the loss of a step, whose batches have `counted` pixels of weight above 0 in all
    processes: DDP takes the mean of the gradients, so it is `world` times larger. Each lower head of deep supervision counts
    half of the one before."""
    heads = logits if isinstance(logits, (list, tuple)) else [logits]
    loss = 0
    for level, head in enumerate(heads):
        errors = F.cross_entropy(head, at_level(label, level), reduction="none")
        loss += 0.5**level * (at_level(weight, level) * errors).sum() / counted[level]
    return world * loss / sum(0.5**level for level in range(len(heads)))


def rate_at(training, step, steps):
    """The learning rate after `step` of `steps` steps."""
    rate = training["learningRate"] * min(1, (step + 1) / max(1, training.get("warmup", 0)))
    schedule = training.get("schedule", "constant")
    if schedule == "step":
        return rate * training["decayFactor"] ** (step // training["decayEvery"])
    return rate if schedule == "constant" else rate * (1 + math.cos(math.pi * step / steps)) / 2


def clip(parameters, limit):
    """Multiplies the gradients by limit / norm if their norm over all parameters is above the limit."""
    gradients = [one.grad for one in parameters if one.grad is not None]
    norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(one) for one in gradients]))
    for one in gradients:
        one.mul_(torch.clamp(limit / norm, max=1))


class Average:
    """The exponential moving average of the weights, which forgets the first ones quickly."""

    def __init__(self, network, decay):
        self.decay = decay
        self.weights = [one.detach().clone() for one in network.parameters()]

    def update(self, network, step):
        share = 1 - min(self.decay, (1 + step) / (10 + step))
        for mean, one in zip(self.weights, network.parameters()):
            mean.lerp_(one.detach(), share)

    def store(self, network):
        with torch.no_grad():
            for mean, one in zip(self.weights, network.parameters()):
                one.copy_(mean)


def optimizer_of(network, training):
    rate, decay = training["learningRate"], training.get("weightDecay", 0)
    if training["optimizer"] == "sgd":
        return torch.optim.SGD(network.parameters(), lr=rate, momentum=training["momentum"], weight_decay=decay)
    return torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=decay)


def load_network(folder):
    """The module that `export --to pytorch` wrote."""
    spec = importlib.util.spec_from_file_location("network", Path(folder) / "network.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(folder, tiles, output):
    cuda = torch.cuda.is_available()
    dist.init_process_group("nccl" if cuda else "gloo")
    rank, world = dist.get_rank(), dist.get_world_size()
    device = torch.device("cuda", rank % torch.cuda.device_count()) if cuda else torch.device("cpu")
    about = json.loads((Path(tiles) / "tiles.json").read_text())
    training = about["training"]
    if training["batch"] % world != 0:
        raise SystemExit(f"{tiles}: {training['batch']} tiles per step, expected a multiple of {world} processes")
    module = load_network(folder)
    network = module.load().to(device).train()
    heads = sum(name.startswith("head") for name, _ in network.named_children())
    parallel = DistributedDataParallel(network)
    optimizer = optimizer_of(network, training)
    average = Average(network, training["ema"]) if training.get("ema") else None
    accumulate = training.get("accumulate", 1)
    loader = torch.utils.data.DataLoader(Tiles(tiles, rank, world), batch_size=None, num_workers=2 if cuda else 0)
    steps = len(loader) // accumulate
    batches = iter(loader)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(training, step, steps)
        step_batches = [next(batches) for _ in range(accumulate)]
        counted = torch.tensor(counted_of(step_batches, heads), device=device)
        dist.all_reduce(counted)
        optimizer.zero_grad(set_to_none=True)
        mean = torch.zeros((), device=device)
        for index, batch in enumerate(step_batches):
            image, label, weight = (one.to(device, non_blocking=True) for one in batch)
            is_last = index + 1 == accumulate
            with contextlib.nullcontext() if is_last else parallel.no_sync():
                loss = loss_of(parallel(image), label, weight, counted, world)
                loss.backward()
            mean += loss.detach() / world
        if training.get("clipNorm"):
            clip(network.parameters(), training["clipNorm"])
        optimizer.step()
        if average:
            average.update(network, step)
        if step % 20 == 0 or step + 1 == steps:
            dist.all_reduce(mean)
            if rank == 0:
                print(f"step {step + 1} of {steps}: loss {mean.item():.6f}", flush=True)
    if average:
        average.store(network)
    if rank == 0:
        module.save(network.cpu(), output)
    dist.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
