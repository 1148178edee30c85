// Parameters: names, shapes and offsets in one flat buffer, so that an update is one dispatch and a
// checkpoint one read.

import { gaussian, random } from "../data/random.js";
import { elementCount, type Shape, ShapeError, stateTensor, type Tensor } from "../graph/tensor.js";

/** One weight tensor of a model, or a buffer. */
export interface Parameter {
  /** "encoder1.conv1.weight", "norm1.running_mean": the part before the last dot is the layer. */
  readonly name: string;
  /** As PyTorch has it: [out, in, height, width] of a convolution. */
  readonly shape: Shape;
  /** First float in the flat buffer. */
  readonly offset: number;
  /** How its first values are made. */
  readonly init: InitialValue;
  /**
   * Incoming connections of a neuron, for "he". By default those of a convolution's weight
   * [O,I,K,K], or the columns of a matrix.
   */
  readonly fanIn?: number | undefined;
  /**
   * Whether it is a buffer, as PyTorch calls it: stored with the weights, but not trained. Nodes of the
   * graph update it, such as those of running averages.
   */
  readonly isBuffer?: boolean | undefined;
}

/** A parameter without its offset, which `layOut` assigns. */
export type ParameterSpec = Omit<Parameter, "offset">;

/**
 * The initial value of a parameter: a number for all elements; "he": a Gaussian with standard
 * deviation sqrt(2 / N) for N incoming connections (Ronneberger et al. 2015, section 3; He et al.
 * 2015); or a function that returns values given uniform random numbers in [0, 1), which follow
 * from the seed of the run.
 */
export type InitialValue =
  | number
  | "he"
  | ((random: () => number, shape: Shape) => ArrayLike<number>);

/** Where the parameters of a model lie in one flat buffer. */
export interface ParameterLayout {
  /** In the order of the buffer: first those that are trained. */
  readonly list: readonly Parameter[];
  /** Those that are trained. */
  readonly trained: readonly Parameter[];
  /** The number of trained weights and biases. */
  readonly count: number;
  /** Floats of the flat buffer. Parameters start at multiples of 64 floats. */
  readonly floats: number;
  /** Floats of the trained ones, which are its beginning. */
  readonly trainedFloats: number;
}

/** Storage buffers are bound at multiples of 256 bytes. */
const ALIGNMENT = 64;

/** Lays out parameters one after the other, buffers last. */
export function layOut(specs: readonly ParameterSpec[]): ParameterLayout {
  let floats = 0;
  const place = (spec: ParameterSpec) => {
    const parameter = { ...spec, offset: floats };
    floats += Math.ceil(elementCount(spec.shape) / ALIGNMENT) * ALIGNMENT;
    return parameter;
  };
  const trained = specs.filter(({ isBuffer }) => !isBuffer).map(place);
  const trainedFloats = floats;
  const count = trained.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const list = [...trained, ...specs.filter(({ isBuffer }) => isBuffer).map(place)];
  return { list, trained, count, floats, trainedFloats };
}

/** Returns the weight [outs,ins,side,side] and bias of a convolution. */
export function convParameters(
  name: string,
  ins: number,
  outs: number,
  side: number,
): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [outs, ins, side, side], init: "he" },
    { name: `${name}.bias`, shape: [outs], init: 0 },
  ];
}

/** Returns the weight [ins,outs,2,2] and bias of a 2x2 up-convolution. */
export function upConvParameters(name: string, ins: number, outs: number): ParameterSpec[] {
  return [
    // With stride 2 and no overlap, an output pixel depends on one pixel of each channel.
    { name: `${name}.weight`, shape: [ins, outs, 2, 2], init: "he", fanIn: ins },
    { name: `${name}.bias`, shape: [outs], init: 0 },
  ];
}

/** Returns the parameters as tensors of a graph, in the state "parameters". */
export function parameterTensors(layout: ParameterLayout): ReadonlyMap<string, Tensor> {
  return new Map(
    layout.list.map(({ name, shape, offset }) => [
      name,
      stateTensor(name, shape, "parameters", offset),
    ]),
  );
}

/** Returns the initial contents of the flat buffer, with gaps zero; the same for the same seed. */
export function initialValues(layout: ParameterLayout, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(layout.floats);
  for (const [i, parameter] of layout.list.entries()) {
    const { init, shape } = parameter;
    const own = slice(parameter, values);
    const next = random(seed, INITIAL_VALUES, i);
    if (typeof init === "number") own.fill(init);
    else if (init === "he") {
      const { fanIn = elementCount(shape.slice(1)) } = parameter;
      const deviation = Math.sqrt(2 / fanIn);
      for (let at = 0; at < own.length; at++) own[at] = gaussian(next) * deviation;
    } else {
      const data = init(next, shape);
      if (data.length === own.length) own.set(data);
      if (data.length === own.length && own.every(Number.isFinite)) continue;
      throw new ShapeError(
        `the initial values of ${parameter.name} must be ${own.length} finite numbers, ` +
          `got ${data.length} values`,
      );
    }
  }
  return values;
}

/** The stream of random numbers, different from those of the sampler. */
const INITIAL_VALUES = 0x1417;

/** Returns the values of one parameter from the flat buffer. */
export function slice({ shape, offset }: Parameter, flat: Float32Array): Float32Array {
  return flat.subarray(offset, offset + elementCount(shape));
}

/** Returns the layer of a parameter: "head" for "head.weight". */
export const layerOf = ({ name }: Pick<Parameter, "name">): string =>
  name.slice(0, name.lastIndexOf("."));
