// The folder of a comparison: `compare.json`, a run folder per network, and pictures. A stopped
// comparison can be continued in its folder.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { LabelDeclaration } from "../data/label-decision.js";
import { someNames } from "../data/pairs.js";
import { splitTask, type Task } from "../data/task.js";
import type { ModelConfig, TrainingConfig, TrainingResult } from "../train/training-types.js";
import { changedSamples, type DataDigests } from "./digest.js";
import { ensureFolder, writeFileAtomic } from "./run-files.js";
import type { RunConfig } from "./run-folder.js";

/** The settings that must be the same when a comparison is continued. */
export interface ComparisonSettings
  extends Pick<RunConfig, "data" | "training" | "validation" | "digests"> {
  readonly ignore?: number | string | undefined;
  /** For labels that are neither black and white nor class indices. */
  readonly reading?:
    | Pick<LabelDeclaration, "instances" | "labelThreshold" | "labelChannel">
    | undefined;
  readonly networks: readonly {
    readonly name: string;
    readonly model: ModelConfig;
    readonly task?: Task | undefined;
    readonly config: TrainingConfig;
    readonly symmetries: number;
  }[];
}

/** The progress of a network: the time spent on it, and the end of its run if it has one. */
export interface ComparisonProgress {
  readonly elapsedMs: number;
  readonly result?: Pick<TrainingResult, "steps" | "best"> | undefined;
}

export interface Comparison {
  readonly micrograph: string;
  /** The command line as typed. */
  readonly command: string;
  readonly adapter: string;
  readonly settings: ComparisonSettings;
  /** By the names of networks. */
  readonly progress: Readonly<Record<string, ComparisonProgress>>;
  /** By the names of networks, once all are trained and evaluated. */
  readonly results?: Readonly<Record<string, unknown>> | undefined;
}

const NONE: DataDigests = { images: {}, labels: {} };

const fileOf = (folder: string) => join(folder, "compare.json");

/**
 * Returns the progress of the comparison in the folder; none if there is no comparison. Throws one
 * line if it has other networks, data or settings, if a file is damaged, or if a network's folder
 * belongs to something else.
 */
export async function readProgress(
  folder: string,
  settings: ComparisonSettings,
): Promise<Comparison["progress"]> {
  const path = fileOf(folder);
  if (!existsSync(path)) {
    const other = settings.networks.map(({ name }) => join(folder, name)).find(existsSync);
    if (other === undefined) return {};
    throw new Error(
      `${other}: it does not belong to a comparison: use another folder with --output`,
    );
  }
  let before: Comparison;
  try {
    before = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new Error(`${path}: damaged: ${(error as Error).message}`);
  }
  const { digests, ...others } = before.settings ?? {};
  const { digests: digestsNow, ...othersNow } = settings;
  const key = differingKey(asNow(others), asNow(othersNow));
  if (key !== undefined) {
    throw new Error(
      `${path}: it is a comparison with other ${key}: use another folder with --output`,
    );
  }
  // Comparisons of version 0.1 have no digests.
  const { images, labels } = changedSamples(digests ?? NONE, digestsNow ?? NONE);
  for (const [what, names] of Object.entries({ images, labels })) {
    if (names.length === 0) continue;
    throw new Error(
      `${path}: the ${what} of ${someNames(names)} changed since the comparison began, and it can ` +
        "only be continued with the same data: use another folder with --output",
    );
  }
  return before.progress ?? {};
}

export async function writeComparison(folder: string, comparison: Comparison): Promise<void> {
  await ensureFolder(folder);
  await writeFileAtomic(fileOf(folder), `${JSON.stringify(comparison, null, 2)}\n`);
}

/**
 * Settings in the form of this version: earlier ones had names and colours of classes in `model`.
 */
function asNow(settings: Partial<ComparisonSettings>): object {
  const { networks, ...others } = settings;
  if (!Array.isArray(networks)) return settings;
  const apart = networks.map((one) => ({ ...one, ...splitTask(one?.model ?? {}, one?.task) }));
  return { ...others, networks: apart };
}

/** Returns the first key whose values differ as JSON, regardless of the order of their own keys. */
function differingKey(a: object, b: object): string | undefined {
  const value = (of: object, key: string): unknown =>
    JSON.parse(JSON.stringify((of as Record<string, unknown>)[key] ?? null));
  return Object.keys({ ...a, ...b }).find(
    (key) => !isDeepStrictEqual(value(a, key), value(b, key)),
  );
}
