// Reads a project from its files. Missing or damaged parts are left out and named.

import { classFieldsOf, IGNORED, type LabelMap, type RawImage } from "../../../src/index.js";
import { isStartingName } from "../networks/starting-networks.js";
import { knownEdits } from "../state/cell-edits.js";
import { knownCells } from "../state/cell-settings.js";
import { classesOfModel, TWO_CLASSES, withMoreClasses } from "../state/classes.js";
import { knownPixelSize } from "../state/pixel-size.js";
import { OBJECT_CLASSES, withSplit } from "../state/project.js";
import type { Project, ProjectImage, StoredCheckpoint, Training } from "../state/project-types.js";
import { DATA_SETTINGS, settingsOf } from "../state/settings.js";
import type { CheckpointFacts } from "./checkpoint-facts.js";
import { type DescribedImage, imagesOfFiles, parseDescription } from "./description.js";
import { type FileSource, type PartFinder, partFinder } from "./find-parts.js";
import type { Codec, Description } from "./project-files.js";
import { readSession, type Session } from "./session.js";

export interface ReadProject {
  readonly project: Project;
  /** Absent if none was stored, or it is damaged. */
  readonly session?: Session | undefined;
  /** What could not be read, in words for the user: "the image n1". */
  readonly missing: readonly string[];
  /** The paths of the parts, by content (`ProjectFile.content`). */
  readonly places: ReadonlyMap<object, string>;
  /** The paths of the parts that could not be read, by their own paths. */
  readonly unread: Readonly<Record<string, string>>;
}

type Reader = Pick<Codec, "decode" | "readCheckpoint">;

/** Throws if a newer app wrote the project, or nothing of it can be read. */
export async function readProject(source: FileSource, codec: Reader): Promise<ReadProject> {
  const bytes = await source.read("project.json").catch(() => undefined);
  const json = parseDescription(bytes);
  const finder = partFinder(source, json?.files);
  const missing: string[] = json ? [] : ["the settings and the list of images"];
  const paths = json ? [] : await source.list();
  const listed = json?.images ?? imagesOfFiles(paths);
  const files: ImageFile[] = [];
  for (const image of listed) {
    const file = await readImage(image, finder, codec, missing);
    if (file) files.push(file);
  }
  const checkpoints = await readCheckpoints(json, finder, codec, missing);
  const { best, last } = checkpoints;
  if (!json && files.length === 0 && !best && !last) {
    throw new Error(
      "project.json: it does not describe a Micrograph project, and nothing else does",
    );
  }
  const { places } = finder;
  const project = json
    ? describedProject(json, files, checkpoints)
    : guessedProject(files, checkpoints);
  const session =
    json?.session && (await readSession(json.session, project, finder).catch(() => undefined));
  const isRead = new Set(places.values());
  const parts = json ? Object.entries(json.files ?? {}) : paths.map((path) => [path, path]);
  const unread = Object.fromEntries(parts.filter(([, at]) => !isRead.has(at)));
  return { project, session, missing, places, unread };
}

function describedProject(
  json: Description,
  files: readonly ImageFile[],
  { best, last }: Checkpoints,
): Project {
  const { id, name, labelReading, keepsPatches, objects, startFrom, training } = json;
  const pixelSize = knownPixelSize(json.pixelSize);
  const classes = classesFor(json.classes, files);
  const cells = knownCells(json.cells, classes.length);
  return {
    id,
    name,
    classes,
    // A project of an earlier version may lack newer settings.
    settings: { ...DATA_SETTINGS, ...json.settings },
    images: files.map((file) => projectImage(file, classes.length)),
    training: untilCheckpoint({ ...training, best: best?.stored, last: last?.stored }),
    ...(labelReading ? { labelReading } : {}),
    ...(keepsPatches === undefined ? {} : { keepsPatches }),
    ...(pixelSize ? { pixelSize } : {}),
    ...(cells ? { cells } : {}),
    ...(isStartingName(startFrom) ? { startFrom } : {}),
    ...(objects && Object.hasOwn(OBJECT_CLASSES, objects) ? { objects } : {}),
  };
}

/** A project without a description, reconstructed from its files. */
function guessedProject(files: readonly ImageFile[], { best, last }: Checkpoints): Project {
  const facts = (last ?? best)?.facts;
  const named = facts ? classesOfModel(classFieldsOf(facts), TWO_CLASSES) : TWO_CLASSES;
  const classes = classesFor(named, files);
  const settings = facts?.training
    ? settingsOf({ ...DATA_SETTINGS, ...facts.model }, facts.training)
    : DATA_SETTINGS;
  const training = { losses: [], validations: [], best: best?.stored, last: last?.stored };
  const images = files.map((file) => projectImage(file, classes.length));
  return withSplit({
    id: "recovered",
    name: "Recovered project",
    classes,
    settings,
    images,
    training,
  });
}

/** The curves up to the checkpoint: later steps are lost, and will be trained again. */
function untilCheckpoint(training: Training): Training {
  const end = (training.last ?? training.best)?.step ?? 0;
  const until = <T extends { readonly step: number }>(points: readonly T[]) =>
    points.every(({ step }) => step <= end) ? points : points.filter(({ step }) => step <= end);
  const { losses, validations } = training;
  return { ...training, losses: until(losses), validations: until(validations) };
}

interface ImageFile {
  readonly image: Omit<ProjectImage, "label">;
  /** As large as the image; class indices, and 255 for unlabelled pixels. */
  readonly label?: Uint8Array;
}

async function readImage(
  { name, role, source, path, ...stored }: DescribedImage,
  finder: PartFinder,
  { decode }: Reader,
  missing: string[],
): Promise<ImageFile | undefined> {
  const raw = await finder.find(path, ["images", "unlabelled"], decode);
  if (!raw) {
    missing.push(`the image ${name}`);
    return undefined;
  }
  const pixelSize = knownPixelSize(stored.pixelSize);
  const edits = knownEdits(stored.edits, raw);
  const known = {
    ...(source ? { source } : {}),
    ...(pixelSize ? { pixelSize } : {}),
    ...(edits.length > 0 ? { edits } : {}),
  };
  const image = { name, raw, role, ...known };
  if (!path.startsWith("images/")) return { image };
  const label = await finder.find(`labels/${name}.png`, ["labels"], async (bytes, at) =>
    labelIndices(await decode(bytes, at), raw, at),
  );
  if (!label) missing.push(`the label of ${name}`);
  return { image, ...(label ? { label } : {}) };
}

/** The inverse of `labelRaw`. */
function labelIndices(label: RawImage, { width, height }: RawImage, at: string): Uint8Array {
  const indices = Uint8Array.from(label.data.subarray(0, width * height));
  let isLabel = label.width === width && label.height === height;
  for (let i = 0; isLabel && i < indices.length; i++) isLabel = label.data[i] === indices[i];
  if (isLabel) return indices;
  throw new Error(`${at}: it is not a label of ${width} x ${height} pixels`);
}

function projectImage({ image, label: data }: ImageFile, classes: number): ProjectImage {
  const { width, height } = image.raw;
  const label: LabelMap | undefined = data && { width, height, classes, data };
  return { ...image, ...(label ? { label } : {}) };
}

/** At least as many as the labels have: a page may have ended before it saved the number. */
function classesFor(classes: Project["classes"], files: readonly ImageFile[]) {
  let largest = 0;
  for (const { label = [] } of files) {
    for (let i = 0; i < label.length; i++) {
      if (label[i] > largest && label[i] < IGNORED) largest = label[i];
    }
  }
  return withMoreClasses(classes, largest + 1);
}

interface FoundCheckpoint {
  readonly stored: StoredCheckpoint;
  readonly facts: CheckpointFacts;
}

type Checkpoints = { readonly [Kind in "best" | "last"]?: FoundCheckpoint | undefined };

/** The checkpoints of the project, or all that exist if its description is missing. */
async function readCheckpoints(
  json: Description | undefined,
  finder: PartFinder,
  { readCheckpoint }: Reader,
  missing: string[],
): Promise<Checkpoints> {
  const read = async (kind: "best" | "last"): Promise<FoundCheckpoint | undefined> => {
    const listed = json?.training[kind];
    if (json && !listed) return undefined;
    const path = `checkpoints/${kind}.safetensors`;
    let facts: CheckpointFacts | undefined;
    const bytes = await finder.find(path, ["checkpoints"], async (bytes, at) => {
      facts = await readCheckpoint(bytes, at);
      return bytes;
    });
    if (!bytes || !facts) {
      if (listed) missing.push(`the ${kind} checkpoint`);
      return undefined;
    }
    // A file at another path is of another step than the project's.
    const isListed = finder.places.get(bytes) === finder.placeOf(path);
    if (listed && isListed) return { facts, stored: { ...listed, bytes } };
    const { step, figures } = facts;
    return { facts, stored: { bytes, step, ...(figures ? { figures } : {}) } };
  };
  const best = await read("best");
  return { best, last: await read("last") };
}
