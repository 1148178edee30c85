// Operators of ONNX as expressions of PyTorch.

/** A node: names of tensors in and out. */
export interface GraphNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What an operator reads. */
export interface Values {
  /** A tensor or a constant, in Python. */
  tensor(name: string): string;
  /** The numbers of a constant. */
  numbers(name: string): ArrayLike<number> | undefined;
  readonly isTrained: boolean;
}

type Write = (node: GraphNode, values: Values) => string;

const refuse = (what: string) => new Error(`${what} is not written for PyTorch`);

const list = ({ attributes }: GraphNode, name: string): readonly number[] | undefined =>
  attributes[name] as readonly number[] | undefined;
const number = ({ attributes }: GraphNode, name: string, usual: number): number =>
  (attributes[name] as number | undefined) ?? usual;
const pair = (values: readonly number[]) => `(${values.join(", ")})`;

/** Arguments that differ from PyTorch's own. */
const options = (given: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `, ${name}=${value}`)
    .join("");

const unless = (values: readonly number[] | undefined, usual: number) =>
  values?.some((one) => one !== usual) ? pair(values) : undefined;

/** The input, padded first if its sides differ; and the padding that is left for the layer. */
function padded(
  node: GraphNode,
  x: string,
  value = "",
): { x: string; padding: string | undefined } {
  const [top = 0, left = 0, bottom = 0, right = 0] = list(node, "pads") ?? [];
  if (node.attributes.auto_pad && node.attributes.auto_pad !== "NOTSET") throw refuse("auto_pad");
  if (top === bottom && left === right) return { x, padding: unless([top, left], 0) };
  return { x: `F.pad(${x}, (${left}, ${right}, ${top}, ${bottom})${value})`, padding: undefined };
}

const conv: Write = (node, { tensor }) => {
  const [image, ...rest] = node.inputs;
  const { x, padding } = padded(node, tensor(image));
  const groups = number(node, "group", 1);
  return `F.conv2d(${[x, ...rest.map(tensor)].join(", ")}${options({
    stride: unless(list(node, "strides"), 1),
    padding,
    dilation: unless(list(node, "dilations"), 1),
    groups: groups === 1 ? undefined : `${groups}`,
  })})`;
};

const convTranspose: Write = (node, { tensor }) => {
  const pads = list(node, "pads") ?? [0, 0, 0, 0];
  if (pads[0] !== pads[2] || pads[1] !== pads[3] || node.attributes.output_shape) {
    throw refuse("a transposed convolution with different sides");
  }
  const groups = number(node, "group", 1);
  return `F.conv_transpose2d(${node.inputs.map(tensor).join(", ")}${options({
    stride: unless(list(node, "strides"), 1),
    padding: unless(pads.slice(0, 2), 0),
    output_padding: unless(list(node, "output_padding"), 0),
    groups: groups === 1 ? undefined : `${groups}`,
    dilation: unless(list(node, "dilations"), 1),
  })})`;
};

const pool =
  (name: string, filled: string): Write =>
  (node, { tensor }) => {
    const { x, padding } = padded(node, tensor(node.inputs[0]), filled);
    const isCounted = number(node, "count_include_pad", 0) === 1;
    if (number(node, "ceil_mode", 0) === 1) throw refuse("ceil_mode");
    const kernel = pair(list(node, "kernel_shape") ?? []);
    const stride = pair(list(node, "strides") ?? [1, 1]);
    const isMean = name === "avg_pool2d" && padding && !isCounted;
    return `F.${name}(${x}, ${kernel}, ${stride}${options({
      padding,
      dilation: unless(list(node, "dilations"), 1),
      count_include_pad: isMean ? "False" : undefined,
    })})`;
  };

const batchNorm: Write = (node, { tensor, isTrained }) => {
  const [x, gain, bias, mean, variance] = node.inputs.map(tensor);
  const training = isTrained ? "self.training" : "False";
  const momentum = +(1 - number(node, "momentum", 0.9)).toFixed(6);
  return `F.batch_norm(${x}, ${mean}, ${variance}, ${gain}, ${bias}, ${training}, ${momentum}, ${number(node, "epsilon", 1e-5)})`;
};

const instanceNorm: Write = (node, { tensor, numbers }) => {
  const [x, gain, bias] = node.inputs;
  const isAll = (name: string, value: number) => {
    const known = numbers(name);
    return known !== undefined && Array.from(known).every((one) => one === value);
  };
  const affine =
    isAll(gain, 1) && isAll(bias, 0) ? "" : `, weight=${tensor(gain)}, bias=${tensor(bias)}`;
  return `F.instance_norm(${tensor(x)}${affine}, eps=${number(node, "epsilon", 1e-5)})`;
};

const groupNorm: Write = (node, { tensor }) => {
  const [x, ...affine] = node.inputs.map(tensor);
  const [gain, bias] = affine;
  const more = gain === undefined ? "" : `, ${gain}, ${bias}`;
  return `F.group_norm(${x}, ${number(node, "num_groups", 1)}${more}, eps=${number(node, "epsilon", 1e-5)})`;
};

const resize: Write = (node, { tensor, numbers }) => {
  const scales = numbers(node.inputs[node.operator === "Upsample" ? 1 : 2]);
  if (scales?.length !== 4) throw refuse("a resizing to a size that is computed");
  const factors = [scales[2], scales[3]];
  const rule = String(node.attributes.coordinate_transformation_mode ?? "half_pixel");
  const isLinear = node.attributes.mode === "linear";
  const isWhole = factors.every(Number.isInteger);
  if (!isLinear && !isWhole) throw refuse("a nearest resizing by a fraction");
  if (isLinear && !["half_pixel", "pytorch_half_pixel", "align_corners"].includes(rule)) {
    throw refuse(`a resizing with ${rule}`);
  }
  const corners = isLinear ? `, align_corners=${rule === "align_corners" ? "True" : "False"}` : "";
  const mode = isLinear ? "bilinear" : "nearest";
  return `F.interpolate(${tensor(node.inputs[0])}, scale_factor=${pair(factors)}, mode="${mode}"${corners})`;
};

/** A cut of axes by constants. */
const slice: Write = ({ inputs: [x, ...where] }, { tensor, numbers }) => {
  const [starts, ends, axes, steps] = where.map(numbers);
  const isPlain = starts && ends && axes && Array.from(axes).every((axis) => axis >= 0);
  if (!isPlain || (steps && Array.from(steps).some((step) => step !== 1))) {
    throw refuse("a slice that is computed, or with steps");
  }
  const ranges = Array.from({ length: 1 + Math.max(...Array.from(axes)) }, (_, axis) => {
    const i = Array.from(axes).indexOf(axis);
    if (i < 0) return ":";
    return `${starts[i] === 0 ? "" : starts[i]}:${ends[i] >= END ? "" : ends[i]}`;
  });
  return `${tensor(x)}[${ranges.join(", ")}]`;
};

/** "To the end", as ONNX writes it, or larger. */
const END = 2 ** 31 - 1;

const reshape: Write = ({ inputs: [x, to] }, { tensor, numbers }) => {
  const sizes = numbers(to);
  if (!sizes) return `${tensor(x)}.reshape(${tensor(to)})`;
  const own = Array.from(sizes, (size, i) => (size === 0 ? `${tensor(x)}.shape[${i}]` : size));
  return `${tensor(x)}.reshape(${own.join(", ")})`;
};

const pad: Write = (node, { tensor, numbers }) => {
  const sides = numbers(node.inputs[1]) ?? list(node, "pads");
  const mode = node.attributes.mode ?? "constant";
  const isImage = sides?.length === 8 && [0, 1, 4, 5].every((i) => sides[i] === 0);
  if (!isImage || node.inputs.length > 2) throw refuse("a padding with a value, or of other axes");
  const [, , top, left, , , bottom, right] = Array.from(sides);
  const word = mode === "edge" ? "replicate" : mode;
  return `F.pad(${tensor(node.inputs[0])}, (${left}, ${right}, ${top}, ${bottom}), "${word}")`;
};

/** Axes are an attribute or, in later opsets, a constant. */
function axesOf(node: GraphNode, { numbers }: Values): number[] {
  const axes = list(node, "axes") ?? numbers(node.inputs[1] ?? "");
  if (!axes) throw refuse(`${node.operator} without known axes`);
  return Array.from(axes);
}

const clip: Write = (node, { tensor, numbers }) => {
  const limit = (i: number, name: string) => {
    const given = node.inputs[i] ? numbers(node.inputs[i])?.[0] : number(node, name, Number.NaN);
    if (given === undefined) throw refuse("a limit that is computed");
    return Number.isNaN(given) ? undefined : `${given}`;
  };
  return `torch.clamp(${tensor(node.inputs[0])}${options({ min: limit(1, "min"), max: limit(2, "max") })})`;
};

const transpose: Write = (node, { tensor }) => {
  const order = list(node, "perm");
  if (!order) throw refuse("a transposition without an order");
  return `${tensor(node.inputs[0])}.permute(${order.join(", ")})`;
};

/** Adds axes of one element, the first one first, or takes them away, the farthest first. */
const onAxes =
  (method: "squeeze" | "unsqueeze"): Write =>
  (node, values) => {
    const axes = axesOf(node, values);
    if (axes.length > 1 && axes.some((axis) => axis < 0)) throw refuse("axes from the end");
    axes.sort((a, b) => (method === "squeeze" ? b - a : a - b));
    const steps = axes.map((axis) => `.${method}(${axis})`);
    return `${values.tensor(node.inputs[0])}${steps.join("")}`;
  };

const plain =
  (begin: string, end = ")"): Write =>
  ({ inputs }, { tensor }) =>
    `${begin}${tensor(inputs[0])}${end}`;
const between =
  (sign: string): Write =>
  ({ inputs: [a, b] }, { tensor }) =>
    `${tensor(a)} ${sign} ${tensor(b)}`;

const OPERATORS: Readonly<Record<string, Write>> = {
  Abs: plain("torch.abs("),
  Add: between("+"),
  AveragePool: pool("avg_pool2d", ""),
  BatchNormalization: batchNorm,
  Clip: clip,
  Concat: (node, { tensor }) =>
    `torch.cat([${node.inputs.map(tensor).join(", ")}], ${number(node, "axis", 1)})`,
  Conv: conv,
  ConvTranspose: convTranspose,
  Div: between("/"),
  Dropout: plain("", ""),
  Elu: (node, { tensor }) => `F.elu(${tensor(node.inputs[0])}, ${number(node, "alpha", 1)})`,
  Exp: plain("torch.exp("),
  GroupNormalization: groupNorm,
  Identity: plain("", ""),
  InstanceNormalization: instanceNorm,
  LeakyRelu: (node, { tensor }) =>
    `F.leaky_relu(${tensor(node.inputs[0])}, ${number(node, "alpha", 0.01)})`,
  Log: plain("torch.log("),
  MaxPool: pool("max_pool2d", ', value=float("-inf")'),
  Mul: between("*"),
  Neg: plain("torch.neg("),
  Pad: pad,
  Relu: plain("F.relu("),
  Reshape: reshape,
  Resize: resize,
  Sigmoid: plain("torch.sigmoid("),
  Shape: plain("", ".shape"),
  Slice: slice,
  Softmax: (node, { tensor }) =>
    `F.softmax(${tensor(node.inputs[0])}, ${number(node, "axis", -1)})`,
  Softplus: plain("F.softplus("),
  Sqrt: plain("torch.sqrt("),
  Squeeze: onAxes("squeeze"),
  Sub: between("-"),
  Tanh: plain("torch.tanh("),
  Transpose: transpose,
  Unsqueeze: onAxes("unsqueeze"),
  Upsample: resize,
};

/** Returns the expression of a node. Throws for an operator that has none, and names it. */
export function writeOperator(node: GraphNode, values: Values): string {
  const write = Object.hasOwn(OPERATORS, node.operator) ? OPERATORS[node.operator] : undefined;
  if (write) return write(node, values);
  throw refuse(`${node.outputs[0]}: the operator ${node.operator}`);
}
