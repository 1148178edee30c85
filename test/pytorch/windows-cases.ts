import {
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  concat,
  expand,
  flip,
  globalAvgPool2d,
  globalMaxPool2d,
  maxPool2d,
  pad,
  permute,
  pixelShuffle,
  pixelUnshuffle,
  type ResizeOptions,
  resize,
  slice,
  stack,
  tile,
} from "../../src/operations.js";
import { graphCase, type PyTorchCase } from "./pytorch-case.js";

const image = [2, 2, 5, 7];
const wide = [2, 2, 7, 10];
const small = [1, 2, 3, 5];

const MODES: Readonly<Record<string, Partial<ResizeOptions>>> = {
  nearest: {},
  "nearest-exact": { coordinates: "half-pixel", rounding: "round-prefer-ceil" },
  bilinear: { mode: "linear" },
};

const resized = Object.entries(MODES).flatMap(([mode, options]) => [
  graphCase(`resize ${mode} x2`, [small], (x) => resize(x, { ...options, scale: 2 })),
  graphCase(`resize ${mode} x1.6`, [[1, 1, 4, 6]], (x) => resize(x, { ...options, scale: 1.6 })),
  graphCase(`resize ${mode} to 4 x 3`, [[1, 2, 9, 7]], (x) =>
    resize(x, { ...options, size: [4, 3] }),
  ),
  graphCase(`resize ${mode} to 7 x 20`, [[1, 1, 5, 14]], (x) =>
    resize(x, { ...options, size: [7, 20] }),
  ),
]);

const corners = { mode: "linear", alignCorners: true } as const;

export const windows: readonly PyTorchCase[] = [
  graphCase("pad constant", [image], (x) => pad(x, [2, 3, 0, 1], { value: 0.5 })),
  graphCase("pad reflect", [image], (x) => pad(x, [2, 3, 4, 1], { mode: "reflect" })),
  graphCase("pad replicate", [image], (x) => pad(x, [2, 3, 9, 1], { mode: "replicate" })),
  graphCase("pad circular", [image], (x) => pad(x, [2, 3, 4, 7], { mode: "circular" })),
  graphCase("slice with steps", [image], (x) =>
    slice(x, { starts: [1, 4, 1], ends: [2, -9, 6], axes: [1, 2, 3], steps: [1, -2, 3] }),
  ),
  graphCase("flip", [image], (x) => flip(x, [0, 3])),
  graphCase("permute", [image], (x) => permute(x, [0, 2, 3, 1])),
  graphCase("tile", [image], (x) => tile(x, [1, 3, 1, 2])),
  graphCase("expand", [[2, 3, 1, 1]], (x) => expand(x, [2, 3, 4, 5])),
  graphCase(
    "concat",
    [
      [1, 2, 3, 5],
      [1, 1, 3, 5],
      [1, 3, 3, 5],
    ],
    (...parts) => concat(parts),
  ),
  graphCase(
    "stack",
    [
      [2, 3],
      [2, 3],
    ],
    (a, b) => stack([a, b], -1),
  ),
  graphCase("pixelShuffle", [[1, 8, 3, 5]], (x) => pixelShuffle(x, 2)),
  graphCase("pixelUnshuffle", [[1, 2, 4, 6]], (x) => pixelUnshuffle(x, 2)),
  ...resized,
  graphCase("resize bilinear corners x2", [small], (x) => resize(x, { ...corners, scale: 2 })),
  graphCase("resize bilinear corners to 4 x 1", [[1, 2, 9, 7]], (x) =>
    resize(x, { ...corners, size: [4, 1] }),
  ),
  graphCase("maxPool2d 3x3", [wide], (x) => maxPool2d(x, { kernel: 3, stride: 2, padding: 1 })),
  graphCase("maxPool2d 2x3 dilated", [wide], (x) =>
    maxPool2d(x, { kernel: [2, 3], stride: [1, 2], padding: [1, 0, 1, 0], dilation: [3, 2] }),
  ),
  graphCase("maxPool2d ceil", [wide], (x) =>
    maxPool2d(x, { kernel: 3, stride: 2, ceilMode: true }),
  ),
  graphCase("avgPool2d 3x3", [wide], (x) => avgPool2d(x, { kernel: 3, stride: 2, padding: 1 })),
  graphCase("avgPool2d without padding", [wide], (x) =>
    avgPool2d(x, { kernel: [3, 2], stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
  ),
  graphCase("avgPool2d ceil", [wide], (x) =>
    avgPool2d(x, { kernel: [3, 4], stride: 3, padding: 1, ceilMode: true }),
  ),
  graphCase("adaptiveAvgPool2d", [wide], (x) => adaptiveAvgPool2d(x, [3, 4])),
  graphCase("adaptiveMaxPool2d", [wide], (x) => adaptiveMaxPool2d(x, [3, 4])),
  graphCase("globalAvgPool2d", [wide], (x) => globalAvgPool2d(x)),
  graphCase("globalMaxPool2d", [wide], (x) => globalMaxPool2d(x)),
];
