// `npm run against:pytorch`: a training step and a prediction of Micrograph and of PyTorch on the
// CPU, timed alternately after their losses, gradients and probabilities have been compared.
// Options: those of `npm run bench` that apply; `--only widths` and `--only growth` run the sizes
// of that name one after the other.

import { parseOptions, type Work } from "./options.js";
import { benchPrediction } from "./predict.js";
import { provenanceOf } from "./provenance.js";
import { tableOf } from "./report.js";
import { openSession } from "./session.js";
import { TILES, USUAL_TILE, WIDTHS } from "./sizes.js";
import { benchStep, type Size } from "./step.js";

const args = process.argv.slice(2);
const { width, tile, only, rounds } = parseOptions(args);
const session = await openSession(["micrograph", "pytorch"]);
for (const size of sizes()) {
  if (!isOnly("predict")) await benchStep(session, size, rounds);
  if (!isOnly("step")) await benchPrediction(session, size, rounds);
}
const { device, rows, remarks } = session;
const report = { ...provenanceOf(device, args), peakGflops: session.peak(), rows, remarks };
process.stdout.write(`${report.adapter}, Node ${report.node}\n${tableOf(report)}\n`);
for (const remark of remarks) process.stdout.write(`${remark}\n`);
process.exit(remarks.length > 0 ? 1 : 0);

function isOnly(work: Work): boolean {
  return only?.length === 1 && only[0] === work;
}

function sizes(): Size[] {
  if (isOnly("growth")) return TILES.map((tile) => ({ width, tile }));
  if (isOnly("widths")) return WIDTHS.map((width) => ({ width, tile: USUAL_TILE }));
  return [{ width, tile }];
}
