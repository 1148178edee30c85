import { apply, type Op, ShapeError, sameShape, type Tensor, text } from "../../graph/tensor.js";
import { perGroup } from "../common/per-group.js";

/** max(0, x), element by element. */
export function relu(x: Tensor, name?: string): Tensor {
  return apply(reluOp, [x], undefined, name)[0];
}

export const reluOp: Op<undefined> = {
  name: "relu",
  outputs([x]) {
    return [{ shape: x.shape, layout: x.layout }];
  },
  gradient(node, [dy]) {
    return [dy && reluGradient(node.outputs[0], dy, `${node.name} gradient`)];
  },
  dispatches({ inputs: [x], outputs: [y] }) {
    return [perGroup("relu", y, [x, y])];
  },
};

/** dy where the activation y = max(0, x) is positive, else 0. */
export function reluGradient(y: Tensor, dy: Tensor, name?: string): Tensor {
  return apply(reluGradientOp, [y, dy], undefined, name)[0];
}

export const reluGradientOp: Op<undefined> = {
  name: "relu-gradient",
  isReluMask: true,
  outputs([y, dy]) {
    if (!sameShape(y, dy)) {
      throw new ShapeError(
        `relu-gradient: the shapes differ: ${text(y.shape)} and ${text(dy.shape)}`,
      );
    }
    return [{ shape: y.shape, layout: y.layout }];
  },
  dispatches({ inputs: [y, dy], outputs: [dx] }) {
    return [perGroup("relu-gradient", dx, [y, dy, dx])];
  },
};
