# Runs exported networks: `python3 exported_networks.py FOLDER...`. Each folder has network.py, network.safetensors,
# x.npy (an input of the network) and image.npy (an image for `predict`). Writes logits.npy and probabilities.npy, takes
# a step of training, and writes trained.safetensors and after.npy, the logits with these weights.

import importlib.util
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def logits(network, x):
    with torch.no_grad():
        return network(x).numpy().astype("float32")


def run(folder):
    spec = importlib.util.spec_from_file_location("network", folder / "network.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.load()
    x = torch.from_numpy(np.load(folder / "x.npy"))
    np.save(folder / "logits.npy", logits(network, x))
    np.save(folder / "probabilities.npy", module.predict(network, np.load(folder / "image.npy")))
    network.train()
    heads = network(x)
    maps = heads if isinstance(heads, list) else [heads]
    loss = sum(F.cross_entropy(y, y.detach().argmin(1)) if y.shape[1] > 1 else y.square().mean() for y in maps)
    loss.backward()
    torch.optim.SGD(network.parameters(), lr=0.01).step()
    network.eval()
    module.save(network, folder / "trained.safetensors")
    np.save(folder / "after.npy", logits(network, x))


torch.manual_seed(1)
torch.set_num_threads(1)
for name in sys.argv[1:]:
    try:
        run(Path(name))
    except Exception as error:
        raise RuntimeError(f"{name}: {error}") from error
