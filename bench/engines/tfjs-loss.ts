import type { Shape } from "../../src/graph/tensor.js";
import type { Tf, TfTensor } from "./tfjs-types.js";

/**
 * The weighted softmax loss of logits [N, H, W, 2], divided by the number of pixels with a weight
 * above 0; class and weight of each pixel are given, `shape` is [N, H, W].
 */
export function tfjsLoss(
  tf: Tf,
  label: Float32Array,
  weight: Float32Array,
  shape: Shape,
): (logits: TfTensor) => TfTensor {
  const classes = Float32Array.from({ length: label.length * 2 }, (_, i) =>
    Number(label[i >> 1] === i % 2),
  );
  const oneHot = tf.tensor(classes, [...shape, 2]);
  const map = tf.tensor(weight, shape);
  const counted = weight.reduce((count, value) => count + Number(value > 0), 0);
  return (logits) => {
    const picked = tf.sum(tf.mul(oneHot, tf.logSoftmax(logits)), 3);
    return tf.mul(tf.sum(tf.mul(map, picked)), -1 / counted);
  };
}
