// Runs the network of a zoo's package on its test input and compares with its test output.

import { readNpy } from "../../formats/npy.js";
import type { Device } from "../../gpu/device.js";
import { ShapeError } from "../../graph/tensor.js";
import { importPackage } from "./import-package.js";
import type { ModelPackage } from "./package-files.js";
import { applySteps, type ImageArray } from "./processing.js";
import { runMaps } from "./run-maps.js";

/** How the output here compares with the package's. */
export interface PackageTest {
  /** Sizes of the output. */
  readonly shape: readonly number[];
  /** The largest absolute difference. */
  readonly worst: number;
  /** The share of values that differ by more than the package allows. */
  readonly off: number;
  /** Whether none does. */
  readonly passed: boolean;
  /** What the package allows: absolute, plus a share of the value. */
  readonly tolerance: { readonly absolute: number; readonly relative: number };
}

/**
 * Runs the test of a package: preprocessing and postprocessing as the specification defines them, in 64 bits, the
 * network on the device. Throws one line if the package has no test, or if its network does not run here.
 */
export async function testPackage(device: Device, model: ModelPackage): Promise<PackageTest> {
  const { path, description } = model;
  const { input: image, output, tolerance } = description;
  const { checkpoint, endsWith } = await importPackage(model, { normalisation: { kind: "image" } });
  const read = async (file: string | undefined): Promise<ImageArray> => {
    if (file === undefined) throw new Error(`${path}: it has no test tensors`);
    const { shape, data } = readNpy(await model.read(file), `${path}: ${file}`);
    if (shape.length === 4) return { shape, data: Float64Array.from(data) };
    throw new ShapeError(`${path}: ${file} is [${shape}], expected [N, C, H, W]`);
  };
  const [given, wanted] = [await read(image.test), await read(output.test)];
  const maps = await runMaps(device, checkpoint, applySteps(given, image.steps), wanted.shape[1]);
  const own = endsWith ? applySteps(maps, [{ id: endsWith, kwargs: {} }]) : maps;
  const got = applySteps(own, output.steps);
  if (String(got.shape) !== String(wanted.shape)) {
    throw new ShapeError(
      `${path}: the output is [${got.shape}], the package's is [${wanted.shape}]`,
    );
  }
  let [worst, off] = [0, 0];
  for (const [i, value] of wanted.data.entries()) {
    const difference = Math.abs(got.data[i] - value);
    worst = Math.max(worst, difference);
    if (!(difference <= tolerance.absolute + tolerance.relative * Math.abs(value))) off++;
  }
  return { shape: got.shape, worst, off: off / wanted.data.length, passed: off === 0, tolerance };
}
