// `npm run against:onnx`: computes ONNX's test cases of single operators (Debian: libonnx-testdata, or a folder
// as argument) and compares the outputs. Prints a row per operator, and why cases are left out. Exits with 1 if
// one that is computed differs, by 1e-5 in the 2-norm and ONNX's own tolerance (rtol 1e-3, atol 1e-7).

import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { ShapeError, type Tensor } from "../../src/graph/tensor.js";
import { relativeError } from "../../src/graph/tolerances.js";
import { Unsupported } from "../../src/interchange/onnx/operator-call.js";
import { operators } from "../../src/interchange/onnx/operators.js";
import { openDevice } from "../../src/node/open-device.js";
import { callOf } from "./onnx/case-call.js";
import { type OnnxCase, onnxCases } from "./onnx/case-files.js";

const folder = process.argv[2] ?? "/usr/share/libonnx-testdata/data/node";

/** What became of a case: "passed", why it was left out, or how it failed. */
interface Result {
  readonly state: "passed" | "left out" | "failed";
  readonly why: string;
}

async function run(device: Device, one: OnnxCase): Promise<Result> {
  try {
    const { call, fed } = callOf(one);
    const built = operators[one.operator](call);
    const outputs = (Array.isArray(built) ? built : [built]) as readonly Tensor[];
    if (outputs.length < one.outputs.length) throw new Unsupported("a further output");
    const plan = await compilePlan(device, { name: one.name, outputs: [...new Set(outputs)] });
    try {
      plan.run(fed);
      for (const [i, { dims, data }] of one.outputs.entries()) {
        const got = await plan.read(outputs[i]);
        if (String(outputs[i].shape) !== String(dims.length > 0 ? dims : [1])) {
          return { state: "failed", why: `output ${i} is [${outputs[i].shape}] for [${dims}]` };
        }
        const isNear = got.every((value, k) => {
          const off = Math.abs(value - data[k]);
          return off <= 1e-7 + 1e-3 * Math.abs(data[k]) || value === data[k];
        });
        const error = relativeError(got, data);
        if (!(isNear || error < 1e-5)) return { state: "failed", why: `output ${i}: ${error}` };
      }
      return { state: "passed", why: "" };
    } finally {
      plan.close();
    }
  } catch (error) {
    if (error instanceof Unsupported) return { state: "left out", why: error.message };
    const kind = error instanceof ShapeError ? "" : `${(error as Error).name}: `;
    return { state: "failed", why: kind + (error as Error).message };
  }
}

const rows = new Map<string, Result[]>();
const foreign = new Map<string, number>();
let failed = 0;
using device = await openDevice({ kernelCache: false });
for (const one of onnxCases(folder)) {
  const { name, operator } = one;
  if (!Object.hasOwn(operators, operator)) {
    foreign.set(operator, (foreign.get(operator) ?? 0) + 1);
    continue;
  }
  const result = await run(device, one);
  rows.set(operator, [...(rows.get(operator) ?? []), result]);
  if (result.state !== "failed") continue;
  failed++;
  console.log(`FAIL ${name}: ${result.why}`);
}

const count = (results: readonly Result[], state: Result["state"]) =>
  results.filter((result) => result.state === state).length;
console.log(`${"operator".padEnd(28)} cases passed  left out`);
for (const [operator, results] of [...rows].sort()) {
  const why = [...new Set(results.filter(({ state }) => state === "left out").map((r) => r.why))];
  const numbers = [results.length, count(results, "passed"), count(results, "left out")];
  const columns = numbers.map((value) => String(value).padStart(6)).join("");
  console.log(`${operator.padEnd(28)}${columns}  ${why.join(", ")}`);
}
const all = [...rows.values()].flat();
console.log(
  `${all.length} cases: ${count(all, "passed")} passed, ${failed} failed, ` +
    `${count(all, "left out")} left out`,
);
const others = [...foreign].map(([operator, cases]) => `${operator} ${cases}`);
console.log(`operators that the engine does not have: ${others.join(", ")}`);
process.exitCode = failed > 0 ? 1 : 0;
