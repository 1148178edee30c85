// `--shard`: which part of the work a process does, as given or as its scheduler says.

import type { Shard } from "../../predict/tiling.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The shard of `--shard`. "3/16": the fourth of sixteen. "auto": the place of this task in its Slurm array, whatever
 * its first index and step. "auto/16": the index that the scheduler gives, counted from 0, of sixteen: that of a Slurm
 * array or of an Indexed Job of Kubernetes; so tasks can be submitted again by their indices. Throws one sentence for
 * other texts, and if the environment lacks what is needed.
 */
export function shardOf(text: string, environment: Environment = process.env): Shard {
  const [, index, count] = /^(\d+|auto)(?:\/(\d+))?$/.exec(text) ?? [];
  if (index === undefined || (index !== "auto" && count === undefined)) {
    throw new Error(
      `--shard: got ${JSON.stringify(text)}, expected an index from 0 and a count such as 3/16, auto, or auto/16`,
    );
  }
  if (index !== "auto") return checked(text, Number(index), Number(count), "");
  const found = fromScheduler(text, environment, count !== undefined);
  return checked(text, found.index, count === undefined ? found.count : Number(count), found.from);
}

/** The index, counted from the first of the array unless the count is given. */
function fromScheduler(text: string, environment: Environment, isCounted: boolean) {
  const slurm = numberOf(environment, "SLURM_ARRAY_TASK_ID");
  if (slurm !== undefined) {
    const from = `SLURM_ARRAY_TASK_ID=${slurm}`;
    if (isCounted) return { index: slurm, count: 0, from };
    const first = numberOf(environment, "SLURM_ARRAY_TASK_MIN") ?? 0;
    const step = numberOf(environment, "SLURM_ARRAY_TASK_STEP") ?? 1;
    const count = numberOf(environment, "SLURM_ARRAY_TASK_COUNT");
    if (count === undefined) {
      throw new Error(
        `--shard ${text}: ${from}, but SLURM_ARRAY_TASK_COUNT is not set; give the count, as in auto/16`,
      );
    }
    return { index: (slurm - first) / (step || 1), count, from };
  }
  const kubernetes = numberOf(environment, "JOB_COMPLETION_INDEX");
  if (kubernetes !== undefined) {
    const from = `JOB_COMPLETION_INDEX=${kubernetes}`;
    if (isCounted) return { index: kubernetes, count: 0, from };
    throw new Error(
      `--shard ${text}: ${from}, but Kubernetes does not say of how many; give the count, as in auto/16`,
    );
  }
  throw new Error(
    `--shard ${text}: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set; give index and count, as in 3/16`,
  );
}

function numberOf(environment: Environment, name: string): number | undefined {
  const text = environment[name];
  if (text === undefined || text === "") return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`${name}=${text}: expected a whole number from 0`);
}

function checked(text: string, index: number, count: number, from: string): Shard {
  if (Number.isSafeInteger(index) && count > 0 && index < count) return { index, count };
  const got = from === "" ? "" : ` (${from})`;
  throw new Error(
    `--shard ${text}${got}: got the index ${index} of ${count} shards, expected whole numbers, the index from 0 and below the count`,
  );
}
