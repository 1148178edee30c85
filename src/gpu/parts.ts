// Splits the commands of a run: those of the first run only, and submits of about equal work.

import type { Command, CopyCommand } from "./commands.js";
import { writtenBy } from "./dispatch-bindings.js";
import { boundBytes } from "./work.js";

/** Returns the commands that only the first run executes, and those of every run. */
export function splitOnce(commands: readonly Command[]): {
  once: { commands: readonly Command[]; copies: readonly CopyCommand[] };
  each: readonly Command[];
} {
  const once = commands.filter(({ step }) => step.firstRunOnly);
  const settled = new Set(once.flatMap(({ step }) => writtenBy(step)));
  const isSettled = ({ tensor }: CopyCommand) => settled.has(tensor);
  const each = commands
    .filter(({ step }) => !step.firstRunOnly)
    .map((command) => ({ ...command, copies: command.copies.filter((copy) => !isSettled(copy)) }));
  const copies = commands.flatMap((command) => command.copies.filter(isSettled));
  return { once: { commands: once, copies }, each };
}

/** Work, in the units of `costOf`, from which the time of a dispatch is measured (long-dispatches.ts). */
export const LARGE = { gpu: 1e9, cpu: 2e8 };

/**
 * The work of a command in numbers, an estimate that is good enough on every adapter: a byte of a
 * tensor takes about as long as a multiply-add.
 */
export const costOf = ({ step: { dispatch, share = 1 } }: Command) =>
  ((dispatch.multiplyAdds ?? 0) + boundBytes(dispatch)) * share;

/** Whether the time of a command, or of a run on a GPU, could be longer than it may. */
export function hasMuchWork(kind: "cpu" | "gpu", commands: readonly Command[]): boolean {
  const costs = commands.map(costOf);
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  return Math.max(...costs, kind === "gpu" ? total / 4 : 0) > LARGE[kind];
}

/**
 * Cuts the commands into `count` parts of about equal work, or fewer if there are fewer commands.
 */
export function inParts(commands: readonly Command[], count: number): Command[][] {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`submits must be a whole number from 1, got ${count}`);
  }
  const costs = commands.map(costOf);
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const parts: Command[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const [i, command] of commands.entries()) {
    parts[Math.min(count - 1, Math.floor((count * before) / total))].push(command);
    before += costs[i];
  }
  return parts.filter((part) => part.length > 0);
}
