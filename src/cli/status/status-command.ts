// `micrograph status`: how far the shards of a task are.

import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import { explainReason } from "../../node/run-files.js";
import { type JournalLine, readJournals } from "../../node/shard-journal.js";
import { type ShardStatus, type TaskStatus, taskStatus } from "../../node/shard-status.js";
import { DONE, FAILED, TEMPORARY } from "../exit-codes.js";
import { countText, duration } from "../format.js";
import type { Context } from "../services.js";

/** Failures that are printed; `--json` has all. */
const SHOWN = 20;

/** Adds the command; `done` gets its exit code. */
export function addStatus(program: Command, context: Context, done: (code: number) => void): void {
  program
    .command("status")
    .summary("show how far the shards of a prediction are")
    .description(
      "Reads what predict --shard has noted in its output folder: shards that are done, that run, that\n" +
        "were stopped or killed, images that failed and why, and about how long it takes until all is done.",
    )
    .argument("<folder>", "the output folder of predict")
    .option("--json", "print as JSON")
    .action(async (folder: string, options: { json?: boolean }) =>
      done(await runStatus(folder, options, context)),
    )
    .addHelpText(
      "after",
      "\nExit codes: 0 all is done, 1 all was tried and something failed, 75 not all was tried yet.\n\n" +
        `Example:\n  ${context.invocation} status predictions`,
    );
}

/** Runs the command; returns the exit code. Throws one line if the folder has no shards. */
export async function runStatus(
  folder: string,
  { json }: { readonly json?: boolean },
  { stdout }: Context,
): Promise<number> {
  const tasks = await tasksOf(folder);
  if (json) {
    const result = tasks.map(({ name, slide, status }) => ({ name, slide, ...status }));
    stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } else {
    for (const { name, status } of tasks) {
      for (const line of statusLines(name, status)) stdout.write(`${line}\n`);
    }
  }
  return Math.max(...tasks.map(({ status }) => statusCode(status)));
}

/** 75 if there is something left to try, 1 if all was tried and something failed, else 0. */
export function statusCode({ shards, failed }: TaskStatus): number {
  if (shards.some(({ state }) => state !== "done" && state !== "failed")) return TEMPORARY;
  return failed.length > 0 || shards.some(({ state }) => state === "failed") ? FAILED : DONE;
}

/** The prediction of a folder's images, or of a slide. */
export interface Task {
  readonly name: string;
  readonly slide: boolean;
  readonly status: TaskStatus;
}

/** The tasks of an output folder: of its images, and of each slide. Throws one line if there is none. */
export async function tasksOf(folder: string): Promise<Task[]> {
  const names = await readdir(folder).catch((error) => {
    throw new Error(`${folder}: cannot be read: ${explainReason(error)}`, { cause: error });
  });
  const tasks: Task[] = [];
  for (const name of names.sort()) {
    if (name !== "progress" && !name.endsWith(".progress")) continue;
    const status = taskStatus(await readJournals(join(folder, name)), Date.now(), hasEnded);
    const shown = name === "progress" ? basename(resolve(folder)) : basename(name, ".progress");
    if (status) tasks.push({ name: shown, slide: name !== "progress", status });
  }
  if (tasks.length > 0) return tasks;
  throw new Error(`${folder}: no shard has run here; name the output folder of predict --shard`);
}

/** Whether a process of this machine has ended; those of other machines are judged by their silence. */
function hasEnded({ host, pid }: JournalLine): boolean {
  if (host !== hostname() || typeof pid !== "number") return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** The status as lines of text. */
export function statusLines(name: string, status: TaskStatus): string[] {
  const { shards, failed, units, done, leftMs, workMs, unitMs } = status;
  const states = ["done", "running", "silent", "stopped", "failed", "waiting"] as const;
  const counts = states.flatMap((state) => {
    const { length } = shards.filter((one) => one.state === state);
    return length > 0 ? [`${length} ${WORDS[state]}`] : [];
  });
  const isKnown = shards.some((one) => one.units !== undefined);
  const ofUnits = isKnown ? `; ${done} of ${countText(units, status.unit)} done` : "";
  const lines = [`${name}: ${countText(shards.length, "shard")}: ${counts.join(", ")}${ofUnits}`];
  for (const shard of shards)
    if (shard.error || shard.state === "silent") lines.push(shardLine(shard));
  for (const { unit, error } of failed.slice(0, SHOWN)) lines.push(`  ${unit} failed: ${error}`);
  if (failed.length > SHOWN) lines.push(`  and ${failed.length - SHOWN} more (--json lists all)`);
  const each = unitMs === undefined ? "" : ` (${duration(unitMs)} each)`;
  if (leftMs !== undefined) lines.push(`about ${duration(leftMs)} left${each}`);
  else if (workMs)
    lines.push(`nothing runs; about ${duration(workMs)} of work for one process${each}`);
  return lines;
}

const WORDS: Readonly<Record<ShardStatus["state"], string>> = {
  done: "done",
  running: "running",
  silent: "silent (killed?)",
  stopped: "stopped",
  failed: "failed",
  waiting: "not started",
};

function shardLine({ index, state, error, done, units }: ShardStatus): string {
  const of = `${done} of ${units ?? "?"} done`;
  if (state === "silent")
    return `  shard ${index}: it wrote nothing for long, or its process is gone, and did not end; ${of}`;
  return `  shard ${index} ${state}, ${of}: ${error}`;
}
