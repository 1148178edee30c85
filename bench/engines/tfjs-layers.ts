// Single ops of tfjs.

import type { Shape } from "../../src/graph/tensor.js";
import { fromTf, type Tf, type TfTensor, toTf } from "./tfjs-types.js";
import type { LayerCase, LayerRunner } from "./types.js";

interface Op {
  readonly compute: () => TfTensor;
  /** The result's shape in PyTorch's order. */
  readonly shape: Shape;
  readonly isWeight?: boolean;
}

export async function tfjsLayer(tf: Tf, layer: LayerCase): Promise<LayerRunner | undefined> {
  const tensors = layer.inputs.map(({ shape, values, isImage }) =>
    toTf(tf, shape, values, !isImage),
  );
  const op = opOf(tf, layer, tensors);
  if (!op) return undefined;
  const close = () => {
    for (const tensor of tensors) tensor.dispose();
  };
  return {
    async run() {
      const y = op.compute();
      // Reading one element waits for the op, and is next to nothing.
      const one = tf.slice(
        y,
        y.shape.map(() => 0),
        y.shape.map(() => 1),
      );
      await one.data();
      one.dispose();
      y.dispose();
    },
    async result() {
      const y = op.compute();
      const values = await y.data();
      y.dispose();
      return fromTf(op.shape, values, op.isWeight ?? false);
    },
    close,
  };
}

function opOf(tf: Tf, { kind, inputs }: LayerCase, [a, b]: readonly TfTensor[]): Op | undefined {
  const [n, c, h, w] = inputs[0].shape;
  const other = inputs[1]?.shape ?? [];
  const options = { strides: 1, pad: "valid", dataFormat: "NHWC" };
  const kernel = (name: string, tensors: object, more: object) =>
    tf.engine().runKernel(name, tensors, { ...options, ...more });
  switch (kind) {
    case "convolution":
      return {
        compute: () => tf.conv2d(a, b, 1, "valid"),
        shape: [n, other[0], h - 2, w - 2],
      };
    case "convolution input gradient": {
      const inputShape = [n, h + 2, w + 2, other[1]];
      return {
        compute: () => kernel("Conv2DBackpropInput", { dy: a, filter: b }, { inputShape }),
        shape: [n, other[1], h + 2, w + 2],
      };
    }
    case "convolution weight gradient": {
      const filterShape = [3, 3, c, other[1]];
      return {
        compute: () => kernel("Conv2DBackpropFilter", { x: a, dy: b }, { filterShape }),
        shape: [other[1], c, 3, 3],
        isWeight: true,
      };
    }
    case "up-convolution": {
      const size = [n, h * 2, w * 2, other[1]];
      return {
        compute: () => tf.conv2dTranspose(a, b, size, 2, "valid"),
        shape: [n, other[1], h * 2, w * 2],
      };
    }
    case "max-pool":
      return { compute: () => tf.maxPool(a, 2, 2, "valid"), shape: [n, c, h >> 1, w >> 1] };
    default:
      return undefined;
  }
}
