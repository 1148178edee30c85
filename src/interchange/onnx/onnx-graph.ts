// The graph of an imported network, as its configuration holds it, and the tensors that it builds.

import { constant, type Tensor } from "../../graph/tensor.js";
import type { Dropout } from "../../model/model.js";
import * as ops from "../../operations.js";
import { type Known, knownResult, knownShape, MOST_KNOWN } from "./known-values.js";
import { attributesOf, type Call, Unsupported } from "./operator-call.js";
import { operators } from "./operators.js";

/** A node: the operator, names of inputs ("" for one that is left out) and outputs, attributes. */
export interface StoredNode {
  /** ONNX's name: "Conv". */
  readonly operator: string;
  /** For errors. */
  readonly name: string;
  /** Names of the values it reads, "" for one that is left out. */
  readonly inputs: readonly string[];
  /** Names of the values it computes. */
  readonly outputs: readonly string[];
  /** By ONNX's names. */
  readonly attributes: Readonly<Record<string, StoredAttribute>>;
}

/** The value of an attribute; a tensor as known values. */
export type StoredAttribute = number | string | readonly number[] | readonly string[] | Known;

/** A weight. */
export interface StoredParameter {
  /** As in the ONNX file. */
  readonly name: string;
  /** Sizes in ONNX's order: [outputs, inputs, height, width] of a convolution. */
  readonly shape: readonly number[];
  /** What training from scratch begins with, and "mean", "variance": running averages, which are not trained. */
  readonly role: "weight" | "bias" | "gain" | "mean" | "variance";
}

/** A network from an ONNX file: one image to one tensor of maps. */
export interface OnnxGraph {
  /** The version of ONNX's operators. */
  readonly opset: number;
  /** Name of the image. */
  readonly input: string;
  /** Name of the maps, before the activation. */
  readonly output: string;
  /** Each after those whose results it reads. */
  readonly nodes: readonly StoredNode[];
  /** Values that are known without an image, by name. */
  readonly constants: Readonly<Record<string, Known>>;
  /** What can be trained, and the averages of norms. */
  readonly parameters: readonly StoredParameter[];
}

/** Thrown for a graph that takes too long to build, whatever the size of the image. */
export class TooMuch extends Error {}

/** What building may still take, over several times: nodes, each with up to 10 known values. */
export interface Budget {
  left: number;
}
const VALUES_PER_NODE = 10;

type Value = Tensor | Known;

const isKnown = (value: Value | undefined): value is Known =>
  value !== undefined && "dims" in value;

/**
 * Builds the maps of an image x [N,C,H,W]; with `training` batch norms normalise by their batch, and its list of updates
 * gets the nodes of their running averages. `budget` gets less by what it takes. Throws for a node that the engine cannot run, and names it.
 */
export function buildOnnx(
  graph: OnnxGraph,
  x: Tensor,
  parameters: ReadonlyMap<string, Tensor>,
  training?: Pick<Dropout, "updates">,
  budget: Budget = { left: Infinity },
): Tensor {
  const values = new Map<string, Value>([
    ...Object.entries(graph.constants),
    ...parameters,
    [graph.input, x],
  ]);
  let known = 0;
  for (const node of graph.nodes) {
    try {
      const results = resultsOf(node, graph.opset, values, training);
      const count = results.reduce((sum, one) => sum + (isKnown(one) ? one.values.length : 0), 0);
      known += count;
      if (known > MOST_KNOWN) throw new TooMuch(`the graph computes over ${MOST_KNOWN} values`);
      budget.left -= 1 + Math.floor(count / VALUES_PER_NODE);
      if (budget.left < 0) throw new TooMuch("no size of images was found that its nodes take");
      for (const [i, output] of node.outputs.entries()) {
        if (output !== "" && results[i]) values.set(output, results[i]);
      }
    } catch (error) {
      if (error instanceof TooMuch) throw error;
      const { message } = error as Error;
      const why = error instanceof Unsupported ? `is not supported: ${message}` : message;
      throw new Error(`node ${shownNode(node)} ${why}`, { cause: error });
    }
  }
  const output = values.get(graph.output);
  if (output === undefined || isKnown(output)) {
    throw new Error(`the output ${graph.output} does not depend on the image`);
  }
  return output.shape.length === 4 ? ops.toImage(output) : output;
}

/** "Conv of /encoder/conv1". */
export const shownNode = ({ operator, name, outputs }: StoredNode): string =>
  `${operator} of ${name || outputs[0]}`;

function resultsOf(
  node: StoredNode,
  opset: number,
  values: ReadonlyMap<string, Value>,
  training: Pick<Dropout, "updates"> | undefined,
): readonly Value[] {
  const inputs = node.inputs.map((name) => {
    if (name === "") return undefined;
    const value = values.get(name);
    if (value === undefined) throw new Error(`reads ${name}, which no node before it computes`);
    return value;
  });
  const { operator, attributes } = node;
  if (operator === "Shape" && inputs[0]) {
    const shape = isKnown(inputs[0]) ? inputs[0].dims : inputs[0].shape;
    return [knownShape(shape, attributes)];
  }
  if (inputs.every((value) => value === undefined || isKnown(value))) {
    const known = knownResult(operator, inputs as (Known | undefined)[], attributes);
    if (known) return [known];
  }
  if (!Object.hasOwn(operators, operator)) {
    throw new Unsupported(`the engine has no operator ${operator}`);
  }
  const built = operators[operator]({ ...callOf(node, opset, inputs), training });
  return Array.isArray(built) ? built : [built as Tensor];
}

function callOf(node: StoredNode, opset: number, inputs: readonly (Value | undefined)[]): Call {
  const given = (i: number): Value => {
    const value = inputs[i];
    if (value === undefined) throw new Error(`has no input ${i}`);
    return value;
  };
  const tensor = (i: number): Tensor => {
    const value = given(i);
    if (!isKnown(value)) return value.shape.length === 4 ? ops.toImage(value) : value;
    if (value.values.length === 0) throw new Unsupported("an empty tensor");
    return constant(node.inputs[i], value.dims.length > 0 ? value.dims : [1], value.values);
  };
  const known = (i: number): Known => {
    const value = given(i);
    if (isKnown(value)) return value;
    throw new Unsupported(`input ${node.inputs[i]} must be known before the network runs`);
  };
  return {
    operator: node.operator,
    outputs: node.outputs.length,
    opset,
    count: inputs.length,
    has: (i) => {
      const value = inputs[i];
      return value !== undefined && !(isKnown(value) && value.values.length === 0);
    },
    tensor,
    dense: (i) => {
      const value = given(i);
      return isKnown(value) ? ops.toDense(tensor(i)) : ops.toDense(value);
    },
    known,
    values: (i) => [...known(i).values],
    ...attributesOf(node.attributes),
  };
}
