"""Writes stores with Debian's python3-zarr, and reads stores of Micrograph: see zarr.ts."""

import hashlib
import json
import os
import sys

import numpy
import zarr
from numcodecs import LZ4, Blosc, GZip, Zlib, Zstd


def digest(array):
    return hashlib.sha256(numpy.ascontiguousarray(array).tobytes()).hexdigest()


def write(folder):
    """Stores of every compressor, type and order; "expected.json" has the digest of each."""
    random = numpy.random.RandomState(5)
    compressors = {
        "blosc-lz4": Blosc("lz4", 5, Blosc.SHUFFLE),
        "blosc-zstd": Blosc("zstd", 3, Blosc.BITSHUFFLE),
        "zstd": Zstd(3),
        "zlib": Zlib(1),
        "gzip": GZip(1),
        "lz4": LZ4(),
        "none": None,
    }
    expected = {}
    for name, compressor in compressors.items():
        for dtype, order, separator, axes, shape, chunks in [
            ("<u2", "C", "/", "yx", (23, 31), (8, 9)),
            (">u2", "C", ".", "yx", (23, 31), (8, 9)),
            ("|u1", "F", "/", "cyx", (2, 23, 31), (1, 8, 31)),
            ("<f4", "C", "/", "tczyx", (1, 2, 2, 23, 31), (1, 2, 1, 16, 16)),
        ]:
            key = "-".join([name, dtype.strip("<>|") + ("b" if dtype[0] == ">" else ""), order])
            path = os.path.join(folder, key + ".zarr")
            group = zarr.open_group(path, "w")
            array = zarr.open_array(
                os.path.join(path, "0"), "w", shape=shape, chunks=chunks, dtype=dtype, order=order,
                compressor=compressor, fill_value=3, dimension_separator=separator,
                write_empty_chunks=False,
            )
            values = random.randint(0, 200, shape)
            values[..., :8, :9] = 3
            array[...] = values
            group.attrs["multiscales"] = [{
                "version": "0.4",
                "axes": [{"name": axis} for axis in axes],
                "datasets": [{"path": "0"}],
            }]
            native = numpy.ascontiguousarray(values.astype(dtype).astype(dtype.replace(">", "<")))
            # The first time and slice, all channels.
            plane = native[0, :, 0] if axes == "tczyx" else native
            expected[key] = digest(plane)
    with open(os.path.join(folder, "expected.json"), "w") as file:
        json.dump(expected, file)


def read(path):
    """What OME-Zarr's readers look for: the levels by their paths, and labels with theirs."""
    group = zarr.open_group(path, "r")
    found = {}

    def levels(node, prefix):
        (multiscale,) = node.attrs["multiscales"]
        assert multiscale["version"] == "0.4"
        before = None
        for dataset in multiscale["datasets"]:
            array = node[dataset["path"]]
            scale, _ = dataset["coordinateTransformations"]
            assert array.ndim == len(multiscale["axes"]) == len(scale["scale"])
            assert before is None or all(a >= b for a, b in zip(before, array.shape))
            before = array.shape
            found[prefix + dataset["path"]] = {
                "shape": array.shape, "dtype": array.dtype.str, "digest": digest(array[...]),
            }

    levels(group, "")
    for name in group["labels"].attrs["labels"]:
        label = group["labels"][name]
        assert label.attrs["image-label"]["version"] == "0.4"
        assert label.attrs["image-label"]["source"] == {"image": "../../"}
        levels(label, "labels/" + name + "/")
    print(json.dumps(found))


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](sys.argv[2])
