// `micrograph merge`: joins what the shards of a prediction have written.

import type { Command } from "commander";
import { openJob } from "../../node/slide-job.js";
import { SEPARATION_OPTIONS } from "../../options/prediction-options.js";
import { CodedError, DONE, exitCodeOf, FAILED, TEMPORARY } from "../exit-codes.js";
import { countText } from "../format.js";
import { optionOf } from "../options/add-rows.js";
import { checkRanges } from "../options/parse-numbers.js";
import { createProgress, type Progress } from "../progress-bar.js";
import type { Context } from "../services.js";
import { statusCode, statusLines, type Task, tasksOf } from "../status/status-command.js";
import { mergeTables } from "./merge-tables.js";
import { type CellOptions, slideObjects } from "./slide-objects.js";

interface MergeOptions extends CellOptions {
  readonly json?: boolean;
}

/** Adds the command; `done` gets its exit code. */
export function addMerge(program: Command, context: Context, done: (code: number) => void): void {
  const merge = program
    .command("merge")
    .summary("join what the shards of a prediction have written")
    .description(
      "After predict --shard has run for all shards. Of images, predicted with --measure: joins their tables\n" +
        "of cells to objects.csv in the output folder; images that failed are named and left out. Of a slide:\n" +
        "finds the cells, those on the borders of chunks joined, numbers and measures them, and completes the\n" +
        "store: labels/objects, and <name>-objects.csv. Refuses while shards are not done. The same files always\n" +
        "give the same results.",
    )
    .argument("<folder>", "the output folder of predict");
  merge.optionsGroup("Cells of slides:");
  for (const [key, row] of Object.entries(SEPARATION_OPTIONS)) {
    const words = row.words.replace("with --objects: ", "");
    merge.addOption(optionOf(key, { ...row, words }));
  }
  merge
    .option("--json", "print what was joined as JSON; progress goes to standard error")
    .action(async (folder: string, options: MergeOptions) =>
      done(await runMerge(folder, options, context)),
    )
    .addHelpText(
      "after",
      "\nExit codes: 0 all is joined, 1 what failed is left out, 75 shards are not done.\n\n" +
        `Example:\n  ${context.invocation} merge predictions`,
    );
}

/** Runs the command; returns the exit code. Throws one line if there is nothing to join. */
export async function runMerge(
  folder: string,
  options: MergeOptions,
  { stdout, stderr }: Context,
): Promise<number> {
  checkRanges(SEPARATION_OPTIONS, options);
  const tasks = await tasksOf(folder);
  for (const task of tasks) refuseIncomplete(task);
  const progress = createProgress(options.json ? stderr : stdout);
  const results: object[] = [];
  try {
    for (const task of tasks) {
      const result = task.slide
        ? await slideMerged(folder, task.name, options, progress)
        : await imagesMerged(folder, task, progress);
      results.push({ name: task.name, ...result, failed: task.status.failed });
    }
  } catch (error) {
    throw new CodedError((error as Error).message, exitCodeOf(error), { cause: error });
  } finally {
    progress.stop();
  }
  if (options.json) stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  return tasks.some(({ status }) => status.failed.length > 0) ? FAILED : DONE;
}

/** Throws if a task has shards that are not done. */
function refuseIncomplete({ name, status }: Task): void {
  if (statusCode(status) === TEMPORARY) {
    const [first] = statusLines(name, status);
    throw new CodedError(`${first}; join them when all are done`, TEMPORARY);
  }
  const broken = status.shards.find(({ state }) => state === "failed");
  if (!broken) return;
  const why = `${name}: shard ${broken.index} failed (${broken.error}); run it again first`;
  throw new CodedError(why, FAILED);
}

async function imagesMerged(folder: string, { status }: Task, { line }: Progress) {
  for (const { unit, error } of status.failed) line(`${unit} failed and is left out: ${error}`);
  const merged = await mergeTables(folder);
  const { csv, images, objects, others } = merged;
  if (others.length > 0) {
    const count = countText(others.length, "image");
    line(`${count} left out, predicted with other options or another checkpoint`);
  }
  line(`${countText(objects, "object")} in ${countText(images, "image")}: ${csv}`);
  return merged;
}

async function slideMerged(
  folder: string,
  name: string,
  options: MergeOptions,
  progress: Progress,
) {
  const job = await openJob(folder, name);
  if (!job) throw new Error(`${folder}: there is no work on ${name}`);
  return slideObjects(job, options, progress);
}
