// `npm run bench`: Micrograph and other engines, on the same adapter, in one run.

import { writeFile } from "node:fs/promises";
import type { CommanderError } from "commander";
import { installPeers } from "./install-peers.js";
import { benchLargeImage } from "./large.js";
import { benchLayers } from "./layers.js";
import { benchOps } from "./ops.js";
import { type Options, parseOptions, USUAL, type Work } from "./options.js";
import { benchPrediction } from "./predict.js";
import { provenanceOf } from "./provenance.js";
import { type Report, tableOf } from "./report.js";
import { openSession } from "./session.js";
import { benchTiles, benchWidths } from "./sizes.js";
import { benchStart } from "./start.js";
import { benchStep } from "./step.js";

const args = process.argv.slice(2);
const { width, tile, only, engine, rounds, json, tuned, seconds } = optionsOf(args);
if (engine.some((name) => !/^(micrograph|pytorch)/.test(name))) installPeers();
const session = await openSession(engine, { tuned, seconds });
const size = { width, tile };
const wants = (work: Work) => (only ?? USUAL).includes(work);
if (wants("start")) await benchStart(session, size, rounds);
if (wants("step")) await benchStep(session, size, rounds);
if (wants("predict")) await benchPrediction(session, size, rounds);
if (wants("layers")) await benchLayers(session, size, rounds);
if (wants("ops")) await benchOps(session, rounds);
if (wants("growth")) await benchTiles(session, width, rounds);
if (wants("widths")) await benchWidths(session, rounds);
if (wants("large")) await benchLargeImage(session, width);

const { device, rows, remarks } = session;
const report: Report = {
  ...provenanceOf(device, args),
  peakGflops: session.peak(),
  rows,
  remarks,
};
const text = `${JSON.stringify(report, null, 2)}\n`;
if (typeof json === "string") await writeFile(json, text);
if (json === true) process.stdout.write(text);
else {
  process.stdout.write(`${report.adapter}, Node ${report.node}\n${tableOf(report)}\n`);
  for (const remark of remarks) process.stdout.write(`${remark}\n`);
}
// Timers of other engines would keep the process alive.
process.exit(rows.length > 0 ? 0 : 1);

function optionsOf(args: readonly string[]): Options {
  try {
    return parseOptions(args);
  } catch (error) {
    // Commander has printed the error; after --help it ends with 0.
    process.exit((error as CommanderError).exitCode === 0 ? 0 : 2);
  }
}
