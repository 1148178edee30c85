// The data of a resumed run: read again from where they are now, and checked to be unchanged.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type LabelDecision, LabelError } from "../../data/label-decision.js";
import { naturalOrder, someNames } from "../../data/pairs.js";
import { classFieldsOf } from "../../data/task.js";
import { checkpointFiles } from "../../node/checkpoint.js";
import { changedSamples } from "../../node/digest.js";
import { findPairs, type PairedFiles, type PairFolders } from "../../node/find-pairs.js";
import type { RunConfig } from "../../node/run-folder.js";
import { shellQuote } from "../format.js";
import { labelReading } from "../options/class-options.js";
import { trainingReading } from "../options/image-options.js";
import { drawNuclei, drawSample, loadSplit, type RunData } from "./train-data.js";

/** How a run is resumed. */
export interface Resumption {
  /** The run folder: errors explain how to train its weights further on other data. */
  readonly run?: string;
  /** Where the data are now, if they have moved. */
  readonly moved?: PairFolders;
}

/**
 * Reads the data of a run again, with the same split, from where they were or are now. Throws one line
 * if they are missing or have changed: other names, or another image or label under a name.
 */
export async function reloadData(
  config: RunConfig,
  { run, moved = {} }: Resumption = {},
): Promise<RunData> {
  if (config.data === "sample") return drawSample(classFieldsOf(config));
  if (config.data === "nuclei") return drawNuclei(config.task?.objects?.kind ?? "gap");
  const { images: wereIn, labels: labelsWereIn } = config.data;
  const where =
    moved.folder === undefined
      ? { images: moved.images ?? wereIn, labels: moved.labels ?? labelsWereIn }
      : moved;
  const wayOn = run === undefined ? "" : `; ${advice(run)}`;
  refuseMissing(where, run !== undefined);
  const { validation, ignore, pages, context } = config;
  const found = await findPairs(where, trainingReading(pages, context));
  const { pairs, source } = found;
  refuseOtherNames(config, pairs, source.images, wayOn);
  const { classes, classColours } = classFieldsOf(config);
  const options = { validation, pages, context, channels: config.model.channels };
  const declared = { classes, classColours, ignore, ...labelReading(config.labels) };
  const load = (known?: LabelDecision) => loadSplit(found, options, declared, known);
  const data = await load(config.labels).catch(async (error) => {
    if (!(error instanceof LabelError)) throw error;
    // Files with other values, such as 65535 for 255, may mean the same: the digests show it.
    const again = config.digests && (await load().catch(() => undefined));
    if (again) return again;
    throw new Error(`${error.message}${wayOn}`, { cause: error });
  });
  if (data.digests && config.digests) {
    const changed = changedSamples(config.digests, data.digests);
    refuseChanged(pairs, changed, wayOn);
    return data;
  }
  const remark =
    "The run was made by a version that kept no digests of its data: the data are assumed to be " +
    "unchanged.";
  return { ...data, remarks: [...data.remarks, remark] };
}

/** What to do if the data have changed: start a new run from the weights. */
function advice(run: string): string {
  const found = checkpointFiles(run).find((file) => existsSync(file));
  const file = shellQuote(found ?? join(run, "best.safetensors"));
  return `to train its weights further on the current data, start a new run: --from ${file}`;
}

function refuseMissing({ images, labels }: PairFolders, canBeNamed: boolean): void {
  for (const [what, place] of Object.entries({ images, labels })) {
    if (place === undefined || existsSync(place)) continue;
    const way = canBeNamed ? ": give their place by --images and --labels" : "";
    throw new Error(`${place}: the run's ${what} are no longer there${way}`);
  }
}

function refuseOtherNames(
  { training, validation }: RunConfig,
  pairs: readonly PairedFiles[],
  images: string,
  wayOn: string,
): void {
  const before = new Set([...training, ...validation]);
  const now = new Set(pairs.map(({ name }) => name));
  const gone = [...before].filter((name) => !now.has(name)).sort(naturalOrder);
  const added = [...now].filter((name) => !before.has(name));
  if (gone.length === 0 && added.length === 0) return;
  const told = [
    ...(gone.length > 0 ? [`without ${someNames(gone)}`] : []),
    ...(added.length > 0 ? [`with ${someNames(added)} as well`] : []),
  ];
  throw new Error(
    `${images}: not the ${before.size} images of the resumed run: ` +
      `${now.size} are there now, ${told.join(" and ")}${wayOn}`,
  );
}

function refuseChanged(
  pairs: readonly PairedFiles[],
  { images, labels }: ReturnType<typeof changedSamples>,
  wayOn: string,
): void {
  const page = (number: number | undefined) => (number === undefined ? "" : `, page ${number + 1}`);
  const files = pairs.flatMap((pair) => [
    ...(images.includes(pair.name) ? [`${pair.image}${page(pair.imagePage)}`] : []),
    ...(labels.includes(pair.name) ? [`${pair.label}${page(pair.labelPage)}`] : []),
  ]);
  if (files.length === 0) return;
  const counts = [
    ...(images.length > 0 ? [`${images.length} image${images.length > 1 ? "s" : ""}`] : []),
    ...(labels.length > 0 ? [`${labels.length} label${labels.length > 1 ? "s" : ""}`] : []),
  ];
  throw new Error(
    `${someNames(files)}: ${counts.join(" and ")} changed since the run began, and a run can only ` +
      `be resumed with the same data${wayOn}`,
  );
}
