// Parameters: names, shapes and places in one flat buffer, so that an update is one dispatch and a
// checkpoint one read.

import { gaussian, random } from "../data/random.js";
import { elementCount, type Shape, stateTensor, type Tensor } from "../graph/tensor.js";
import { bilinearKernel } from "./bilinear.js";

export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  /** First float in the flat buffer. */
  readonly offset: number;
  /** Incoming nodes of one neuron, for the initial values; 0 for a bias, which starts at 0. */
  readonly fanIn: number;
  /** An up-convolution [C,C,K,K] that starts as bilinear interpolation of each channel. */
  readonly isBilinear?: boolean | undefined;
}

export interface ParameterLayout {
  readonly list: readonly Parameter[];
  /** Number of weights and biases. */
  readonly count: number;
  /** Floats of the flat buffer: parameters start at multiples of 64 floats. */
  readonly floats: number;
}

/** A storage buffer is bound at multiples of 256 bytes. */
const ALIGNMENT = 64;

/** Lays parameters out one after the other. */
export function layOut(specs: readonly Omit<Parameter, "offset">[]): ParameterLayout {
  let offset = 0;
  let count = 0;
  const list = specs.map((spec) => {
    const parameter = { ...spec, offset };
    count += elementCount(spec.shape);
    offset += Math.ceil(elementCount(spec.shape) / ALIGNMENT) * ALIGNMENT;
    return parameter;
  });
  return { list, count, floats: offset };
}

/** The parameters as tensors of a graph, in the state "parameters". */
export function parameterTensors(layout: ParameterLayout): ReadonlyMap<string, Tensor> {
  return new Map(
    layout.list.map(({ name, shape, offset }) => [
      name,
      stateTensor(name, shape, "parameters", offset),
    ]),
  );
}

/**
 * Initial values: weights from a Gaussian of standard deviation sqrt(2 / N), N incoming nodes of
 * one neuron (Ronneberger et al. 2015, section 3; He et al. 2015), biases 0, some up-convolutions
 * as interpolation. The flat buffer's content, gaps zero; the same for the same seed.
 */
export function initialValues(layout: ParameterLayout, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(layout.floats);
  for (const [i, parameter] of layout.list.entries()) {
    const { shape, offset, fanIn } = parameter;
    if (parameter.isBilinear) interpolate(shape, slice(parameter, values));
    if (fanIn === 0 || parameter.isBilinear) continue;
    const next = random(seed, INITIAL_VALUES, i);
    const deviation = Math.sqrt(2 / fanIn);
    const end = offset + elementCount(shape);
    for (let at = offset; at < end; at++) values[at] = gaussian(next) * deviation;
  }
  return values;
}

/** Writes a weight [I,O,K,K] that interpolates channel c of the input into channel c alone. */
function interpolate([ins, outs, side]: Shape, weight: Float32Array): void {
  const kernel = bilinearKernel(side);
  for (let c = 0; c < Math.min(ins, outs); c++) weight.set(kernel, (c * outs + c) * side * side);
}

/** Stream of random numbers, beside those of the sampler. */
const INITIAL_VALUES = 0x1417;

/** One parameter's values out of the flat buffer. */
export function slice({ shape, offset }: Parameter, flat: Float32Array): Float32Array {
  return flat.subarray(offset, offset + elementCount(shape));
}
