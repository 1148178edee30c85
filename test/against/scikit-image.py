"""Compares measurements of objects with those of scikit-image's regionprops: see scikit-image.ts."""

import json
import sys
import warnings

import numpy as np
import skimage
from skimage.measure import regionprops

warnings.filterwarnings("ignore")
VERSION = tuple(int(part) for part in skimage.__version__.split(".")[:2])
TOLERANCE = 1e-6

# Pixel sizes came with 0.20, and so did pixels on the edge of a convex hull as a part of it.
HAS_SPACING = VERSION >= (0, 20)

SHAPES = {
    "area": lambda r: r.area,
    "perimeter": lambda r: r.perimeter,
    "equivalentDiameter": lambda r: r.equivalent_diameter_area,
    "majorAxis": lambda r: r.axis_major_length,
    "minorAxis": lambda r: r.axis_minor_length,
    "eccentricity": lambda r: r.eccentricity,
    "centroidX": lambda r: r.centroid[1],
    "centroidY": lambda r: r.centroid[0],
}
OF_HULLS = {
    "feretMax": lambda r: r.feret_diameter_max,
    "solidity": lambda r: r.solidity,
}
BOX = {
    "boxX": lambda r: r.bbox[1],
    "boxY": lambda r: r.bbox[0],
    "boxWidth": lambda r: r.bbox[3] - r.bbox[1],
    "boxHeight": lambda r: r.bbox[2] - r.bbox[0],
}
CHANNELS = {
    "mean": np.mean,
    "sum": np.sum,
    "deviation": np.std,
    "minimum": np.min,
    "maximum": np.max,
}


def shapes_of(spacing):
    """The measurements that scikit-image has for pixels of this size."""
    chosen = dict(SHAPES)
    if HAS_SPACING:
        chosen |= OF_HULLS
    if spacing[0] != spacing[1]:
        chosen.pop("perimeter")
    return chosen


def reference(region, spacing):
    values = {name: float(of(region)) for name, of in shapes_of(spacing).items()}
    for name, of in BOX.items():
        values[name] = float(of(region)) * spacing["X" not in name and "Width" not in name]
    return values


def regions(image):
    labels = np.array(image["labels"]).reshape(image["height"], image["width"])
    size = image.get("pixelSize")
    spacing = (size["x"], size["y"]) if size else (1, 1)
    options = {"spacing": (spacing[1], spacing[0])} if HAS_SPACING else {}
    return labels, spacing, regionprops(labels, **options)


def compare(image, largest):
    labels, spacing, found = regions(image)
    planes = np.array(image["image"]).reshape(2, image["height"], image["width"])
    unit = "micrometres" if "pixelSize" in image else "pixels"
    worst = 0
    for region, ours in zip(found, image["objects"], strict=True):
        assert region.label == ours["label"]
        pairs = [
            (name, ours[unit][name], value) for name, value in reference(region, spacing).items()
        ]
        for channel, plane in enumerate(planes):
            inside = plane[labels == region.label]
            for name, of in CHANNELS.items():
                pairs.append((name, ours["channels"][channel][name], float(of(inside))))
        for name, got, value in pairs:
            off = abs(got - value) / max(1, abs(value))
            largest[name] = max(largest.get(name, 0), off)
            worst = max(worst, off)
            if off > TOLERANCE:
                print(f"{image['name']}: object {region.label}: {name} is {got}, expected {value}")
    print(f"{'ok ' if worst <= TOLERANCE else 'BAD'} {image['name']}, {len(found)} objects, {unit}")
    return worst


def golden(image):
    """The values of the first image, a line per object."""
    _, spacing, found = regions(image)
    for region in found:
        values = {
            name: float(f"{value:.10g}") for name, value in reference(region, spacing).items()
        }
        print(f"  {json.dumps({'label': region.label, **values})},")


with open(sys.argv[1]) as file:
    measured = json.load(file)
if "--golden" in sys.argv:
    golden(measured[0])
    sys.exit(0)
differences = {}
kept = [image for image in measured if HAS_SPACING or "pixelSize" not in image]
bad = sum(compare(image, differences) > TOLERANCE for image in kept)
for name, off in differences.items():
    print(f"  {name}: largest difference {off:.1e}")
if not HAS_SPACING:
    print(f"scikit-image {skimage.__version__}: hulls and pixel sizes are compared from 0.20 on")
print(f"scikit-image {skimage.__version__}: {len(kept)} images, {bad} differ")
sys.exit(1 if bad else 0)
