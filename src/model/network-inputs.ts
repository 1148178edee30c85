// The inputs of a network besides its image.

import { input, ShapeError, type Tensor } from "../graph/tensor.js";
import type { Model, NetworkInput } from "./model.js";

type NetworkInputs = NonNullable<Model["inputs"]>;

/** The name of an input of a network in its graph. */
export const inputName = (name: string) => `inputs.${name}`;

/** Returns a function that returns an input by name, the same tensor each time, for a batch of images x. */
export function inputTensors(inputs: NetworkInputs, x: Tensor): (name: string) => Tensor {
  const [batch, , height, width] = x.shape;
  const tensors = new Map(
    Object.entries(inputs).map(([name, one]) => {
      const shape = "channels" in one ? [batch, one.channels, height, width] : [batch, one.values];
      return [name, input(inputName(name), shape, "channels" in one ? "image" : "dense")] as const;
    }),
  );
  return (name) => {
    const tensor = tensors.get(name);
    if (tensor) return tensor;
    const known = [...tensors.keys()].join(", ") || "none besides the image";
    throw new ShapeError(`the network has no input ${name}, it has ${known}`);
  };
}

/** Throws unless each input is planes or numbers, and says which one is neither. */
export function checkInputs(network: string, inputs: NetworkInputs): void {
  for (const [name, one] of Object.entries(inputs)) {
    const { channels, values } = one as { channels?: unknown; values?: unknown };
    const size = channels ?? values;
    const isOne = channels === undefined || values === undefined;
    if (isOne && Number.isSafeInteger(size) && (size as number) >= 1) continue;
    throw new Error(
      `${network}: the input ${name} is ${JSON.stringify(one)}, expected { channels: 1 } for planes as large ` +
        "as the image, or { values: 1 } for numbers, of at least 1",
    );
  }
}

/** "context [2][height][width]" */
export const inWords = ([name, one]: readonly [string, NetworkInput]) =>
  "channels" in one ? `${name} [${one.channels}][height][width]` : `${name} [${one.values}]`;
