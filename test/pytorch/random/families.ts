// The families of random programs. Options are those that both programs have; combinations that
// both refuse are drawn again.

import type { Layout } from "../../../src/graph/tensor.js";
import { integers } from "../pytorch-case.js";
import type { Draw } from "./draw.js";
import type { Program, Value } from "./program.js";

type Family = (program: Program, draw: Draw) => void;

/** Sums of thousands of numbers, such as the gradient of a bias, may be much smaller than these. */
const SUMS = 0.02;
const UNARY =
  "relu leakyRelu elu gelu silu hardSwish sigmoid tanh softplus exp log sqrt square abs neg clip".split(
    " ",
  );
const BINARY = "add sub mul div maximum minimum where".split(" ");

/** "same" as both programs' sides, or sides as they are. */
const sidesOf = (draw: Draw, most: number) =>
  draw.chance(0.3) ? [0, 0, 0, 0] : [0, 1, 2, 3].map(() => draw.whole(0, most));

/** A layout for a shape: only rank 4 can be an image. */
const layoutOf = (draw: Draw, shape: readonly number[]): Layout =>
  shape.length === 4 && draw.chance(0.6) ? "image" : "dense";

function image(program: Program, draw: Draw, channels = draw.whole(1, 5), least = 1): Value {
  return program.input([draw.whole(1, 3), channels, draw.side(least), draw.side(least)], "image");
}

const convolution: Family = (program, draw) => {
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

const transposed: Family = (program, draw) => {
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

const pooling: Family = (program, draw) => {
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

const resizing: Family = (program, draw) => {
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

const norm: Family = (program, draw) => {
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

const softmaxes: Family = (program, draw) => {
  const shape = draw.shape(draw.whole(2, 5));
  const x = program.input(shape, layoutOf(draw, shape));
  const axis = draw.whole(-shape.length, shape.length - 1);
  const far = program.step("mul", [x, x]);
  program.step(draw.pick(["softmax", "logSoftmax"]), [draw.chance(0.5) ? x : far], { axis });
};

const reduction: Family = (program, draw) => {
  program.scale = SUMS;
  const shape = draw.chance(0.5)
    ? draw.shape(draw.whole(1, 5))
    : [draw.whole(1, 3), draw.whole(1, 4), draw.side(), draw.side()];
  const x = program.input(shape, layoutOf(draw, shape));
  const given = draw.chance(0.2) ? {} : { axes: draw.some(shape.length) };
  const op = draw.pick(["sum", "mean", "max", "min", "logSumExp"]);
  program.step(op, [x], { ...given, keepDims: draw.chance(0.5) });
};

const broadcasting: Family = (program, draw) => {
  const shape = draw.shape(draw.whole(1, 5));
  const [a, b] = [draw.broadcast(shape), draw.broadcast(shape)].map((own) =>
    program.input(own, layoutOf(draw, own)),
  );
  program.step(draw.pick(BINARY), draw.chance(0.5) ? [a, b] : [b, a]);
};

const gathering: Family = (program, draw) => {
  const rank = draw.whole(1, 5);
  const shape = draw.chance(0.6)
    ? [draw.whole(1, 3), draw.whole(1, 4), draw.side(), draw.side()]
    : draw.shape(rank);
  const layout = layoutOf(draw, shape);
  const last = shape.length - 1;
  const axis = draw.whole(0, last);
  const op = draw.pick(
    "pad slice flip permute transpose reshape tile expand concat stack split pixelShuffle pixelUnshuffle".split(
      " ",
    ),
  );
  if (op === "concat" || op === "stack") {
    const parts = Array.from({ length: draw.whole(2, 4) }, () => {
      const own = shape.map((size, i) => (op === "concat" && i === axis ? draw.whole(1, 6) : size));
      return program.input(own, layout);
    });
    program.step(op, parts, { axis: op === "stack" ? draw.whole(0, shape.length) : axis });
    return;
  }
  if (op.startsWith("pixel")) {
    const factor = draw.whole(1, 3);
    const [n, c, h, w] = [draw.whole(1, 2), draw.whole(1, 3), draw.whole(1, 12), draw.whole(1, 12)];
    const size =
      op === "pixelShuffle" ? [n, c * factor ** 2, h, w] : [n, c, h * factor, w * factor];
    program.step(op, [program.input(size, layoutOf(draw, size))], { factor });
    return;
  }
  if (op === "expand") {
    const small = shape.map((size) => (draw.chance(0.5) ? 1 : size));
    program.step(op, [program.input(small, layoutOf(draw, small))], { shape });
    return;
  }
  const x = program.input(shape, layout);
  const options: Readonly<Record<string, () => Record<string, unknown>>> = {
    pad() {
      const mode = draw.pick(["zero", "edge", "reflect", "wrap"]);
      const pairs = shape.map((size) => [
        draw.whole(-Math.min(2, (size - 1) >> 1), 5),
        draw.whole(-Math.min(2, (size - 1) >> 1), 5),
      ]);
      return { pairs, mode };
    },
    slice() {
      const starts = shape.map((size) => draw.whole(0, size - 1));
      return { starts, steps: shape.map(() => draw.whole(1, 3)) };
    },
    flip: () => ({ axes: draw.some(shape.length) }),
    permute: () => ({ order: draw.shuffled(shape.length) }),
    transpose: () => ({ a: draw.whole(0, last), b: draw.whole(0, last) }),
    reshape() {
      const order = draw.chance(0.5) ? [...shape].reverse() : [shape.reduce((a, b) => a * b, 1)];
      return { shape: order };
    },
    tile: () => ({ repeats: shape.map(() => draw.whole(1, 2)) }),
    split() {
      const size = shape[axis];
      const cut = draw.whole(1, size);
      const parts = cut < size ? [cut, size - cut] : [size];
      return { parts, axis, part: draw.whole(0, parts.length - 1) };
    },
  };
  program.step(op, [x], options[op]());
};

const products: Family = (program, draw) => {
  const [m, k, n] = [draw.whole(1, 40), draw.whole(1, 40), draw.whole(1, 40)];
  if (draw.chance(0.25)) {
    const before = draw.shape(draw.whole(1, 3)).map((size) => Math.min(size, 4));
    const inputs = [[...before, k], [n, k], ...(draw.chance(0.5) ? [[n]] : [])];
    program.step(
      "linear",
      inputs.map((shape) => program.input(shape, "dense")),
    );
    return;
  }
  const batch = draw.shape(draw.whole(1, 3)).map((size) => Math.min(size, 4));
  const [transposeA, transposeB] = [draw.chance(0.4), draw.chance(0.4)];
  const a = program.input([...draw.broadcast(batch), ...(transposeA ? [k, m] : [m, k])], "dense");
  const b = program.input([...draw.broadcast(batch), ...(transposeB ? [n, k] : [k, n])], "dense");
  program.step("matmul", [a, b], { transposeA, transposeB });
};

const losses: Family = (program, draw) => {
  const shape = draw.chance(0.6)
    ? [draw.whole(1, 3), draw.whole(2, 5), draw.side(), draw.side()]
    : [draw.whole(1, 6), draw.whole(2, 6), ...draw.shape(1).map((size) => Math.min(size, 30))];
  const layout = layoutOf(draw, shape);
  const op = draw.pick([
    "crossEntropy",
    "crossEntropy",
    "bceWithLogits",
    "l1Loss",
    "mseLoss",
    "smoothL1Loss",
    "dice",
  ]);
  const x = program.input(shape, layout);
  const reduction = draw.pick(["mean", "sum", "none"]);
  if (op !== "crossEntropy") {
    program.step(op, [x, program.input(shape, layout)], op === "dice" ? {} : { reduction });
    return;
  }
  const map = [shape[0], 1, ...shape.slice(2)];
  const label = program.input(map, layout, integers(map, shape[1], 5));
  program.step(op, [x, label], {
    reduction,
    isImage: layout === "image",
    ...(draw.chance(0.5)
      ? { classWeights: Array.from({ length: shape[1] }, (_, i) => 0.25 + i) }
      : {}),
    ...(draw.chance(0.4) ? { ignoreIndex: draw.whole(0, shape[1] - 1) } : {}),
    ...(draw.chance(0.4) ? { labelSmoothing: 0.1 } : {}),
  });
};

/** Formulas after each other, which run as one dispatch, with broadcasting and other ops between. */
const chain: Family = (program, draw) => {
  program.scale = 0.1; // differences may be 0 except for rounding
  const shape = draw.chance(0.7)
    ? [draw.whole(1, 2), draw.whole(1, 4), draw.side(2), draw.side(3)]
    : draw.shape(draw.whole(1, 4));
  const layout = layoutOf(draw, shape);
  let x = program.input(shape, layout);
  const others = [0, 1].map(() => {
    const own = draw.broadcast(shape);
    return program.input(own, own.length === 4 ? layout : "dense");
  });
  const seen = [x];
  const count = draw.whole(3, 8);
  for (let i = 0; i < count; i++) {
    const kind = draw.whole(0, 9);
    if (kind < 5) x = program.step(draw.pick(UNARY), [x]);
    else if (kind < 8) {
      const other = draw.pick(draw.chance(0.5) || seen.length < 2 ? others : seen.slice(0, -1));
      x = program.step(draw.pick(BINARY), draw.chance(0.5) ? [x, other] : [other, x]);
    } else if (kind === 8) {
      const axes = draw.some(shape.length);
      x = program.step("sub", [x, program.step("mean", [x], { axes, keepDims: true })]);
    } else x = program.step("tanh", [x]);
    seen.push(x);
  }
};

/** By name; a run draws as many programs of each. */
export const families: Readonly<Record<string, Family>> = {
  convolution,
  transposed,
  pooling,
  resizing,
  norm,
  softmaxes,
  reduction,
  broadcasting,
  gathering,
  products,
  losses,
  chain,
};
