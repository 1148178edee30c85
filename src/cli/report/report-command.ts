// `micrograph report`, and the report that `train` ends with: everything about a run, in one file.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { classFieldsOf } from "../../data/task.js";
import type { Architecture } from "../../model/architecture.js";
import { loadCheckpoint } from "../../node/checkpoint.js";
import { writeReport } from "../../node/report/report.js";
import { readRunConfig } from "../../node/run-folder.js";
import { ownModelOption, ownModels } from "../options/own-model.js";
import { createProgress } from "../progress-bar.js";
import type { Context, OpenDevice, Services } from "../services.js";
import { reloadData } from "../train/reload-data.js";
import type { RunData } from "../train/train-data.js";
import { type Baselines, baselineNames, measureBaselines } from "../train/train-report.js";

interface ReportOptions {
  readonly model?: string;
  readonly json?: boolean;
}

/** Adds the command; `done` gets its exit code. */
export function addReport(program: Command, context: Context, done: (code: number) => void): void {
  program
    .command("report")
    .summary("write the report of a run again")
    .description(
      "Writes report.html into a run folder: command, data, curves, held-out images with the worst\n" +
        "first, network, configuration and machine, in one self-contained file that works offline.\n" +
        "train writes it too; this writes it again, from the run's files, its data and its checkpoint.",
    )
    .argument("<run folder>", "the folder that train wrote")
    .addOption(ownModelOption())
    .option("--json", "print the file as JSON; progress goes to standard error")
    .action(async (folder: string, options: ReportOptions) =>
      done(await runReport(folder, options, context)),
    )
    .addHelpText("after", `\nExample:\n  ${context.invocation} report runs/<run>`);
}

/** Runs the command; returns the exit code. Throws one line if the folder holds no run. */
export async function runReport(
  folder: string,
  options: ReportOptions,
  context: Context,
): Promise<number> {
  const models = await ownModels(options.model);
  const config = await readRunConfig(folder, { models });
  const progress = createProgress(options.json ? context.stderr : context.stdout);
  const remarks: string[] = [];
  // A report without pictures is better than none: the data may have moved.
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      remarks.push(`${what}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  };
  const data = await attempt("No pictures of the data", () => reloadData(config));
  const device =
    data &&
    (await attempt("No pictures of predictions", () => context.services.openDevice(progress.line)));
  try {
    for (const remark of remarks) progress.line(remark);
    const path = await makeReport(folder, { data, device, remarks, models }, context.services);
    progress.line(`Report: ${path}`);
    if (options.json)
      context.stdout.write(`${JSON.stringify({ report: path, remarks }, null, 2)}\n`);
    return 0;
  } finally {
    device?.close();
  }
}

/** Writes the report of a run with everything that is available; returns its path. */
export async function makeReport(
  folder: string,
  {
    data,
    device,
    baselines,
    remarks = [],
    models = [],
  }: {
    data?: RunData;
    models?: readonly Architecture[];
    device?: OpenDevice;
    baselines?: Baselines;
    remarks?: readonly string[];
  },
  services: Services,
): Promise<string> {
  if (data === undefined) return writeReport(folder, { remarks, models });
  const config = await readRunConfig(folder, { models });
  const checkpoint = ["best", "last"]
    .map((kind) => join(folder, `${kind}.safetensors`))
    .find(existsSync);
  const predictor =
    device && checkpoint && data.validation.length > 0
      ? await services.createPredictor(device, await loadCheckpoint(checkpoint, { models }), {})
      : undefined;
  try {
    return await writeReport(folder, {
      training: data.training,
      validation: data.validation,
      baselines: baselineNames(baselines ?? (await measureBaselines(data)), classFieldsOf(config)),
      remarks,
      models,
      ...(predictor ? { predict: ({ image, name }) => predictor.predict(image, name) } : {}),
    });
  } finally {
    predictor?.close();
  }
}
