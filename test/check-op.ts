// Ops are checked by the package's own check (src/check), on the device and as if it were another one.

import * as assert from "uvu/assert";
import { type CheckRow, opCheck } from "../src/check/check-op.js";
import type { OpCase } from "../src/check/op-case.js";
import { deviceVariants } from "./device.js";
import { isInSample } from "./sample.js";

export type { OpCase } from "../src/check/op-case.js";

/** The largest relative errors that were found within their tolerances, for who prints them. */
export const largestErrors = { forward: 0, gradient: 0, "16 bits": 0 };

/**
 * Checks one case with every kernel that an op of it offers, on the device as it is. As if the device were
 * another one, with a sample of the kernels (sample.ts): with `each`, half of them once among the cases of an op.
 */
export async function checkOp(testCase: OpCase, { each = true } = {}): Promise<void> {
  const check = opCheck(testCase);
  for (const [i, [variant, device]] of [...(await deviceVariants())].entries()) {
    const where = `${testCase.name} (${variant})`;
    const rows = await check(device, (kernel) => {
      // At realistic sizes a tile is checked if it is a GPU's first choice; at small ones always.
      if (kernel && testCase.referenceGradients && OTHER_TILE.test(kernel)) return false;
      // Each first choice is checked on the device as it is, and at small sizes each other kernel.
      const isCheap = kernel === undefined || !testCase.referenceGradients;
      if (i === 0 && isCheap) return true;
      const what = kernel ?? "first choice";
      return (
        (each && isNew(testCase, variant, what) && isInSample(`${variant}, ${what}`, 2)) ||
        isInSample(`${where}, ${what}`, VARIANTS_PART)
      );
    });
    for (const row of rows) expectPassed(row, variant, testCase.pack !== undefined);
  }
}

/** Checks the first case, and of the others those in the sample. */
export async function checkSample(first: OpCase, ...others: readonly OpCase[]): Promise<void> {
  await checkOp(first);
  for (const one of others) if (isInSample(one.name)) await checkOp(one);
}

/** One in so many checks as if the device were another one is in the sample. */
const VARIANTS_PART = 8;

const checked = new Set<string>();

/** Whether a kernel is checked for the first time as if the device were this one, in the cases of an op. */
function isNew({ name }: OpCase, variant: string, kernel: string): boolean {
  const key = `${name.split(" ")[0]}, ${variant}, ${kernel}`;
  const before = checked.size;
  return checked.add(key).size > before;
}

const OTHER_TILE = /-(16|32|128)\b|-narrow$/;

function expectPassed({ what, error, passed, problem }: CheckRow, variant: string, is16: boolean) {
  assert.ok(passed, `${variant}: ${problem}`);
  if (what.startsWith("padding")) return;
  const kind = is16 ? "16 bits" : what === "forward" ? "forward" : "gradient";
  largestErrors[kind] = Math.max(largestErrors[kind], error);
}
