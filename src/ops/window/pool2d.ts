// The op of poolings whose windows are described by numbers.

import { apply, type Node, type Op } from "../../graph/op.js";
import { type Shape, scratchImage, type Tensor } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/general.generated.js";
import { ABSENT } from "../common/absent.js";
import { perGroup } from "../common/per-group.js";
import { type AxisWindows, pooledRows, windowsPerPixel, windowUniforms } from "./windows.js";

export interface PoolAttributes {
  readonly kind: "max" | "mean";
  /** Of rows and of columns. */
  readonly windows: readonly [AxisWindows, AxisWindows];
  readonly isPaddingCounted: boolean;
}

/** Applies the op. */
export const pool = (x: Tensor, attributes: PoolAttributes, name: string) =>
  apply(pool2dOp, [x], attributes, name)[0];

export const pool2dOp: Op<PoolAttributes> = {
  name: "pool2d",
  outputs([x], { windows: [rows, columns] }) {
    const [n, c] = x.shape;
    return [{ shape: [n, c, rows.count, columns.count], layout: "image" }];
  },
  gradient({ inputs: [x], attributes, name }, [dy]) {
    if (!dy) return [];
    const back = { ...attributes, shape: x.shape };
    const inputs = attributes.kind === "max" ? [dy, x] : [dy];
    return [apply(pool2dGradientOp, inputs, back, `${name} gradient`)[0]];
  },
  receptiveField: ({ name, inputs: [x], attributes: { windows } }, rows) => [
    [x, pooledRows(name, windows, rows)],
  ],
  words: ({ attributes: { kind } }) => (kind === "max" ? "max-pooling" : "mean pooling"),
  kernels: [
    {
      name: "pool2d",
      dispatches({ inputs: [x], outputs: [y], attributes }) {
        return [forward(x, y, attributes, attributes.kind === "max" ? 0 : 2)];
      },
    },
  ],
};

const forward = (
  x: Tensor,
  y: Tensor,
  { windows, isPaddingCounted }: PoolAttributes,
  kind: number,
) =>
  perGroup(shaders.pool2d, y, {
    constants: { KIND: kind },
    bindings: [x, y],
    uniforms: windowUniforms(x, y, windows, isPaddingCounted),
  });

interface GradientAttributes extends PoolAttributes {
  /** Of x. */
  readonly shape: Shape;
}

/** Inputs dy and, for the maximum, x; output dx. */
export const pool2dGradientOp: Op<GradientAttributes> = {
  name: "pool2d-gradient",
  outputs: (_, { shape }) => [{ shape, layout: "image" }],
  kernels: [
    {
      name: "pool2d-gradient",
      tolerance: () => TOLERANCES.gradient,
      dispatches(node: Node<GradientAttributes>) {
        const {
          inputs: [dy, x],
          outputs: [dx],
          attributes,
          name,
        } = node;
        // The places of the largest pixels are found once per window, not once per pixel of it.
        const places = x && scratchImage(`${name}: places`, dy.shape);
        const { windows, isPaddingCounted } = attributes;
        const back = perGroup(shaders.pool2dGradient, dx, {
          constants: { IS_MAX: Number(x !== undefined) },
          bindings: [dy, places ?? ABSENT, dx],
          uniforms: {
            ...windowUniforms(dx, dy, windows, isPaddingCounted),
            windowsY: windowsPerPixel(windows[0]),
            windowsX: windowsPerPixel(windows[1]),
          },
        });
        return places ? [forward(x, places, attributes, 1), back] : [back];
      },
    },
  ],
};
