// `npm run matrix -- [WORD...]`: every engine and driver of this machine with the highest, the default and
// the compatibility limits: doctor, training, prediction, and both over a loss of the GPU. Prints a table
// (docs/where-it-runs.md). Words choose engines, drivers and limits: `npm run matrix -- deno swiftshader`.

import { openDevice } from "../../src/node/open-device.js";
import { bundle } from "../browser/page.js";
import { sampleLosses } from "../browser/sample-run.js";
import type * as matrixRoad from "./matrix-road.js";
import { LIMITS, type Limits, SETTINGS } from "./matrix-road.js";
import * as road from "./road.js";
import {
  type OpenRuntime,
  startChromium,
  startDeno,
  startFirefox,
  startNode,
  swiftShaderDriver,
} from "./runtimes.js";

type Answer<Name extends "openWith" | "doctor" | "training" | "prediction"> = Awaited<
  ReturnType<(typeof matrixRoad)[Name]>
>;

interface Engine {
  readonly name: string;
  readonly drivers: readonly string[];
  start(driver: string, text: string): OpenRuntime | Promise<OpenRuntime>;
}

const LAVAPIPE = "/usr/share/vulkan/icd.d/lvp_icd.json";

/** The environment of a process on this driver; "system" is what the machine has. */
function environment(driver: string): NodeJS.ProcessEnv {
  const file = driver === "swiftshader" ? swiftShaderDriver() : LAVAPIPE;
  if (driver === "system" || file === undefined) return process.env;
  return { ...process.env, VK_DRIVER_FILES: file, VK_ICD_FILENAMES: file };
}

/** Runs work, which starts a process, in the environment of a driver. */
async function within<T>(driver: string, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, environment(driver));
  try {
    return await work();
  } finally {
    process.env = before;
  }
}

const DRIVERS = process.platform === "linux" ? ["lavapipe", "swiftshader"] : ["system"];
const ENGINES: readonly Engine[] = [
  {
    name: `Node ${process.versions.node} (Dawn)`,
    drivers: DRIVERS,
    start: (driver, text) => startNode(text, environment(driver), driver === "swiftshader"),
  },
  {
    name: "Chromium (Dawn)",
    drivers: ["swiftshader"],
    start: (_driver, text) => startChromium(text),
  },
  {
    name: "Deno (wgpu)",
    drivers: DRIVERS,
    start: (driver, text) => startDeno(text, environment(driver)),
  },
  {
    name: "Firefox (wgpu)",
    drivers: DRIVERS,
    start: (driver, text) => within(driver, () => startFirefox(text)),
  },
];

/** A few roundings of 32 bits, which 20 steps of SGD do not enlarge. */
const LOSS_TOLERANCE = 1e-6;
/** As in run.ts. */
const PROBABILITY_TOLERANCE = 1e-5;

interface Reference {
  readonly losses: readonly number[];
  readonly probabilities: readonly number[];
}

/** Node's numbers, on the adapter that it opens by default. */
async function reference(): Promise<Reference> {
  using device = await openDevice({ kernelCache: false });
  const losses = await sampleLosses(device, SETTINGS);
  const { result } = await road.probabilities(device);
  return { losses, probabilities: result };
}

const furthest = (
  a: readonly number[],
  b: readonly number[],
  off: (a: number, b: number) => number,
) =>
  a.length === b.length
    ? a.reduce((most, value, i) => Math.max(most, off(value, b[i])), 0)
    : Number.NaN;

/** A cell of the table: what was seen, and whether it is right. */
type Cell = readonly [text: string, isRight: boolean];

async function doctorCell(runtime: OpenRuntime): Promise<Cell> {
  const { passed, seconds, cases, hazards, problems } = (await runtime.call(
    "doctor",
  )) as Answer<"doctor">;
  const what = `${cases} cases of kernels, ${hazards} of drivers, ${seconds.toFixed(0)} s`;
  return [passed ? `no fault (${what})` : `${problems.join("; ")} (${what})`, passed];
}

async function trainingCell(runtime: OpenRuntime, { losses }: Reference): Promise<Cell> {
  const found = (await runtime.call("training")) as Answer<"training">;
  const off = furthest(found.losses, losses, (a, b) => Math.abs(a / b - 1));
  const isSame = found.renewals === 1 && String(found.losses) === String(found.lost);
  const lost = isSame ? "over a loss: the same" : `over ${found.renewals} losses: other losses`;
  return [
    `${found.losses.length} steps, off by ${off.toExponential(1)}; ${lost}`,
    off <= LOSS_TOLERANCE && isSame,
  ];
}

async function predictionCell(runtime: OpenRuntime, reference: Reference): Promise<Cell> {
  const found = (await runtime.call("prediction")) as Answer<"prediction">;
  const expected = reference.probabilities;
  const off = furthest(found.probabilities, expected, (a, b) => Math.abs(a - b));
  const isSame = found.isSame && found.renewals === 1;
  const lost = isSame ? "over a loss: the same" : `over ${found.renewals} losses: another`;
  return [`off by ${off.toExponential(1)}; ${lost}`, off <= PROBABILITY_TOLERANCE && isSame];
}

async function rowOf(runtime: OpenRuntime, limits: Limits, reference: Reference) {
  const { adapter, isKept } = (await runtime.call("openWith", limits)) as Answer<"openWith">;
  const cells: Cell[] = [];
  for (const cell of [doctorCell, trainingCell, predictionCell]) {
    const seen = cell(runtime, reference).catch((error: Error): Cell => [error.message, false]);
    cells.push(await seen);
  }
  return { adapter, name: isKept ? limits : `${limits}, not enforced`, cells };
}

const words = process.argv.slice(2).map((word) => word.toLowerCase());
/** Whether words choose this name, or none chooses any of its kind. */
const isChosen = (name: string, all: readonly string[]) => {
  const has = (one: string, word: string) => one.toLowerCase().startsWith(word);
  const chosen = words.filter((word) => all.some((one) => has(one, word)));
  return chosen.length === 0 || chosen.some((word) => has(name, word));
};

const text = await bundle("../against/matrix-road.js");
const expected = await reference();
const names = ENGINES.map(({ name }) => name);
const lines: string[] = [];
let wrong = 0;
for (const engine of ENGINES.filter(({ name }) => isChosen(name, names))) {
  for (const driver of engine.drivers.filter((one) => isChosen(one, DRIVERS))) {
    let runtime: OpenRuntime | undefined;
    try {
      runtime = await engine.start(driver, text);
      for (const limits of LIMITS.filter((one) => isChosen(one, LIMITS))) {
        const { adapter, name, cells } = await rowOf(runtime, limits, expected);
        wrong += cells.filter(([, isRight]) => !isRight).length;
        const seen = cells.map(([text, isRight]) => (isRight ? text : `FAIL: ${text}`));
        const line = [engine.name, driver, name, ...seen].join(" | ");
        console.error(`${line.replaceAll("\n", " ")} (${adapter})`);
        lines.push(`| ${line.replaceAll("\n", " ")} |`);
      }
    } catch (error) {
      console.error(`${engine.name}, ${driver}: skipped: ${(error as Error).message}`);
    } finally {
      await runtime?.close();
    }
  }
}
console.log("| engine | driver | limits | doctor | training | prediction |");
console.log("|---|---|---|---|---|---|");
for (const line of lines) console.log(line);
process.exitCode = wrong > 0 ? 1 : 0;
