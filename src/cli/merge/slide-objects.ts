// Finds the objects of a slide whose chunks are all predicted, once for the same options: of `merge` and
// `predict --objects`.

import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { explainReason, writeFileAtomic } from "../../node/run-files.js";
import type { SlideJob } from "../../node/slide-job.js";
import {
  DEFAULT_HOLES,
  DEFAULT_SEPARATION,
  DEFAULT_SMALLEST,
  type SeparationOptions,
} from "../../objects/separate-objects.js";
import type { SEPARATION_OPTIONS } from "../../options/prediction-options.js";
import type { OptionValues } from "../../options/rules.js";
import { countText } from "../format.js";
import type { Progress } from "../progress-bar.js";
import { mergeSlide } from "./merge-slide.js";

/** How objects are told apart, as the commands' options say it. */
export type CellOptions = Partial<OptionValues<typeof SEPARATION_OPTIONS>>;

/** The objects of a slide, and where they are. */
export interface SlideObjects {
  readonly store: string;
  readonly csv: string;
  readonly count: number;
}

/**
 * Writes labels/objects and the table, and completes the store. If they are there, with these options, nothing is
 * done; with others the store is opened again and has its final name when the new ones are in it.
 */
export async function slideObjects(
  job: SlideJob,
  given: CellOptions,
  { line, update }: Progress,
  signal?: AbortSignal,
): Promise<SlideObjects> {
  const how = effective(job, given);
  const file = join(job.folder, "objects.json");
  if (job.isComplete()) {
    const known = await readFile(file, "utf8").catch(() => undefined);
    const { count, csv, ...before } =
      known === undefined ? ({} as Known) : (JSON.parse(known) as Known);
    if (JSON.stringify(before) === JSON.stringify(how)) {
      line(`${job.final}: it is complete, nothing is left to do`);
      return { store: job.final, csv, count };
    }
    await reopen(job);
  }
  const { name } = job;
  const merged = await mergeSlide(job, {
    ...how,
    onStep(step, done, total) {
      signal?.throwIfAborted();
      update(done, total, `${name}: ${step}, chunk ${done} of ${total}`);
    },
  });
  const { count, csv, unseparated } = merged;
  await writeFileAtomic(file, `${JSON.stringify({ ...how, count, csv } satisfies Known)}\n`);
  if (unseparated > 0) {
    line(
      `${name}: ${countText(unseparated, "group")} of cells too large to be separated: each is one object; ` +
        "a higher --cell-threshold makes them smaller",
    );
  }
  line(`${countText(count, "object")}: ${merged.store}, ${csv}`);
  return merged;
}

interface Known extends Required<SeparationOptions> {
  readonly count: number;
  readonly csv: string;
}

/** As given, else as was chosen in training, else at the threshold of the mask. */
function effective(
  { plan: { objects, threshold } }: SlideJob,
  given: CellOptions,
): Required<SeparationOptions> {
  return {
    separation: given.separation ?? objects?.separation ?? DEFAULT_SEPARATION,
    threshold: given.cellThreshold ?? objects?.threshold ?? threshold,
    holes: given.holes ?? DEFAULT_HOLES,
    smallest: given.smallest ?? DEFAULT_SMALLEST,
  };
}

/** Takes the final name from a store, since its objects will be others. */
async function reopen({ final, partial }: SlideJob): Promise<void> {
  try {
    await rename(final, partial);
  } catch (error) {
    throw new Error(`${final}: it cannot be changed: ${explainReason(error)}`, { cause: error });
  }
}
