// Runs the checks of test/ops, a short training and a prediction in another runtime, compares the
// numbers with Node's and prints what ran. Arguments are parts of the names of op files whose
// checks to run; by default all run.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openDevice } from "../../src/node/open-device.js";
import { bundle } from "../browser/page.js";
import type { largestErrors } from "../check-op.js";
import * as road from "./road.js";

/** A program that has loaded the bundle. */
export interface Runtime {
  /** Calls an export of the bundle; its arguments and its result are JSON. */
  call(name: string, ...values: readonly unknown[]): Promise<unknown>;
}

const files = readdirSync(fileURLToPath(new URL("../ops", import.meta.url)), { recursive: true })
  .map((file) => String(file).replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".test.js"))
  .sort();

/** A script that makes the global `it`, and exports `more`. */
export function bundleRoad(more = ""): Promise<string> {
  const loads = files.map((file) => `"${file}": () => import("../ops/${file}")`);
  const source = `
    import { loadFile, runTest } from "./collected.js";
    import { largestErrors } from "../check-op.js";
    const files = { ${loads} };
    export { runTest };
    export const loadTests = (file) => loadFile(files[file]);
    export const errors = () => largestErrors;
    export { losses, probabilities, description } from "../against/road.js";
    ${more}`;
  return bundle(source, "../against/device.js");
}

/** Returns the number of checks that failed. */
export async function runAgainst(title: string, runtime: Runtime): Promise<number> {
  const call = <T>(name: string, ...values: readonly unknown[]) =>
    runtime.call(name, ...values) as Promise<T>;
  const { adapter, features, capabilities } =
    await call<Awaited<ReturnType<typeof road.description>>>("description");
  console.log(`${title}: ${adapter}, ${JSON.stringify(capabilities)}, ${features.join(" ")}`);
  return (await runOps(call)) + (await compareWithNode(call));
}

type Call = <T>(name: string, ...values: readonly unknown[]) => Promise<T>;

/** A test that takes longer is named, so that it does not look like a hang. */
const SLOW_SECONDS = 20;

async function runOps(call: Call): Promise<number> {
  const wanted = process.argv.slice(2);
  const isWanted = (file: string) =>
    wanted.length === 0 || wanted.some((part) => file.includes(part));
  let [total, failed] = [0, 0];
  for (const file of files.filter(isWanted)) {
    const start = performance.now();
    const names = await call<string[]>("loadTests", file);
    for (const [i, name] of names.entries()) {
      const begin = performance.now();
      const error = await call<string | null>("runTest", i);
      total++;
      const took = (performance.now() - begin) / 1000;
      if (error === null && took > SLOW_SECONDS) console.log(`  ${name}: ${took.toFixed(0)} s`);
      if (error === null) continue;
      failed++;
      console.log(`FAIL ${file}: ${name}: ${error}`);
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${file}: ${names.length} tests, ${seconds} s`);
  }
  const largest = await call<typeof largestErrors>("errors");
  const errors = Object.entries(largest).map(
    ([kind, error]) => `${kind} ${error.toExponential(1)}`,
  );
  console.log(`ops: ${total} tests, ${failed} failed; largest errors: ${errors.join(", ")}`);
  return failed;
}

/** Rounding of other kernels, which grows during training, so only this many steps are compared. */
const COMPARED_STEPS = 5;
const LOSS_TOLERANCE = 1e-5;
const PROBABILITY_TOLERANCE = 1e-5;

async function compareWithNode(call: Call): Promise<number> {
  using device = await openDevice({ kernelCache: false });
  const [got, node] = [await call<Losses>("losses"), await road.losses(device)];
  const steps = node.whole.result.length;
  const off = relative(got.whole.result, node.whole.result);
  const early = (timed: road.Timed<readonly number[]>) => timed.result.slice(0, COMPARED_STEPS);
  const differences = [
    {
      what: `losses of ${COMPARED_STEPS} steps (of ${steps} by ${off.toExponential(1)})`,
      off: relative(early(got.whole), early(node.whole)),
      most: LOSS_TOLERANCE,
    },
    { what: "losses in parts", off: relative(got.parts.result, got.whole.result), most: 0 },
  ];
  const [found, expected] = [
    await call<road.Timed<number[]>>("probabilities"),
    await road.probabilities(device),
  ];
  differences.push({
    what: "probabilities",
    off: largest(found.result, (value, i) => Math.abs(value - expected.result[i])),
    most: PROBABILITY_TOLERANCE,
  });
  console.log(
    `ms per step, with compilation: ${perStep(got.whole, steps)}, ` +
      `in 8 submits ${perStep(got.parts, steps)} ` +
      `(Node ${perStep(node.whole, steps)}, ${perStep(node.parts, steps)}); ` +
      `prediction ${found.ms.toFixed(0)} ms (Node ${expected.ms.toFixed(0)})`,
  );
  for (const { what, off, most } of differences) {
    const result = off <= most ? "ok" : "FAIL";
    console.log(`${result} ${what}: off by ${off.toExponential(1)}, at most ${most}`);
  }
  return differences.filter(({ off, most }) => !(off <= most)).length;
}

type Losses = Awaited<ReturnType<typeof road.losses>>;

const perStep = ({ ms }: road.Timed<unknown>, steps: number) => (ms / steps).toFixed(1);

const relative = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length ? largest(a, (value, i) => Math.abs(value / b[i] - 1)) : Infinity;

/** NaN counts as infinite. */
const largest = (values: readonly number[], off: (value: number, i: number) => number) =>
  values.reduce((most, value, i) => (off(value, i) <= most ? most : off(value, i) || Infinity), 0);
