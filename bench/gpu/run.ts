// `npm run bench:gpu`: everything that the owner of a GPU can find out for Micrograph, by one
// command, into one folder and one report. It needs no network and changes nothing outside of the
// folder: the tuner's and the doctor's results are kept there too.

import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem, type } from "node:os";
import { resolve } from "node:path";
import type { CommanderError } from "commander";
import { commitOf } from "../provenance.js";
import { type GpuOptions, parseGpuOptions } from "./options.js";
import { gpuReport } from "./report-text.js";
import { runStages } from "./run-stages.js";
import { stagesOf } from "./stages.js";

const args = process.argv.slice(2);
const date = new Date().toISOString().slice(0, 10);
const given = optionsOf(args);
const options = { ...given, output: resolve(given.output) };
const { output, minutes } = options;
await mkdir(output, { recursive: true });
const [processor] = cpus();
const machine = `${cpus().length} cores, ${processor?.model.trim() ?? "unknown"}, ${type()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const origin = { machine, commit: commitOf(), date, args };
const results = await runStages(stagesOf(options), {
  output,
  seconds: 60 * minutes,
  env: {
    ...process.env,
    MICROGRAPH_KERNEL_CACHE: `${output}/kernels.json`,
    ...(process.env.PYTHON ? {} : { PYTHON: pythonWithTorch() }),
  },
  say: (line) => void process.stderr.write(`${line}\n`),
  onStage: async (done) => writeFile(`${output}/report.md`, await gpuReport(output, origin, done)),
});
process.stdout.write(`Report: ${output}/report.md\n`);
process.exit(results.some(({ problem }) => problem !== undefined) ? 1 : 0);

function optionsOf(args: readonly string[]): GpuOptions {
  try {
    return parseGpuOptions(args, date);
  } catch (error) {
    // Commander has printed the error; after --help it ends with 0.
    process.exit((error as CommanderError).exitCode === 0 ? 0 : 2);
  }
}

/** The first Python that has PyTorch, else one that will say that it has none. */
function pythonWithTorch(): string {
  const names = ["python3", "python", "/usr/bin/python3"];
  const hasTorch = (name: string) => spawnSync(name, ["-c", "import torch"]).status === 0;
  return names.find(hasTorch) ?? names[0];
}
