// The folder of a comparison: `compare.json`, a run folder for each network, pictures. A comparison
// that was stopped goes on in its folder.

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

/** What must be the same for a comparison to go on. */
export interface ComparisonSettings
  extends Pick<RunConfig, "data" | "training" | "validation" | "digests"> {
  readonly ignore?: number | string | undefined;
  /** Of labels that are neither black and white nor classes. */
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

/** How far a network is: the time spent on it, and the end of its run once it has one. */
export interface ComparisonProgress {
  readonly elapsedMs: number;
  readonly result?: Pick<TrainingResult, "steps" | "best"> | undefined;
}

export interface Comparison {
  readonly micrograph: string;
  /** The command line as it was typed. */
  readonly command: string;
  readonly adapter: string;
  readonly settings: ComparisonSettings;
  /** By the networks' names. */
  readonly progress: Readonly<Record<string, ComparisonProgress>>;
  /** By the networks' names, once all are trained and judged. */
  readonly results?: Readonly<Record<string, unknown>> | undefined;
}

const NONE: DataDigests = { images: {}, labels: {} };

const fileOf = (folder: string) => join(folder, "compare.json");

/**
 * The progress of the comparison that the folder holds; none where it holds no comparison. Throws one
 * line where it holds one of other networks, data or settings, a damaged file, or a folder in the
 * place of a network's.
 */
export async function readProgress(
  folder: string,
  settings: ComparisonSettings,
): Promise<Comparison["progress"]> {
  const path = fileOf(folder);
  if (!existsSync(path)) {
    const other = settings.networks.map(({ name }) => join(folder, name)).find(existsSync);
    if (other === undefined) return {};
    throw new Error(`${other}: it belongs to no comparison: name another folder by --output`);
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
      `${path}: it is a comparison with other ${key}: name another folder by --output`,
    );
  }
  // Comparisons of version 0.1 have no digests.
  const { images, labels } = changedSamples(digests ?? NONE, digestsNow ?? NONE);
  for (const [what, names] of Object.entries({ images, labels })) {
    if (names.length === 0) continue;
    throw new Error(
      `${path}: the ${what} of ${someNames(names)} changed since the comparison began, and it can ` +
        "only go on with equal data: name another folder by --output",
    );
  }
  return before.progress ?? {};
}

export async function writeComparison(folder: string, comparison: Comparison): Promise<void> {
  await ensureFolder(folder);
  await writeFileAtomic(fileOf(folder), `${JSON.stringify(comparison, null, 2)}\n`);
}

/** Settings as this version keeps them: earlier ones had names and colours of classes in `model`. */
function asNow(settings: Partial<ComparisonSettings>): object {
  const { networks, ...others } = settings;
  if (!Array.isArray(networks)) return settings;
  const apart = networks.map((one) => ({ ...one, ...splitTask(one?.model ?? {}, one?.task) }));
  return { ...others, networks: apart };
}

/** The first key whose values differ as JSON, in whatever order their own keys are. */
function differingKey(a: object, b: object): string | undefined {
  const value = (of: object, key: string): unknown =>
    JSON.parse(JSON.stringify((of as Record<string, unknown>)[key] ?? null));
  return Object.keys({ ...a, ...b }).find(
    (key) => !isDeepStrictEqual(value(a, key), value(b, key)),
  );
}
