// `npm run against:pytorch-random -- [COUNT] [--seed S] [--only FAMILY] [--first NUMBER]`: random
// programs of ops, with random options, sizes and kernels, computed here and by PyTorch: outputs and
// gradients. Exits with 1 if something differs. PYTHON sets another Python than /usr/bin/python3.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { layerKey } from "../../src/graph/choose-kernel.js";
import type { Node } from "../../src/graph/op.js";
import { input, ShapeError, type Tensor } from "../../src/graph/tensor.js";
import { TOLERANCES, toleranceOf } from "../../src/graph/tolerances.js";
import { openDevice } from "../../src/node/open-device.js";
import { gradients } from "../../src/ops/index.js";
import { type Draw, drawFrom } from "../pytorch/random/draw.js";
import { families } from "../pytorch/random/families.js";
import { Program, type ProgramText } from "../pytorch/random/program.js";

type Answer = Readonly<Record<string, readonly number[]>> & { readonly error?: string };

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    first: { type: "string" },
  },
});
const count = Number(positionals[0] ?? 200);
const seed = Number(given.seed);
const begin = Number(given.first ?? 0);

const names = Object.keys(families).filter((name) => !given.only || name === given.only);
// Relative to dist/test/against, where this file runs.
const folder = fileURLToPath(new URL("../../../test/pytorch/random/", import.meta.url));
/** Programs that one process of Python computes. */
const PART = 200;

using device = await openDevice({ kernelCache: false }); // all kernels, whatever an examination found
const worst = new Map<string, number>();
let failed = 0;
for (let first = begin; first < begin + count; first += PART) {
  const drawn = Array.from({ length: Math.min(PART, begin + count - first) }, (_, i) => {
    const name = names[(first + i) % names.length];
    return { name, ...drawProgram(name, first + i) };
  });
  const answers = computedByPyTorch(drawn.map(({ name, program }) => program.text(name)));
  for (const [i, { name, program, draw }] of drawn.entries()) {
    const faults = await compare(device, program, draw, answers[i], (what, share) => {
      const key = `${name} ${what}`;
      worst.set(key, Math.max(worst.get(key) ?? 0, share));
    });
    if (faults.length === 0) continue;
    failed++;
    console.log(`FAIL ${first + i} ${name}: ${program}\n     ${faults.join("\n     ")}`);
  }
}
for (const [key, share] of worst)
  console.log(`${key}: at most ${share.toFixed(3)} of the tolerance`);
console.log(`${count} programs from seed ${seed}, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function computedByPyTorch(programs: readonly ProgramText[]): Answer[] {
  const { stdout, stderr, status, error } = spawnSync(
    process.env.PYTHON ?? "/usr/bin/python3",
    ["programs.py"],
    {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
      maxBuffer: 1e9,
      input: programs.map((program) => `${JSON.stringify(program)}\n`).join(""),
    },
  );
  if (status !== 0) throw new Error(error?.message ?? stderr);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line): Answer => JSON.parse(line));
}

/** Draws a program; combinations that do not fit are drawn again. */
function drawProgram(family: string, number: number): { program: Program; draw: Draw } {
  for (let attempt = 0; ; attempt++) {
    const draw = drawFrom(seed, number, attempt);
    const program = new Program(draw);
    try {
      families[family](program, draw);
      return { program, draw };
    } catch (error) {
      const doesNotFit = /does not fit into|do not fit|leaves nothing|to fewer axes|at most 4 axes/;
      if (!(error instanceof ShapeError && doesNotFit.test(error.message))) throw error;
    }
  }
}

/** Returns what differs, in words. */
async function compare(
  device: Device,
  program: Program,
  draw: Draw,
  expected: Answer,
  onShare: (what: string, share: number) => void,
): Promise<string[]> {
  if (expected.error) return [`PyTorch: ${expected.error}`];
  const { output, trained } = program;
  const chosen: string[] = [];
  let tolerance = 0;
  const answers = new Map<string, string>();
  const choose = (node: Node, offered: readonly string[]) => {
    // Planning asks more than once.
    const key = layerKey(node);
    const kernel = answers.get(key) ?? draw.pick(offered);
    if (!answers.has(key)) chosen.push(`${node.op.name} ${kernel}`);
    answers.set(key, kernel);
    const own = node.op.kernels.find(({ name }) => name === kernel);
    if (own) tolerance = Math.max(tolerance, toleranceOf(node, own));
    return kernel;
  };
  try {
    const seedTensor = input("seed", output.shape, output.layout);
    const found = gradients(output, trained, seedTensor);
    const results = new Map<string, Tensor>([["output", output]]);
    for (const [i, tensor] of found.entries()) if (tensor) results.set(`gradient ${i}`, tensor);
    using plan = await compilePlan(device, {
      name: "random",
      outputs: [...results.values()],
      choose,
    });
    plan.run(program.contents);
    const faults: string[] = [];
    const [wanted, got] = [
      Object.keys(expected).filter((key) => key !== "shape"),
      [...results.keys()],
    ];
    if (`${wanted.sort()}` !== `${got.sort()}`)
      faults.push(`there are ${got}, PyTorch has ${wanted}`);
    const shape = expected.shape.length > 0 ? expected.shape : [1];
    if (`${shape}` !== `${output.shape}`)
      faults.push(`shape ${output.shape}, PyTorch has ${shape}`);
    const flows = wanted.flatMap((key) => (key === "output" ? [] : rms(expected[key])));
    const scale = Math.max(program.scale, program.share * Math.max(...flows));
    for (const [what, tensor] of results) {
      const own = await plan.read(tensor);
      const most =
        program.layers *
        Math.max(tolerance, what === "output" ? TOLERANCES.direct : TOLERANCES.gradient);
      const error = errorOf(own, expected[what] ?? [], what === "output" ? program.scale : scale);
      onShare(what === "output" ? what : "gradient", error / most);
      if (!(error <= most))
        faults.push(`${what} is off by ${error.toExponential(1)}, at most ${most} expected`);
    }
    if (faults.length > 0) faults.push(`kernels: ${chosen.join(", ")}`);
    return faults;
  } catch (error) {
    return [`${(error as Error).stack}`, `kernels: ${chosen.join(", ")}`];
  }
}

function norm(list: readonly number[]): number {
  return Math.sqrt(list.reduce((sum, value) => sum + value ** 2, 0));
}

function rms(list: readonly number[]): number {
  return norm(list) / Math.sqrt(list.length);
}

/** The error in the 2-norm, relative to the expected numbers or to so many of `scale`. */
function errorOf(got: ArrayLike<number>, expected: readonly number[], scale: number): number {
  if (got.length !== expected.length) return Number.NaN;
  const least = scale * Math.sqrt(expected.length);
  return norm(expected.map((value, i) => value - got[i])) / Math.max(norm(expected), least);
}
