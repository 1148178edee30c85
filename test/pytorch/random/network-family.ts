// Random networks: layers after each other with skips, shortcuts and norms, in which nodes are fused.

import type { Draw } from "./draw.js";
import type { Family } from "./family.js";
import type { Program, Value } from "./program.js";

type Layer = (
  program: Program,
  draw: Draw,
  x: Value,
  earlier: readonly Value[],
) => Value | undefined;

const sizeOf = ({ tensor }: Value) => tensor.shape.slice(2);
const channelsOf = ({ tensor }: Value) => tensor.shape[1];

/** Weights about as large as those of a new network, so that values keep their size. */
function convolved(
  program: Program,
  draw: Draw,
  x: Value,
  side: number,
  options: { readonly stride?: number; readonly skip?: Value | undefined },
): Value | undefined {
  const { stride = 1, skip } = options;
  const padding = draw.chance(0.6) ? side >> 1 : 0;
  if (Math.min(...sizeOf(x)) + 2 * padding < side + stride) return undefined;
  const [ins, outs] = [channelsOf(x) + (skip ? channelsOf(skip) : 0), draw.whole(1, 6)];
  const weight = program.input([outs, ins, side, side], "dense");
  const isBiased = draw.chance(0.7);
  const rest = [...(isBiased ? [program.input([outs])] : []), ...(skip ? [skip] : [])];
  const activation = draw.pick(["none", "relu"]);
  const sides = [padding, padding, padding, padding];
  const own = { isBiased, sides, activation, ...(stride > 1 ? { stride } : {}) };
  const y = program.step("conv2d", [x, weight, ...rest], own);
  return activation === "none" && draw.chance(0.4) ? program.step("relu", [y]) : y;
}

const LAYERS: readonly Layer[] = [
  (program, draw, x) => convolved(program, draw, x, draw.pick([1, 3, 3, 3, 5]), {}),
  (program, draw, x) => convolved(program, draw, x, 3, {}),
  (program, draw, x) => convolved(program, draw, x, draw.pick([2, 3, 4]), { stride: 2 }),
  (program, draw, x, earlier) => {
    const [height, width] = sizeOf(x);
    const larger = earlier.filter((other) => {
      const [h, w] = sizeOf(other);
      return other !== x && h >= height && w >= width;
    });
    return larger.length > 0
      ? convolved(program, draw, x, 3, { skip: draw.pick(larger) })
      : undefined;
  },
  (program, draw, x) => {
    if (Math.min(...sizeOf(x)) < 4) return undefined;
    const sides = [0, 0, 0, 0];
    const window = { kernel: [2, 2], stride: [2, 2], sides };
    return draw.chance(0.7)
      ? program.step("maxPool2d", [x], { ...window, dilation: [1, 1] })
      : program.step("avgPool2d", [x], window);
  },
  (program, draw, x) => {
    if (Math.max(...sizeOf(x)) > 24) return undefined;
    if (draw.chance(0.5)) return program.step("resize", [x], { scale: [2, 2], mode: "nearest" });
    const outs = draw.whole(1, 6);
    const weight = program.input([channelsOf(x), outs, 2, 2], "dense");
    const bias = draw.chance(0.7) ? [program.input([outs])] : [];
    return program.step("convTranspose2d", [x, weight, ...bias], { stride: 2 });
  },
  (program, draw, x) => {
    if (Math.min(...sizeOf(x)) < 3) return undefined;
    const own = [channelsOf(x)];
    const gained = draw.chance(0.7)
      ? [program.input(own, "dense"), program.input(own, "dense")]
      : [];
    const activation = draw.pick(["none", "relu", "leakyRelu"]);
    const kind = draw.pick(["batchNorm", "instanceNorm"]);
    return program.step(kind, [x, ...gained], { epsilon: 1e-3, activation });
  },
  (program, draw, x) => program.step(draw.pick(["silu", "leakyRelu", "tanh", "sigmoid"]), [x]),
  (program, draw, x, earlier) => {
    const alike = earlier.filter(({ tensor }) => `${tensor.shape}` === `${x.tensor.shape}`);
    const other = draw.pick(alike);
    return other === x ? undefined : program.step(draw.pick(["add", "mul"]), [x, other]);
  },
  (program, draw, x, earlier) => {
    const alike = earlier.filter((other) => `${sizeOf(other)}` === `${sizeOf(x)}`);
    return program.step("concat", [draw.pick(alike), x], { axis: 1 });
  },
  (program, _draw, x) => program.step("mul", [x, program.input([1, channelsOf(x), 1, 1], "image")]),
];

export const network: Family = (program, draw) => {
  program.isSmooth = true;
  program.scale = 0.02;
  program.share = 0.05; // the gradient of a bias before a norm is 0 except for rounding
  const size = [draw.whole(8, 40), draw.whole(8, 40)];
  let x = program.input([draw.whole(1, 2), draw.whole(1, 4), ...size], "image");
  const earlier = [x];
  const count = draw.whole(3, 9);
  program.layers = count;
  for (let made = 0; made < count; ) {
    const y = draw.pick(LAYERS)(program, draw, x, earlier);
    if (!y) continue;
    made++;
    x = y;
    earlier.push(y);
  }
};
