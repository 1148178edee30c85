"""Trains a network of Micrograph on many GPUs by PyTorch's DistributedDataParallel, on the tiles that Micrograph trains on:

    micrograph train my-data --steps 1 -o run                           the settings and the initial weights
    micrograph tiles run -o tiles --steps 2000 --batch 16               16 tiles per step, of all GPUs together
    micrograph export --checkpoint run/last.safetensors --to pytorch -o network
    torchrun --nproc-per-node 8 train_ddp.py network tiles trained.safetensors
    micrograph predict --checkpoint trained.safetensors --input images -o predictions

On several machines: `srun torchrun --nnodes $SLURM_NNODES --nproc-per-node 8 --rdzv-backend c10d --rdzv-endpoint HOST:29500 ...`
The loss, the weight map, the optimizer and its rate are those of the run. Left out: --ema, --clip-norm, --accumulate, and
schedules of the rate, of which the script says so.
"""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel


class Tiles(torch.utils.data.Dataset):
    """The steps of a folder of tiles; of each the tiles of one process: image, label, weight."""

    def __init__(self, folder, rank, world):
        self.files = sorted(Path(folder).glob("*.safetensors"))
        self.rank, self.world = rank, world

    def __len__(self):
        return len(self.files)

    def __getitem__(self, step):
        with open(self.files[step], "rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
            data = file.read()
        arrays = []
        for name in ("image", "label", "weight"):
            begin, end = header[name]["data_offsets"]
            array = np.frombuffer(data[begin:end], "<f4").reshape(header[name]["shape"])
            arrays.append(torch.from_numpy(array[self.rank :: self.world].copy()))
        image, label, weight = arrays
        return image, label.long(), weight


def loss_of(logits, label, weight, world):
    """The share of a process in the loss of all tiles: DDP takes the mean of the gradients, so it is `world` times larger."""
    if isinstance(logits, (list, tuple)):
        logits = logits[0]
    counted = (weight > 0).sum().to(logits.dtype)
    dist.all_reduce(counted)
    return world * (weight * F.cross_entropy(logits, label, reduction="none")).sum() / counted


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
    if rank == 0:
        for name, usual in {"ema": 0, "clipNorm": 0, "accumulate": 1, "schedule": "constant"}.items():
            if training.get(name, usual) not in (usual, None, 0):
                print(f"{name} {training[name]} of the run is left out")
    module = load_network(folder)
    network = module.load().to(device).train()
    parallel = DistributedDataParallel(network)
    optimizer = optimizer_of(network, training)
    steps = torch.utils.data.DataLoader(Tiles(tiles, rank, world), batch_size=None, num_workers=2 if cuda else 0)
    for step, batch in enumerate(steps):
        image, label, weight = (one.to(device, non_blocking=True) for one in batch)
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(parallel(image), label, weight, world)
        loss.backward()
        optimizer.step()
        if step % 20 == 0 or step + 1 == len(steps):
            mean = loss.detach() / world
            dist.all_reduce(mean)
            if rank == 0:
                print(f"step {step + 1} of {len(steps)}: loss {mean.item():.6f}", flush=True)
    if rank == 0:
        module.save(network.cpu(), output)
    dist.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
