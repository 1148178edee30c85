// Softmax and its relatives over any axis. The largest element is subtracted first, so that no
// exponential overflows; it has no gradient of its own, since it changes no result.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { expectTensor, type Shape, type Tensor } from "../../graph/tensor.js";
import { mul, sub } from "../formula/arithmetic.js";
import { viewsOf } from "../formula/broadcast.js";
import { expression } from "../formula/expression.js";
import { formula } from "../formula/formula-op.js";
import { type ReduceOptions, reducedAxes, sum } from "../reduce/reduce.js";
import { applyReduce, type Reduction } from "../reduce/reduce-op.js";
import { softmaxRows } from "../reduce/softmax-rows.js";
import { softmax as softmaxOfChannels } from "./softmax.js";

/** Which axis is normalised. */
export interface SoftmaxOptions {
  /** From 0, or negative from the last; by default 1, the channels. */
  readonly axis?: number | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<SoftmaxOptions> = { axis: 1, name: 1 };

/** Returns exp(x) / sum of exp(x) over an axis. A string is the name. */
export function softmax(x: Tensor, options: SoftmaxOptions | string = {}): Tensor {
  const given = typeof options === "string" ? { name: options } : options;
  const { axes, name } = settled("softmax", x, given);
  if (x.layout === "image" && axes[0] === 1) return softmaxOfChannels(x, name);
  if (areRows(x, axes)) return softmaxRows(x, false, name);
  const { m, s } = shares(x, axes, name);
  return expression(
    { x, m, s },
    {
      name,
      value: "exp(x - m) / s",
      gradient: {
        x: (dy, _inputs, y) => mul(y, sub(dy, sum(mul(y, dy), { axes, keepDims: true }))),
      },
    },
  );
}

/** Returns x - log of the sum of exp(x) over an axis. */
export function logSoftmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  const { axes, name } = settled("logSoftmax", x, options);
  if (areRows(x, axes)) return softmaxRows(x, true, name);
  const { m, s } = shares(x, axes, name);
  return expression(
    { x, m, s },
    {
      name,
      value: "x - m - log(s)",
      gradient: {
        x(dy, _inputs, y) {
          const total = sum(dy, { axes, keepDims: true });
          return expression({ y, dy, total }, { value: "dy - exp(y) * total" });
        },
      },
    },
  );
}

/** Returns the logarithm of the sum of exp(x) over axes. */
export function logSumExp(x: Tensor, options: ReduceOptions = {}): Tensor {
  const op = options.name ?? "logSumExp";
  expectTensor(op, "the input", x);
  checkKeys(op, options, { axes: 1, keepDims: 1, name: 1 });
  const axes = reducedAxes(op, x, options.axes);
  const { m, s, kept } = shares(x, axes, op);
  const removed = x.shape.filter((_, i) => !axes.includes(i));
  const views = viewsOf(op, [x.shape, kept, kept], kept);
  const rest = { functions: "", lets: [], numbers: {}, reach: 0 };
  return formula(
    [x, m, s],
    {
      ...rest,
      names: ["x", "m", "s"],
      views,
      value: "m + log(s)",
      ...(options.keepDims
        ? { shape: kept, layout: x.layout }
        : { shape: removed.length > 0 ? removed : [1], layout: "dense" }),
      gradientOf(node, dy) {
        const dx = {
          ...rest,
          names: ["x", "m", "s", "dy"],
          views: viewsOf(op, [x.shape, kept, kept, kept], x.shape),
          value: "dy * exp(x - m) / s",
          shape: x.shape,
          layout: x.layout,
        };
        return [formula([...node.inputs, dy], dx, `${op} gradient`)];
      },
    },
    op,
  );
}

function settled(op: string, x: Tensor, options: SoftmaxOptions) {
  const { axis = 1, name = op } = options;
  expectTensor(op, "the input", x);
  checkKeys(op, options, OPTIONS);
  return { axes: reducedAxes(op, x, axis), name };
}

const areRows = ({ layout, shape }: Tensor, [axis]: readonly number[]) =>
  layout === "dense" && axis === shape.length - 1;

/** The largest element over axes, and the sum of exp(x - largest). */
function shares(x: Tensor, axes: readonly number[], name: string) {
  const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const of = (from: Tensor, kind: Reduction, what: string) =>
    applyReduce(from, { ...layoutOf(x, kept), kind, factor: 1, view: x.shape, axes }, what);
  const m = of(x, "max", `${name}: largest`);
  const e = expression({ x, m }, { value: "exp(x - m)", name: `${name}: exponentials` });
  return { m, s: of(e, "sum", `${name}: sum`), kept };
}

/** Images of one column would be mostly padding. */
const layoutOf = ({ layout }: Tensor, shape: Shape) =>
  ({ shape, layout: layout === "image" && shape[3] > 1 ? "image" : "dense" }) as const;
