// The families of cases, and the comparison with PyTorch's numbers, which are stored in
// test/fixtures/pytorch/FAMILY.json by `npm run against:pytorch-ops -- --write`.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Device } from "../../src/gpu/device.js";
import { relativeError } from "../../src/graph/tolerances.js";
import { convolutions } from "./convolutions-cases.js";
import { formulas } from "./formulas-cases.js";
import { losses } from "./losses-cases.js";
import { networks } from "./networks-cases.js";
import { norms } from "./norms-cases.js";
import { optimizers } from "./optimizers-cases.js";
import type { PyTorchCase } from "./pytorch-case.js";
import { unets } from "./unets-cases.js";
import { windows } from "./windows-cases.js";

export const families: Readonly<Record<string, readonly PyTorchCase[]>> = {
  convolutions,
  formulas,
  losses,
  networks,
  norms,
  optimizers,
  unets,
  windows,
};

/** What FAMILY.py prints and the fixture contains. */
export interface Golden {
  /** PyTorch's version. */
  readonly pytorch: string;
  readonly cases: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
}

// Relative to dist/test/pytorch, where this file runs.
export const goldenFile = (family: string) =>
  fileURLToPath(new URL(`../../../test/fixtures/pytorch/${family}.json`, import.meta.url));

export const readGolden = (family: string): Golden =>
  JSON.parse(readFileSync(goldenFile(family), "utf8"));

/** The largest relative error in the 2-norm of an output, and of anything else such as a gradient. */
const TOLERANCES = { output: 1e-5, other: 1e-4 };

/** One comparison. */
export interface Difference {
  /** "output", "gradient 0". */
  readonly what: string;
  readonly error: number;
  readonly passed: boolean;
}

/** Computes a case and compares all numbers. Throws if one of the two has more than the other. */
export async function compareCase(
  device: Device,
  one: PyTorchCase,
  golden: Golden["cases"][string] | undefined,
): Promise<Difference[]> {
  const got = await one.compute(device);
  const [ours, theirs] = [Object.keys(got).sort(), Object.keys(golden ?? {}).sort()];
  if (!golden || String(ours) !== String(theirs)) {
    throw new Error(`${one.name}: there are ${ours.join(", ")}; PyTorch has ${theirs.join(", ")}`);
  }
  return ours.map((what) => {
    const error = relativeError(got[what], golden[what]);
    const most = what === "output" ? TOLERANCES.output : TOLERANCES.other;
    return { what, error, passed: error <= most };
  });
}
