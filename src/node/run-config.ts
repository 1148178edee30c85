// `config.json` of a run folder: written, and read with a check of every field.

import { join } from "node:path";
import { parseJson } from "../arguments/json.js";
import { shown, shownText } from "../arguments/shown.js";
import { parseColour } from "../data/classes.js";
import type { LabelDecision } from "../data/label-decision.js";
import { splitTask, type Task } from "../data/task.js";
import type { PageMode } from "../formats/image-file.js";
import type { Architecture, ConfigReader } from "../model/architecture.js";
import { BUILT_IN } from "../model/read-config.js";
import { trainingRules } from "../options/training-rules.generated.js";
import { readModel } from "../train/checkpoint-metadata.js";
import { earlierTraining, trainingConfig } from "../train/config.js";
import type { ModelConfig, TrainingConfig } from "../train/training-types.js";
import type { DataDigests } from "./digest.js";
import { readFileOrExplain, writeFileAtomic } from "./run-files.js";
import { findPath, storePath } from "./run-paths.js";
import { startingNetworkFile } from "./starting-network.js";

/** The contents of `config.json`: enough to repeat the run. */
export interface RunConfig {
  /** Version of the package that wrote it. */
  readonly micrograph: string;
  /** The command line as typed. */
  readonly command: string;
  /** The preset that provided the defaults, if any. */
  readonly preset?: string | undefined;
  /** Name of the run, which its folder has too. */
  readonly name: string;
  /**
   * An embedded synthetic sample, or the two folders or files. In the file their paths are
   * relative to the run folder if possible.
   */
  readonly data: "sample" | "nuclei" | { readonly images: string; readonly labels: string };
  /** Names of the samples. */
  readonly training: readonly string[];
  /** Names of the held-out samples. */
  readonly validation: readonly string[];
  /** Digests of the samples by name, to detect changes; runs of version 0.1 have none. */
  readonly digests?: DataDigests | undefined;
  /** The labels' value, or the colour "#rrggbb", of unlabelled pixels. */
  readonly ignore?: number | string | undefined;
  /** The declared meaning of the pages of TIFF files. */
  readonly pages?: PageMode | "regions" | undefined;
  /** Pixels of a large image that are read around its regions, if the network sees more than usual. */
  readonly context?: number | undefined;
  /**
   * How the labels were read, so that a resumed run reads them in the same way; runs of version 0.1
   * have none.
   */
  readonly labels?: LabelDecision | undefined;
  /** The checkpoint whose weights the run started from, and their digest. */
  readonly from?: { readonly checkpoint: string; readonly weights: string } | undefined;
  /** Name of the adapter that it ran on. */
  readonly adapter: string;
  /**
   * The tuner's choices of the run, by layer: other kernels would give other bits. Other layers run
   * the default.
   */
  readonly kernels?: Readonly<Record<string, string>> | undefined;
  /** The network. */
  readonly model: ModelConfig;
  /** What the model's classes mean, if known. */
  readonly task?: Task | undefined;
  /** The training. */
  readonly config: TrainingConfig;
}

/**
 * Version of the file's fields; newer versions are refused. Version 1 had no number, version 3 has
 * `task`, which version 2 had in `model`. A configuration without a task is still written as
 * version 2.
 */
const FORMAT = 3;

/** How a run folder is read. */
export interface ReadRunOptions {
  /** Architectures besides the built-in ones. */
  readonly models?: readonly Architecture[] | undefined;
}

const fileOf = (folder: string) => join(folder, "config.json");

/** Writes the configuration to the run folder. */
export async function writeRunConfig(folder: string, config: RunConfig): Promise<void> {
  const { micrograph, data, from, model, task, config: training, ...rest } = config;
  const apart = splitTask(model, task);
  const stored = {
    micrograph,
    format: apart.task ? FORMAT : 2,
    data: typeof data === "string" ? data : storeData(folder, data),
    ...(from ? { from: { ...from, checkpoint: storedStart(folder, from.checkpoint) } } : {}),
    ...rest,
    ...apart,
    config: training,
  };
  await writeFileAtomic(fileOf(folder), `${JSON.stringify(stored, null, 2)}\n`);
}

/** A network that comes with the package has a name, others have a path. */
function storedStart(folder: string, place: string): string {
  return startingNetworkFile(place) === undefined ? storePath(folder, place).path : place;
}

function storeData(folder: string, data: { readonly images: string; readonly labels: string }) {
  const images = storePath(folder, data.images);
  const labels = storePath(folder, data.labels);
  const absolute = { images: images.absolute, labels: labels.absolute };
  return { images: images.path, labels: labels.path, absolute };
}

/**
 * Reads the configuration of a run and makes its paths absolute. Throws one line if the file is
 * missing, damaged, or of a later version.
 */
export async function readRunConfig(
  folder: string,
  { models = [] }: ReadRunOptions = {},
): Promise<RunConfig> {
  const path = fileOf(folder);
  const text = new TextDecoder().decode(await readFileOrExplain(path, "run's configuration"));
  const fields = parseFields(text, path);
  refuseLater(fields, path, models);
  const wrong = (name: string, expected: string) =>
    new Error(
      `${path}: damaged: its "${name}" is ${shown(fields[name])}, expected ${expected}: ` +
        "restore it from a copy, or start a new run from the weights with train --from",
    );
  for (const name of ["micrograph", "name", "command"]) {
    if (typeof fields[name] !== "string") throw wrong(name, "a text");
  }
  for (const name of ["training", "validation"]) {
    if (!isTexts(fields[name])) throw wrong(name, "a list of names");
  }
  const { kernels, digests, from, labels, ignore, pages, context, adapter } = fields;
  if (kernels !== undefined && !isTextMap(kernels)) throw wrong("kernels", "texts by layer");
  if (digests !== undefined && !isDigests(digests)) throw wrong("digests", "images and labels");
  if (from !== undefined && !(isTextMap(from) && from.checkpoint)) throw wrong("from", "a file");
  if (labels !== undefined && !isDecision(labels)) throw wrong("labels", "how labels are read");
  if (ignore !== undefined && !isIgnored(ignore)) throw wrong("ignore", "a value or a colour");
  if (pages !== undefined && !["auto", "channels", "images", "regions"].includes(pages as string)) {
    throw wrong("pages", "auto, channels, images or regions");
  }
  if (context !== undefined && !(Number.isSafeInteger(context) && (context as number) > 0)) {
    throw wrong("context", "a whole number from 1");
  }
  if (!["undefined", "string"].includes(typeof adapter)) throw wrong("adapter", "a text");
  const data = findData(folder, fields.data);
  if (data === undefined)
    throw wrong("data", '"sample", "nuclei", or the paths of images and labels');
  if (!isRecord(fields.model)) throw wrong("model", "an object");
  if (!isRecord(fields.config)) throw wrong("config", "an object");
  const { task } = fields;
  if (task !== undefined && !isRecord(task)) throw wrong("task", "an object");
  const { format: _format, ...known } = fields;
  return {
    ...(known as unknown as RunConfig),
    data,
    ...(isTextMap(from) ? { from: readFrom(folder, from) } : {}),
    ...readModel(fields.model, task, path, models),
    config: checkTraining(fields.config, path),
  };
}

function parseFields(text: string, path: string): Fields {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new Error(`${path}: damaged: ${(error as Error).message}`);
  }
  if (isRecord(value) && ("model" in value || "config" in value)) return value;
  throw new Error(`${path}: not the configuration of a run: it lacks data, model or config`);
}

/** The fields of every model in this version; the others belong to its architecture. */
const MODEL_KEYS = { architecture: 1, channels: 1, classes: 1, classNames: 1, classColours: 1 };

/**
 * Throws for a setting unknown to this version: it would be ignored, and the run would continue
 * differently.
 */
function refuseLater(
  { format = 1, micrograph, model, config }: Fields,
  path: string,
  models: readonly Architecture[],
): void {
  if (!(Number.isSafeInteger(format) && (format as number) >= 1)) {
    throw new Error(`${path}: damaged: its "format" is ${shown(format)}, expected 1 to ${FORMAT}`);
  }
  if ((format as number) > FORMAT) {
    throw new Error(
      `${path}: written by a newer micrograph (${shownText(micrograph ?? "no version")}, format ${format}; this one reads up ` +
        `to ${FORMAT}): update micrograph`,
    );
  }
  const unknown = (value: unknown, known: object) =>
    Object.keys(isRecord(value) ? value : {}).find((key) => !Object.hasOwn(known, key));
  const readers: readonly ConfigReader[] = [...models, ...BUILT_IN];
  const reader = readers.find(({ name }) => isRecord(model) && name === model.architecture);
  const other =
    (reader && unknown(model, { ...MODEL_KEYS, ...reader.defaults })) ??
    unknown(config, { ...trainingRules, augment: 0 });
  if (other === undefined) return;
  throw new Error(
    `${path}: its setting "${shownText(other)}" is unknown to this version of micrograph; ` +
      `${micrograph === undefined ? "another" : `version ${shownText(micrograph)}`} wrote it: update micrograph`,
  );
}

/** Checks the values of the file, which an earlier version may have written. */
function checkTraining(fields: Fields, path: string): TrainingConfig {
  try {
    trainingConfig(earlierTraining(fields as Partial<TrainingConfig>));
  } catch (error) {
    throw new Error(`${path}: damaged: ${(error as Error).message}`);
  }
  // Every version wrote these.
  for (const name of ["tile", "batch", "steps", "learningRate", "momentum", "seed"]) {
    if (typeof fields[name] === "number") continue;
    throw new Error(`${path}: damaged: its ${name} must be a number, got ${shown(fields[name])}`);
  }
  return fields as unknown as TrainingConfig;
}

function findData(folder: string, data: unknown): RunConfig["data"] | undefined {
  if (data === "sample" || data === "nuclei") return data;
  if (!isRecord(data)) return undefined;
  const { images, labels } = data;
  if (typeof images !== "string" || typeof labels !== "string") return undefined;
  const absolute = isTextMap(data.absolute) ? data.absolute : {};
  return {
    images: findPath(folder, { path: images, absolute: absolute.images }),
    labels: findPath(folder, { path: labels, absolute: absolute.labels }),
  };
}

function readFrom(folder: string, { checkpoint, weights }: Readonly<Record<string, string>>) {
  const isName = startingNetworkFile(checkpoint) !== undefined;
  return { checkpoint: isName ? checkpoint : findPath(folder, { path: checkpoint }), weights };
}

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && isTexts(Object.values(value));
}

function isIgnored(value: unknown): boolean {
  if (typeof value === "string") return parseColour(value) !== undefined;
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** As far as needed to read labels without failing. */
function isDecision(value: unknown): value is LabelDecision {
  if (!isRecord(value)) return false;
  const { classes, reading, numbers, threshold, remarks } = value;
  const isNumbers =
    Array.isArray(numbers) &&
    numbers.every((one) => Array.isArray(one) && one.every(Number.isFinite));
  const holds = { numbers: isNumbers, threshold: typeof threshold === "number", instances: true };
  const isRead = Object.hasOwn(holds, `${reading}`) && holds[reading as keyof typeof holds];
  return isRead && Number.isSafeInteger(classes) && isTexts(remarks);
}

function isDigests(value: unknown): value is DataDigests {
  return isRecord(value) && isTextMap(value.images) && isTextMap(value.labels);
}
