import { apply, type Op } from "../../graph/op.js";
import { ShapeError, sameShape, type Tensor, text } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

/** Returns max(0, x), element by element. */
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
  receptiveField: ({ inputs: [x] }, rows) => [[x, rows]],
  words: () => "ReLU",
  kernels: [
    {
      name: "relu",
      dispatches({ inputs: [x], outputs: [y] }) {
        return [perGroup(shaders.relu, y, { bindings: [x, y] })];
      },
    },
  ],
};

/** Returns dy where the activation y = max(0, x) is positive, else 0. */
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
  kernels: [
    {
      name: "relu-gradient",
      dispatches({ inputs: [y, dy], outputs: [dx] }) {
        return [perGroup(shaders.reluGradient, dx, { bindings: [y, dy, dx] })];
      },
    },
  ],
};
