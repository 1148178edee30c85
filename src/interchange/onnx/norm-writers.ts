// Norms as nodes of ONNX, of operators of version 13.

import type { Node } from "../../graph/op.js";
import type { Tensor } from "../../graph/tensor.js";
import type { NodeWriter } from "./node-writer.js";

/** A batch norm of `channels`, with the gain and bias if there are any. */
export function batchNorm(
  x: string,
  [gain, bias, mean, variance]: readonly (string | undefined)[],
  { epsilon, channels }: { readonly epsilon: number; readonly channels: number },
  w: NodeWriter,
): string {
  const inputs = [x, gain ?? w.filled(1, channels), bias ?? w.filled(0, channels)];
  return w.add("BatchNormalization", [...inputs, mean ?? "", variance ?? ""], { epsilon });
}

interface Norm {
  readonly over: "batch" | "group" | "channels";
  readonly view: readonly [number, number, number];
  readonly groups: number;
  readonly hasGain: boolean;
  readonly hasBias: boolean;
  readonly slope: number;
}

export function writeNorm(node: Node, names: (tensor: Tensor) => string, w: NodeWriter): string {
  const { over, view, groups, hasGain, hasBias, slope } = node.attributes as unknown as Norm;
  const [x, statistics, gain, bias] = node.inputs;
  const [, channels] = view;
  const affine = [hasGain ? names(gain) : undefined, hasBias ? names(bias) : undefined];
  const maker = statistics.node;
  if (!maker) throw new Error(`${node.name}: a norm with statistics that are given is not written`);
  const { epsilon } = maker.attributes as unknown as { epsilon: number };
  const after = (y: string) => {
    if (slope === 1) return y;
    return slope === 0 ? w.add("Relu", [y]) : w.add("LeakyRelu", [y], { alpha: slope });
  };
  if (maker.op.name === "running-statistics") {
    const running = maker.inputs.map(names);
    return after(batchNorm(names(x), [...affine, ...running], { epsilon, channels }, w));
  }
  if (over !== "group" || channels !== x.shape[1]) {
    throw new Error(`${node.name}: a norm over ${over} of the channels is not written`);
  }
  if (groups === channels) {
    const inputs = [
      names(x),
      affine[0] ?? w.filled(1, channels),
      affine[1] ?? w.filled(0, channels),
    ];
    return after(w.add("InstanceNormalization", inputs, { epsilon }));
  }
  const whole = groupNorm(names(x), { groups, epsilon }, w);
  const column = (name: string) => w.add("Reshape", [name, w.list(1, channels, 1, 1)]);
  const scaled = affine[0] ? w.add("Mul", [whole, column(affine[0])]) : whole;
  return after(affine[1] ? w.add("Add", [scaled, column(affine[1])]) : scaled);
}

/** A group norm without gain and bias, of operators before version 18. */
export function groupNorm(
  x: string,
  { groups, epsilon }: { readonly groups: number; readonly epsilon: number },
  w: NodeWriter,
): string {
  const flat = w.add("Reshape", [x, w.list(0, groups, -1)]);
  const parts = [flat, w.filled(1, groups), w.filled(0, groups)];
  const normed = w.add("InstanceNormalization", parts, { epsilon });
  return w.add("Reshape", [normed, w.add("Shape", [x])]);
}
