// Runs the network of a zoo's package on its test inputs and compares with its test outputs.

import { readNpy } from "../../formats/npy.js";
import type { Device } from "../../gpu/device.js";
import { ShapeError } from "../../graph/tensor.js";
import { asImageArray, type ImageArray } from "../onnx/tensor-axes.js";
import type { ModelPackage } from "./package-files.js";
import { packageGraph } from "./package-graph.js";
import { applySteps } from "./processing.js";
import type { DescribedTensor, PackageTolerance } from "./read-description.js";
import { runGraph } from "./run-graph.js";

/** How an output here compares with the package's. */
export interface OutputTest {
  /** Its name. */
  readonly id: string;
  /** Sizes [N,C,H,W]. */
  readonly shape: readonly number[];
  /** The largest absolute difference. */
  readonly worst: number;
  /** The share of values that differ by more than the package allows. */
  readonly off: number;
}

/** How the outputs compare: the numbers of all of them together, with the sizes of the first. */
export interface PackageTest extends Omit<OutputTest, "id"> {
  /** Whether no more values differ than the package allows. */
  readonly passed: boolean;
  /** What the package allows: absolute, plus a share of the value. */
  readonly tolerance: PackageTolerance;
  /** Each output that the package has a test for. */
  readonly outputs: readonly OutputTest[];
  /** Weights of the package that were not used, with the reason. */
  readonly remarks: readonly string[];
}

/**
 * Runs the test of a package: preprocessing and postprocessing as the specification defines them, in 64 bits, the
 * network on the device. Throws one line if the package has no test, or if its network does not run here.
 */
export async function testPackage(device: Device, model: ModelPackage): Promise<PackageTest> {
  const { path, description } = model;
  const { inputs, outputs, tolerance } = description;
  const read = async ({ test, axes }: DescribedTensor): Promise<ImageArray> => {
    if (test === undefined) throw new Error(`${path}: it has no test tensors`);
    const name = `${path}: ${test}`;
    return asImageArray(readNpy(await model.read(test), name), axes, name);
  };
  const raw = await Promise.all(inputs.map(read));
  const tensors = new Map(inputs.map(({ id }, i) => [id, raw[i]]));
  const image = joined(
    raw.map((array, i) => applySteps(array, inputs[i].steps, { tensors })),
    path,
  );
  const results: OutputTest[] = [];
  const remarks = new Set<string>();
  for (const [place, output] of outputs.entries()) {
    const wanted = await read(output);
    const options = { keepsEnd: true };
    const { result, skipped } = await packageGraph(model, place, options, async (file) => {
      const maps = await runGraph(device, file, image);
      return file.endsWith ? applySteps(maps, [{ id: file.endsWith, kwargs: {} }]) : maps;
    });
    for (const one of skipped) remarks.add(one);
    const got = applySteps(result, output.steps, { tensors });
    if (String(got.shape) !== String(wanted.shape)) {
      const what = outputs.length > 1 ? `the output ${output.id}` : "the output";
      throw new ShapeError(
        `${path}: ${what} is [${got.shape}], the package's is [${wanted.shape}]`,
      );
    }
    results.push({ id: output.id, shape: got.shape, ...compared(got, wanted, tolerance) });
  }
  const [{ shape }] = results;
  const off = Math.max(...results.map((one) => one.off));
  const passed = off * 1e6 <= (tolerance.mismatched ?? 0);
  const worst = Math.max(...results.map((one) => one.worst));
  return { shape, worst, off, passed, tolerance, outputs: results, remarks: [...remarks] };
}

function compared(got: ImageArray, wanted: ImageArray, tolerance: PackageTolerance) {
  let [worst, off] = [0, 0];
  for (const [i, value] of wanted.data.entries()) {
    const difference = got.data[i] === value ? 0 : Math.abs(got.data[i] - value);
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
    if (!(difference <= tolerance.absolute + tolerance.relative * Math.abs(value))) off++;
  }
  return { worst, off: off / wanted.data.length };
}

/** Images as channels of one. Throws unless they have the same sizes. */
function joined(arrays: readonly ImageArray[], path: string): ImageArray {
  const [{ shape }] = arrays;
  const [n, , height, width] = shape;
  const isSame = arrays.every((one) => [0, 2, 3].every((axis) => one.shape[axis] === shape[axis]));
  if (!isSame) {
    const all = arrays.map((one) => `[${one.shape}]`).join(" and ");
    throw new ShapeError(`${path}: its inputs are ${all}, expected images of one size`);
  }
  const channels = arrays.reduce((sum, one) => sum + one.shape[1], 0);
  const data = new Float64Array(n * channels * height * width);
  let to = 0;
  for (let image = 0; image < n; image++) {
    for (const { shape: own, data: values } of arrays) {
      const count = own[1] * height * width;
      data.set(values.subarray(image * count, (image + 1) * count), to);
      to += count;
    }
  }
  return { shape: [n, channels, height, width], data };
}
