// The graph of a model of this engine as nodes of ONNX.

import { input, type Tensor } from "../../graph/tensor.js";
import { nodesFor } from "../../graph/walk.js";
import type { Model } from "../../model/model.js";
import { parameterTensors } from "../../model/parameters.js";
import type { NodeWriter } from "./node-writer.js";
import { OP_WRITERS } from "./op-writers.js";

/**
 * Writes a model's network from the image `image` on; returns the name of its logits. Throws for an op that has no
 * form here, and names it.
 */
export function writeNetwork(model: Model, image: string, w: NodeWriter): string {
  if (model.inputs) {
    const names = Object.keys(model.inputs).join(", ");
    throw new Error(
      `the ${model.title} also reads ${names}: only networks of one image are exported`,
    );
  }
  const side = model.inputFor(8 * model.gridStep);
  const x = input("image", [1, model.config.channels, side, side]);
  const parameters = parameterTensors(model.parameters);
  const logits = model.logits(x, parameters);
  const written = new Map<Tensor, string>([[x, image]]);
  for (const [name, tensor] of parameters) written.set(tensor, name);
  const names = (tensor: Tensor) => {
    const name = written.get(tensor);
    if (name !== undefined) return name;
    throw new Error(`the tensor ${tensor.name} is not one of the network`);
  };
  for (const node of nodesFor([logits])) {
    const write = OP_WRITERS[node.op.name];
    if (!write) {
      const known = Object.keys(OP_WRITERS).join(", ");
      throw new Error(`${node.name}: the op ${node.op.name} is not written, expected ${known}`);
    }
    const name = write(node, names, w);
    if (name !== undefined) written.set(node.outputs[0], name);
  }
  return names(logits);
}
