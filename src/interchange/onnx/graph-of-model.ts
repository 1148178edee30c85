// From an ONNX model to the graph that is kept: only what the output needs, with weights, constants and the
// activation at the end told apart.

import type { OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "../../formats/onnx/onnx-types.js";
import { type OnnxActivation, withoutEnd } from "./end-activation.js";
import { withGroupNorms } from "./group-norms.js";
import { type Known, MOST_KNOWN } from "./known-values.js";
import type { OnnxGraph, StoredAttribute, StoredNode, StoredParameter } from "./onnx-graph.js";
import { operators } from "./operators.js";
import { areImageAxes, axesBySizes, type ImageInput, withImageAxes } from "./tensor-axes.js";
import { withoutTransposes } from "./transposes.js";

/** The parts of a model. */
export interface ModelParts {
  readonly graph: OnnxGraph;
  /** The values of the graph's parameters, by name. */
  readonly weights: ReadonlyMap<string, OnnxTensor>;
  /** The activation that ends the file's graph, which the graph here is without. */
  readonly activation: OnnxActivation | undefined;
  /** Channels of the image. */
  readonly channels: number;
  /** The side of the image that the file gives. */
  readonly side: number | undefined;
  /** The tensors that the image's channels are, one after the other. */
  readonly inputs: readonly ImageInput[];
}

/** What a file does not say about its tensors. */
export interface PartsOptions {
  /** The output that is read: its name, or its place among all; by default the first. */
  readonly output?: string | number | undefined;
  /** Axes of all inputs and of the output, by letters: "bcyx". By default from their sizes. */
  readonly axes?: { readonly inputs: readonly string[]; readonly output: string } | undefined;
  /** Leaves the activation at the end where it is. */
  readonly keepsEnd?: boolean | undefined;
}

/** Inputs whose values sizes and limits depend on, by operator: they are no weights. */
const VALUES: Readonly<Record<string, readonly number[]>> = {
  Clip: [1, 2],
  Dropout: [1, 2],
  Gather: [1],
  Pad: [1, 2, 3],
  Pow: [1],
  Resize: [1, 2, 3],
  Upsample: [1],
};

/** What the inputs of layers are, by operator and position. */
const ROLES: Readonly<Record<string, readonly (StoredParameter["role"] | undefined)[]>> = {
  BatchNormalization: [undefined, "gain", "bias", "mean", "variance"],
  Conv: [undefined, "weight", "bias"],
  ConvTranspose: [undefined, "weight", "bias"],
  Gemm: [undefined, "weight", "bias"],
  GroupNormalization: [undefined, "gain", "bias"],
  InstanceNormalization: [undefined, "gain", "bias"],
  LayerNormalization: [undefined, "gain", "bias"],
  MatMul: [undefined, "weight"],
  PRelu: [undefined, "gain"],
};

/** Before it, arithmetic had another rule of broadcasting. */
const OLDEST_OPSET = 7;

const FLOATS = ["float", "double", "float16", "bfloat16"];

/** Returns the parts of a model. Throws one line with `fileName` for a network that is not one of images. */
export function partsOf(
  model: OnnxModel,
  fileName: string,
  options: PartsOptions = {},
): ModelParts {
  const fail = (what: string) => new Error(`${fileName}: ${what}`);
  if (model.opset < OLDEST_OPSET) {
    throw fail(`its operators are of version ${model.opset}, expected ${OLDEST_OPSET} or later`);
  }
  const inputs = model.inputs.map((one, i) => imageOf(one, options.axes?.inputs[i], fail));
  if (inputs.length === 0) throw fail("it has no inputs, expected an image");
  const wanted = outputOf(model, options.output, fail);
  const usual = inputs[0].axes.replace(/^[^b]/, "b$&");
  const axes = options.axes?.output ?? axesBySizes(wanted.dims, usual) ?? usual;
  const { nodes, end, activation } = options.keepsEnd
    ? { nodes: model.nodes, end: wanted.name, activation: undefined }
    : withoutEnd(model, wanted.name, axes);
  const constantNodes = nodes.filter(({ operator }) => operator === "Constant");
  const fromNodes = constantNodes.map((node) => valueOfConstant(node, fail));
  const tensors = [...model.initializers, ...fromNodes];
  const needed = nodesBefore(withGroupNorms(nodes, tensors), end, fail);
  checkOperators(needed, fail);
  const { constants, parameters, weights } = sorted(needed, tensors, new Set(fromNodes), fail);
  const stored = needed.map((node) => storedNode(node, fail));
  const { opset } = model;
  const own = withImageAxes(stored, inputs, { name: end, axes });
  const sides = new Set(
    inputs.flatMap(({ height, width }) => (height === width ? [height] : ["?"])),
  );
  const [side] = sides;
  return {
    graph: {
      opset,
      ...own,
      nodes: withoutTransposes(own.nodes, own.output),
      constants,
      parameters,
    },
    weights,
    activation,
    channels: inputs.reduce((sum, one) => sum + one.channels, 0),
    side: sides.size === 1 && typeof side === "number" && side > 0 ? side : undefined,
    inputs,
  };
}

type Fail = (what: string) => Error;

/** An input of the file as channels of the image. */
function imageOf({ name, dims }: OnnxValue, given: string | undefined, fail: Fail) {
  const axes = given ?? axesBySizes(dims, "bcyx");
  const sizeOf = (letter: string) => {
    const place = axes?.indexOf(letter) ?? -1;
    return place < 0 ? 1 : dims?.[place];
  };
  const channels = sizeOf("c");
  const isFit = dims?.length === axes?.length && axes !== undefined && areImageAxes(axes);
  if (!isFit || typeof channels !== "number" || channels < 1) {
    const expected = given ? `the axes ${given}` : "[N, C, H, W]";
    throw fail(
      `its input ${name} is [${dims ?? "?"}], expected ${expected} with a known number of channels`,
    );
  }
  return { name, axes, channels, height: sizeOf("y"), width: sizeOf("x") };
}

function outputOf({ outputs }: OnnxModel, wanted: string | number = 0, fail: Fail): OnnxValue {
  const found =
    typeof wanted === "number" ? outputs[wanted] : outputs.find(({ name }) => name === wanted);
  if (found) return found;
  const names = outputs.map(({ name }) => name).join(", ");
  throw fail(`it has no output ${wanted}, expected ${names}`);
}

/** The nodes that an output needs, in the order of the file, without constants. */
function nodesBefore(nodes: readonly OnnxNode[], output: string, fail: Fail): OnnxNode[] {
  const makers = new Map<string, number>();
  for (const [i, { outputs }] of nodes.entries()) {
    for (const name of outputs) {
      if (name !== "" && makers.has(name)) throw fail(`two nodes compute ${name}`);
      makers.set(name, i);
    }
  }
  const needed = new Set<number>();
  const open = [output];
  while (open.length > 0) {
    const name = open.pop() as string;
    const i = makers.get(name);
    if (i === undefined || needed.has(i)) continue;
    needed.add(i);
    for (const input of nodes[i].inputs) {
      if (input === "") continue;
      if ((makers.get(input) ?? -1) >= i) {
        throw fail(
          `node ${nodes[i].operator} of ${name} reads ${input}, which no node before it computes`,
        );
      }
      open.push(input);
    }
  }
  return [...needed]
    .sort((a, b) => a - b)
    .map((i) => nodes[i])
    .filter(({ operator }) => operator !== "Constant");
}

/** Operators that only compute known values. */
const OF_SIZES = ["Shape", "ConstantOfShape", "Equal", "ReduceProd", "Mod"];

/** Throws for operators that are not there, with all their names. */
function checkOperators(nodes: readonly OnnxNode[], fail: Fail): void {
  const missing = nodes.filter(
    ({ operator, domain }) =>
      domain !== "" || !(Object.hasOwn(operators, operator) || OF_SIZES.includes(operator)),
  );
  if (missing.length === 0) return;
  const names = [
    ...new Set(missing.map(({ operator, domain }) => `${domain && `${domain}.`}${operator}`)),
  ];
  const [{ name, outputs }] = missing;
  throw fail(
    `it has operators that are not supported: ${names.join(", ")} (the first is node ${name || outputs[0]})`,
  );
}

/** The tensors that the nodes read, as constants and as parameters. */
function sorted(
  nodes: readonly OnnxNode[],
  tensors: readonly OnnxTensor[],
  fromNodes: ReadonlySet<OnnxTensor>,
  fail: Fail,
) {
  const known = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const constants: Record<string, Known> = Object.create(null);
  const parameters = new Map<string, StoredParameter>();
  const weights = new Map<string, OnnxTensor>();
  let values = 0;
  for (const { operator, inputs } of nodes) {
    for (const [i, name] of inputs.entries()) {
      const tensor = known.get(name);
      if (!tensor) continue;
      const role = ROLES[operator]?.[i] ?? (fromNodes.has(tensor) ? undefined : "bias");
      const isWeight =
        FLOATS.includes(tensor.type) &&
        tensor.dims.length > 0 &&
        role !== undefined &&
        !VALUES[operator]?.includes(i);
      if (isWeight) {
        const { dims: shape } = tensor;
        if (!parameters.has(name)) parameters.set(name, { name, shape, role });
        weights.set(name, tensor);
      } else if (!(name in constants)) {
        values += tensor.data.length;
        if (values > MOST_KNOWN) throw fail(`its constants have more than ${MOST_KNOWN} values`);
        constants[name] = knownOf(tensor, fail);
      }
    }
  }
  for (const name of Object.keys(constants)) parameters.delete(name);
  if (parameters.size === 0) throw fail("it has no weights");
  return { constants: { ...constants }, parameters: [...parameters.values()], weights };
}

function knownOf({ name, dims, data, external }: OnnxTensor, fail: Fail): Known {
  if (external) throw fail(`the constant ${name} is in another file, ${external.location}`);
  return { dims, values: [...data] };
}

/** The tensor of a node Constant. */
function valueOfConstant({ outputs, attributes }: OnnxNode, fail: Fail): OnnxTensor {
  const {
    value,
    value_float: float,
    value_floats: floats,
    value_int: int,
    value_ints: ints,
  } = attributes;
  const [name] = outputs;
  if (value !== null && typeof value === "object" && "data" in value) return { ...value, name };
  const one = float ?? int;
  const data = typeof one === "number" ? [one] : (floats ?? ints);
  if (!Array.isArray(data)) throw fail(`the constant ${name} holds no numbers`);
  const dims = typeof one === "number" ? [] : [data.length];
  const type = float === undefined && floats === undefined ? "int64" : "float";
  return { name, dims, type, data: Float64Array.from(data as number[]) };
}

function storedNode(
  { name, operator, inputs, outputs, attributes }: OnnxNode,
  fail: Fail,
): StoredNode {
  const stored: Record<string, StoredAttribute> = Object.create(null);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "object" && "graph" in value) {
      throw fail(`node ${operator} of ${name || outputs[0]} has a graph of its own`);
    }
    const isTensor = typeof value === "object" && "data" in value;
    stored[key] = isTensor ? knownOf(value, fail) : (value as StoredAttribute);
  }
  return { name, operator, inputs, outputs, attributes: { ...stored } };
}
