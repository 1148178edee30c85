// A run that was killed after its last checkpoint and before its report: `train --resume` ends it.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { readRunRecord } from "../../node/report/run-record.js";
import { removeTemporaryFiles } from "../../node/run-files.js";
import { type RunConfig, type readRunFolder, recordRun } from "../../node/run-folder.js";
import type { Checkpoint, TrainingConfig, TrainingResult } from "../../train/training-types.js";
import type { Progress } from "../progress-bar.js";
import type { RunEnd } from "./training-run.js";

/**
 * Whether a run has done all its steps and lacks only its end: the entry in the log, or the report. Throws one line
 * if it has these too.
 */
export async function isUnreported(
  { checkpoint }: Awaited<ReturnType<typeof readRunFolder>>,
  { steps }: TrainingConfig,
  folder = "",
): Promise<boolean> {
  const done = checkpoint.metadata.progress?.step ?? 0;
  if (done < steps) return false;
  const { end } = await readRunRecord(folder, { models: checkpoint.models });
  const isReported = end?.steps === done && existsSync(join(folder, "report.html"));
  if (done === steps && !isReported) return true;
  throw new Error(
    `${join(folder, "last.safetensors")}: the run has done all ${done} of ${steps} steps; ` +
      "to continue, give a larger --steps",
  );
}

/** Completes the log and the chart of such a run. */
export async function endRun(
  { place, run, resume }: { place: string; run: RunConfig; resume: Checkpoint },
  progress: Progress,
): Promise<RunEnd> {
  const { steps } = run.config;
  const { models } = resume;
  progress.line(
    `Run folder: ${place}\nAll ${steps} steps were done before: what is missing of the log and the report is written now.`,
  );
  await removeTemporaryFiles(place);
  const { end, lastedMs } = await readRunRecord(place, { models });
  if (end?.steps === steps) return { place, result: end };
  const best = resume.metadata.progress?.best;
  const result: TrainingResult = { steps, reason: "steps", best, elapsedMs: lastedMs };
  const recorder = await recordRun(place, run, steps, { models });
  await recorder.onEvent?.({ type: "end", result });
  return { place, result };
}
