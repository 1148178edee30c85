// `micrograph doctor`: examines the adapter and its driver, and remembers which kernels are wrong.

import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { examinationLines } from "../../check/examination-text.js";
import type { ExaminationScope } from "../../check/examine.js";
import { createProgress } from "../progress-bar.js";
import type { Context, OpenDevice } from "../services.js";
import { examinationPage } from "./doctor-page.js";

interface DoctorOptions {
  quick?: boolean;
  full?: boolean;
  json?: boolean;
  html?: string;
}

/** Adds the command. */
export function addDoctor(program: Command, context: Context, done: (code: number) => void): void {
  program
    .command("doctor")
    .summary("check that this GPU and its driver compute right results")
    .description(
      "Compares the kernels that a U-Net or an FCN can run on this adapter with references in 64 bits,\n" +
        "forward and gradients, and tries what drivers are known to get wrong. A kernel whose result is\n" +
        "wrong is named, and later runs on this adapter and driver use another. Its output can be pasted\n" +
        "into an issue.",
    )
    .option("--quick", "only the commonest layers, for two seconds, as before a first training")
    .option("--full", "all ops, also those of no built-in network, and the largest buffers")
    .option("--html <FILE>", "also write the report as a page")
    .option("--json", "print the report as JSON; progress goes to standard error")
    .action(async (options: DoctorOptions) => done(await runDoctor(options, context)))
    .addHelpText(
      "after",
      `\nExit codes: 0 no fault was found, 1 faults.\n\nExample:\n  ${context.invocation} doctor --html doctor.html`,
    );
}

/** Runs the command; returns 0 if no fault was found, else 1. */
export async function runDoctor(options: DoctorOptions, context: Context): Promise<number> {
  if (options.quick && options.full)
    throw new Error("--quick: got --full too, expected one of them");
  const scope: ExaminationScope = options.full ? "full" : options.quick ? "quick" : "normal";
  const { services, stdout, stderr } = context;
  const progress = createProgress(options.json ? stderr : stdout);
  const device = await services.openDevice(progress.line);
  try {
    const examination = await services.examine(device, {
      scope,
      onProgress: (name, count, total) => progress.update(count, total, name),
    });
    progress.stop();
    if (options.json) stdout.write(`${JSON.stringify(examination, null, 2)}\n`);
    else for (const line of examinationLines(examination)) progress.line(line);
    if (options.html !== undefined) {
      await writeFile(options.html, examinationPage(examination));
      progress.line(`Page: ${options.html}`);
    }
    try {
      const file = await services.keepExamination(device, examination);
      if (file !== undefined) progress.line(`Remembered for this adapter and driver: ${file}`);
    } catch (error) {
      progress.line(`The result could not be saved: ${(error as Error).message}`);
    }
    return examination.passed ? 0 : 1;
  } finally {
    progress.stop();
    device.close();
  }
}

/**
 * Opens the device for a command that computes; the first time on an adapter and driver, it is
 * examined for two seconds. What is wrong is said.
 */
export async function openExamined(
  { services, invocation }: Context,
  line: (text: string) => void,
): Promise<OpenDevice> {
  const device = await services.openDevice(line);
  try {
    const examination = await services.examineFirst(device);
    if (examination && !examination.passed) {
      const { adapter, avoided, unusable, hazards } = examination;
      const failed = hazards.filter(({ verdict }) => verdict === "failed");
      const problems = [
        ...Object.entries(avoided).map(([kernel, problem]) => `${kernel} (${problem})`),
        ...unusable,
        ...failed.map(({ name, detail }) => `${name}: ${detail}`),
      ];
      line(
        `${adapter} computes wrong results: ${problems.join("; ")}. Wrong kernels are not used; ${invocation} doctor ` +
          "examines all of them, these again",
      );
    }
    return device;
  } catch (error) {
    device.close();
    throw error;
  }
}
