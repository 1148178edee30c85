// The families of random programs. Options are those that both programs have.

import { integers } from "../pytorch-case.js";
import { BINARY, type Family, layoutOf, SUMS, UNARY } from "./family.js";
import { convolution, norm, pooling, resizing, transposed } from "./layer-families.js";
import { network } from "./network-family.js";

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
  network,
};
