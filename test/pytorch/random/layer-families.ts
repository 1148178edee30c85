// The families of random programs of one layer of a network: convolutions, poolings, resizing, norms.

import type { Draw } from "./draw.js";
import { type Family, layoutOf, SUMS } from "./family.js";
import type { Program, Value } from "./program.js";

/** "same" as both programs' sides, or sides as they are. */
const sidesOf = (draw: Draw, most: number) =>
  draw.chance(0.3) ? [0, 0, 0, 0] : [0, 1, 2, 3].map(() => draw.whole(0, most));

function image(program: Program, draw: Draw, channels = draw.whole(1, 5), least = 1): Value {
  return program.input([draw.whole(1, 3), channels, draw.side(least), draw.side(least)], "image");
}

export const convolution: Family = (program, draw) => {
  const activation = draw.pick(["none", "relu"]);
  program.isSmooth = activation === "relu"; // products of equal numbers can add up to 0, the kink
  program.scale = SUMS;
  const groups = draw.chance(0.5) ? 1 : draw.whole(2, 4);
  const [ins, outs] = [groups * draw.whole(1, draw.chance(0.2) ? 9 : 3), groups * draw.whole(1, 3)];
  const [kernel, stride, dilation] = [draw.pair(1, 5), draw.pair(1, 3), draw.pair(1, 3)];
  const isPlain = draw.chance(0.3); // the tuned kernels
  const paddingMode = draw.pick(["zeros", "zeros", "reflect", "replicate", "circular"]);
  const spans = kernel.map((taps, i) => (taps - 1) * (isPlain ? 1 : dilation[i]) + 1);
  const x = image(program, draw, ins, draw.chance(0.3) ? 1 : Math.max(...spans));
  const [height, width] = x.tensor.shape.slice(2);
  // PyTorch mirrors once, and wraps once.
  const most = paddingMode === "zeros" ? 4 : Math.min(4, height - 1, width - 1);
  const skipped = draw.chance(0.2) ? draw.whole(1, 3) : 0;
  const taps = isPlain ? [kernel[0], kernel[0]] : kernel;
  const shape = [
    outs,
    (isPlain ? ins : ins / groups) + (groups === 1 || isPlain ? skipped : 0),
    ...taps,
  ];
  const weight = program.input(shape, "dense");
  const isBiased = draw.chance(0.6);
  const rest = isBiased ? [program.input([outs])] : [];
  if (skipped > 0 && (groups === 1 || isPlain)) {
    const larger = [height + draw.whole(0, 3), width + draw.whole(0, 3)];
    rest.push(program.input([x.tensor.shape[0], skipped, ...larger], "image"));
  }
  const side = draw.whole(0, most);
  program.step("conv2d", [x, weight, ...rest], {
    isBiased,
    sides: isPlain && draw.chance(0.7) ? [side, side, side, side] : sidesOf(draw, most),
    paddingMode,
    activation,
    ...(isPlain ? {} : { stride, dilation, groups }),
  });
};

export const transposed: Family = (program, draw) => {
  const activation = draw.pick(["none", "relu"]);
  program.isSmooth = activation === "relu";
  program.scale = SUMS;
  const groups = draw.chance(0.5) ? 1 : draw.whole(2, 4);
  const [ins, outs] = [groups * draw.whole(1, 3), draw.whole(1, 3)];
  const [kernel, stride, dilation] = [draw.pair(1, 5), draw.pair(1, 4), draw.pair(1, 3)];
  const isTwo = draw.chance(0.15);
  const x = program.input(
    [draw.whole(1, 3), ins, Math.min(20, draw.side()), Math.min(20, draw.side())],
    "image",
  );
  const weight = program.input([ins, outs, ...(isTwo ? [2, 2] : kernel)], "dense");
  const rest = draw.chance(0.6) ? [program.input([outs * (isTwo ? 1 : groups)])] : [];
  if (isTwo) {
    program.step("convTranspose2d", [x, weight, ...rest], { stride: 2, activation });
    return;
  }
  const outputPadding = [0, 1].map((i) => draw.whole(0, Math.max(stride[i], dilation[i]) - 1));
  const padding = [0, 1].map((i) => draw.whole(0, Math.min(3, dilation[i] * (kernel[i] - 1))));
  const options = { stride, dilation, groups, padding, outputPadding, activation };
  program.step("convTranspose2d", [x, weight, ...rest], options);
};

export const pooling: Family = (program, draw) => {
  const x = image(program, draw);
  const kind = draw.pick(["maxPool2d", "avgPool2d", "adaptiveAvgPool2d", "adaptiveMaxPool2d"]);
  if (kind.startsWith("adaptive")) {
    program.step(kind, [x], { size: draw.pair(1, 6) });
    return;
  }
  const [kernel, stride] = [draw.pair(1, 5), draw.pair(1, 4)];
  const halves = kernel.map((taps) => taps >> 1);
  const ceilMode = draw.chance(0.4);
  const before = halves.map((most) => draw.whole(0, most));
  const after = ceilMode ? before : halves.map((most) => draw.whole(0, most));
  const own =
    kind === "maxPool2d" ? { dilation: draw.pair(1, 2) } : { countIncludePad: draw.chance(0.5) };
  program.step(kind, [x], { kernel, stride, sides: [...before, ...after], ceilMode, ...own });
};

export const resizing: Family = (program, draw) => {
  const x = image(program, draw);
  const isLinear = draw.chance(0.5);
  const mode = isLinear
    ? { mode: "linear", alignCorners: draw.chance(0.4) }
    : { mode: "nearest", exact: draw.chance(0.4) };
  const [height, width] = x.tensor.shape.slice(2);
  // PyTorch ignores a factor by which a side stays or, with "nearest", doubles, but not always.
  const scale = [height, width].map((side) => {
    const factor = Math.max(1 / side, draw.pick([0.5, 1, 2, 2, 3, draw.whole(3, 50) / 16]));
    const whole = Math.floor(side * factor) / side;
    return !isLinear && (whole === 1 || whole === 2) ? whole : factor;
  });
  const size = [draw.side(), draw.side()];
  program.step("resize", [x], { ...mode, ...(draw.chance(0.6) ? { scale } : { size }) });
};

export const norm: Family = (program, draw) => {
  program.isSmooth = true; // a number equal to its mean would be at the kink of an activation
  const kind = draw.pick([
    "batchNorm",
    "predictingBatchNorm",
    "instanceNorm",
    "groupNorm",
    "layerNorm",
  ]);
  const shape = draw.chance(0.75)
    ? [draw.whole(1, 3), draw.whole(1, 8), draw.side(2), draw.side(3)]
    : [draw.whole(3, 5), draw.whole(3, 9), draw.whole(3, 9)];
  const x = program.input(shape, layoutOf(draw, shape));
  const groups = draw.pick([1, 2, 3, 4].filter((count) => shape[1] % count === 0));
  const last = shape.length - 1;
  const axes = draw.pick([[1], [-1], [last - 1, last], shape.map((_, i) => i).slice(1)]);
  const own = kind === "layerNorm" ? axes.map((axis) => shape.at(axis) as number) : [shape[1]];
  const fixed = () => program.input([shape[1]], "dense", draw.values(shape[1], true));
  const running = kind === "predictingBatchNorm" ? [fixed(), fixed()] : [];
  const gained = draw.chance(0.7) ? [program.input(own, "dense"), program.input(own, "dense")] : [];
  program.step(kind, [x, ...running, ...gained], {
    epsilon: draw.pick([1e-5, 1e-3, 0.1]),
    activation: draw.pick(["none", "relu", "leakyRelu"]),
    ...(kind === "groupNorm" ? { groups } : {}),
    ...(kind === "layerNorm" ? { axes } : {}),
  });
};
