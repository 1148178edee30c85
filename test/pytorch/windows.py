"""PyTorch's numbers for padding, rearranging, resizing and pooling."""

import torch
import torch.nn.functional as F

from pytorch_case import case, write

image = (2, 2, 5, 7)

case("pad constant", lambda x: F.pad(x, (3, 1, 2, 0), value=0.5), image)
case("pad reflect", lambda x: F.pad(x, (3, 1, 2, 4), mode="reflect"), image)
case("pad replicate", lambda x: F.pad(x, (3, 1, 2, 9), mode="replicate"), image)
case("pad circular", lambda x: F.pad(x, (3, 7, 2, 4), mode="circular"), image)
case("slice with steps", lambda x: x[:, 1:, [4, 2, 0]][..., 1:6:3], image)
case("flip", lambda x: x.flip([0, 3]), image)
case("permute", lambda x: x.permute(0, 2, 3, 1), image)
case("tile", lambda x: x.tile(1, 3, 1, 2), image)
case("expand", lambda x: x.expand(2, 3, 4, 5), (2, 3, 1, 1))
case("concat", lambda a, b, c: torch.cat([a, b, c], 1), (1, 2, 3, 5), (1, 1, 3, 5), (1, 3, 3, 5))
case("stack", lambda a, b: torch.stack([a, b], -1), (2, 3), (2, 3))
case("pixelShuffle", lambda x: F.pixel_shuffle(x, 2), (1, 8, 3, 5))
case("pixelUnshuffle", lambda x: F.pixel_unshuffle(x, 2), (1, 2, 4, 6))


def interpolated(mode, shape, name, **options):
    case(f"resize {mode} {name}", lambda x: F.interpolate(x, mode=mode, **options), shape)


for mode in ("nearest", "nearest-exact", "bilinear"):
    interpolated(mode, (1, 2, 3, 5), "x2", scale_factor=2)
    interpolated(mode, (1, 1, 4, 6), "x1.6", scale_factor=1.6)
    interpolated(mode, (1, 2, 9, 7), "to 4 x 3", size=(4, 3))
    interpolated(mode, (1, 1, 5, 14), "to 7 x 20", size=(7, 20))
interpolated("bilinear", (1, 2, 3, 5), "corners x2", scale_factor=2, align_corners=True)
interpolated("bilinear", (1, 2, 9, 7), "corners to 4 x 1", size=(4, 1), align_corners=True)

wide = (2, 2, 7, 10)
case("maxPool2d 3x3", lambda x: F.max_pool2d(x, 3, 2, 1), wide)
case("maxPool2d 2x3 dilated", lambda x: F.max_pool2d(x, (2, 3), (1, 2), (1, 0), (3, 2)), wide)
case("maxPool2d ceil", lambda x: F.max_pool2d(x, 3, 2, 0, ceil_mode=True), wide)
case("avgPool2d 3x3", lambda x: F.avg_pool2d(x, 3, 2, 1), wide)
case(
    "avgPool2d without padding",
    lambda x: F.avg_pool2d(x, (3, 2), 2, 1, ceil_mode=True, count_include_pad=False),
    wide,
)
case("avgPool2d ceil", lambda x: F.avg_pool2d(x, (3, 4), 3, 1, ceil_mode=True), wide)
case("adaptiveAvgPool2d", lambda x: F.adaptive_avg_pool2d(x, (3, 4)), wide)
case("adaptiveMaxPool2d", lambda x: F.adaptive_max_pool2d(x, (3, 4)), wide)
case("globalAvgPool2d", lambda x: F.adaptive_avg_pool2d(x, 1), wide)
case("globalMaxPool2d", lambda x: F.adaptive_max_pool2d(x, 1), wide)

write()
