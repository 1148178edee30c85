// `micrograph merge`: joins what the shards of a prediction have written.

import type { Command } from "commander";
import { CodedError, exitCodeOf, FAILED, TEMPORARY } from "../exit-codes.js";
import { countText } from "../format.js";
import type { Context } from "../services.js";
import { statusCode, statusLines, tasksOf } from "../status/status-command.js";
import { mergeTables } from "./merge-tables.js";

/** Adds the command; `done` gets its exit code. */
export function addMerge(program: Command, context: Context, done: (code: number) => void): void {
  program
    .command("merge")
    .summary("join what the shards of a prediction have written")
    .description(
      "After predict --shard --measure has run for all shards: joins the tables of cells of all images to\n" +
        "objects.csv in the output folder. Refuses while shards are not done. Images that failed are named\n" +
        "and left out. The same files always give the same table.",
    )
    .argument("<folder>", "the output folder of predict")
    .option("--json", "print what was joined as JSON")
    .action(async (folder: string, options: { json?: boolean }) =>
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
  { json }: { readonly json?: boolean },
  { stdout, stderr }: Context,
): Promise<number> {
  for (const { name, status } of await tasksOf(folder)) {
    if (statusCode(status) === TEMPORARY) {
      const [first] = statusLines(name, status);
      throw new CodedError(`${first}; join them when all are done`, TEMPORARY);
    }
    for (const { unit, error } of status.failed) {
      stderr.write(`${unit} failed and is left out: ${error}\n`);
    }
    const broken = status.shards.find(({ state }) => state === "failed");
    if (broken) {
      const why = `${folder}: shard ${broken.index} failed (${broken.error}); run it again first`;
      throw new CodedError(why, FAILED);
    }
    const merged = await mergeTables(folder).catch((error: Error) => {
      throw new CodedError(error.message, exitCodeOf(error), { cause: error });
    });
    if (merged.others.length > 0) {
      stderr.write(
        `${countText(merged.others.length, "image")} left out, predicted with other options or another checkpoint\n`,
      );
    }
    const { csv, images, objects } = merged;
    if (json) stdout.write(`${JSON.stringify({ ...merged, failed: status.failed }, null, 2)}\n`);
    else stdout.write(`${countText(objects, "object")} in ${countText(images, "image")}: ${csv}\n`);
    if (status.failed.length > 0) return FAILED;
  }
  return 0;
}
