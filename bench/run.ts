// `npm run bench`: Micrograph beside other engines, on the same adapter, in one run.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { benchGrowth } from "./growth.js";
import { benchLayers } from "./layers.js";
import { benchLargeImage, benchPrediction } from "./predict.js";
import { tableOf } from "./report.js";
import { ENGINES, openSession } from "./session.js";
import { benchStart } from "./start.js";
import { benchStep } from "./step.js";

const WORKS = ["step", "predict", "layers", "start", "growth", "large"] as const;
/** What a plain `npm run bench` does: the others take many minutes in software. */
const USUAL: readonly string[] = ["step", "predict", "start"];
const LARGE_SIDE = 4096;

interface Options {
  readonly width: number;
  readonly tile: number;
  readonly only?: (typeof WORKS)[number];
  readonly engine?: string;
  readonly json?: boolean;
}

const whole = (text: string) => {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`expected a whole number of at least 1, got ${text}`);
};

const options = new Command("npm run bench --")
  .description(
    "Times Micrograph beside other engines on one adapter, after comparing their results.",
  )
  .option("--width <N>", "channels of the first level", whole, 16)
  .option("--tile <N>", "side of the tile in pixels", whole, 284)
  .addOption(new Option("--only <WORK>", "one kind of work").choices(WORKS))
  .option("--engine <NAMES>", `by commas, of ${ENGINES.join(", ")} (default: all)`)
  .option("--json", "results as JSON on standard output, progress on standard error")
  .addHelpText(
    "after",
    `\nWithout --only: ${USUAL.join(", ")}. MICROGRAPH_ADAPTER chooses the adapter.`,
  )
  .parse()
  .opts<Options>();

const names = options.engine?.split(",") ?? [...ENGINES];
for (const name of names) {
  if (!(ENGINES as readonly string[]).includes(name)) {
    process.stderr.write(`--engine: got ${name}, expected some of ${ENGINES.join(", ")}\n`);
    process.exit(2);
  }
}
if (names.some((name) => name !== "micrograph")) installPeers();
const session = await openSession(names);
const size = { width: options.width, tile: options.tile };
const wants = (work: string) => (options.only ? options.only === work : USUAL.includes(work));
if (wants("start")) await benchStart(session, size);
if (wants("step")) await benchStep(session, size);
if (wants("predict")) await benchPrediction(session, size);
if (wants("layers")) await benchLayers(session, size);
if (wants("growth")) await benchGrowth(session, size.width);
if (wants("large")) await benchLargeImage(session, size.width, LARGE_SIDE);

const { device, rows, remarks } = session;
const { adapter } = device.describe();
const report = { adapter, peakGflops: session.peak(), rows, remarks };
if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
else {
  process.stdout.write(`${adapter}, Node ${process.versions.node}\n${tableOf(report)}\n`);
  for (const remark of remarks) process.stdout.write(`${remark}\n`);
}
// Engines keep timers of their own.
process.exit(rows.length > 0 ? 0 : 1);

/** The other engines are a package of their own: no part of Micrograph needs them. */
function installPeers(): void {
  const folder = fileURLToPath(new URL("../../bench", import.meta.url));
  if (existsSync(`${folder}/node_modules`)) return;
  process.stderr.write("Installing the other engines into bench/node_modules, once.\n");
  // Their scripts only fetch what is not needed here (libraries for CUDA).
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync(npm, args, { cwd: folder, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.stderr.write("They could not be installed: Micrograph runs alone.\n");
}
