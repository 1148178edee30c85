// A project as files, in the browser's storage as in a zip file. Unpacked, it is a folder that
// `micrograph train` and `micrograph predict` take as it is.

import { IGNORED, type LabelMap, type RawImage } from "../../../src/index.js";
import { withMoreClasses } from "../state/classes.js";
import { DATA_SETTINGS, isLabelled } from "../state/project.js";
import type { Project, ProjectImage, StoredCheckpoint, Training } from "../state/types.js";

/** Version of `project.json`; a reader refuses what is newer. */
const VERSION = 1;

/** A file that is made when it is needed. Two with one `content` are equal. */
export interface ProjectFile {
  readonly path: string;
  readonly content: object;
  bytes(): Uint8Array | Promise<Uint8Array>;
}

/**
 * Images to files and back to the same numbers, here or in a Worker: PNG where one holds them
 * (`fitsPng`), else TIFF. What is read is told by its content.
 */
export interface Codec {
  encode(raw: RawImage): Promise<Uint8Array>;
  decode(bytes: Uint8Array, name: string): Promise<RawImage>;
}

/** Everything of a project. `project.json` is the last: where it lies, the others do. */
export function projectFiles(project: Project, { encode }: Pick<Codec, "encode">): ProjectFile[] {
  const { images, training } = project;
  const pictures = images.flatMap((image): ProjectFile[] => {
    const { raw, label } = image;
    const picture = { path: imagePath(image), content: raw, bytes: () => encode(raw) };
    if (!label || !isLabelled(image)) return [picture];
    const path = `labels/${image.name}.png`;
    return [picture, { path, content: label, bytes: () => encode(labelRaw(label)) }];
  });
  const checkpoints = (["best", "last"] as const).flatMap((kind): ProjectFile[] => {
    const stored = training[kind];
    if (!stored) return [];
    const bytes = () => stored.bytes;
    return [{ path: `checkpoints/${kind}.safetensors`, content: stored.bytes, bytes }];
  });
  const json = {
    path: "project.json",
    content: project,
    bytes: () => new TextEncoder().encode(JSON.stringify(description(project), null, 1)),
  };
  return [...pictures, ...checkpoints, json];
}

/** Images without a label lie apart: the command line wants a label for each of `images/`. */
function imagePath(image: ProjectImage): string {
  const ending = fitsPng(image.raw) ? "png" : "tif";
  return `${isLabelled(image) ? "images" : "unlabelled"}/${image.name}.${ending}`;
}

/** Whether a PNG file of 8 or 16 bits holds the image as it is: grey or RGB, no other numbers. */
export function fitsPng({ channels, maximum, data }: RawImage): boolean {
  if (channels !== 1 && channels !== 3) return false;
  return data instanceof Uint8Array
    ? maximum === 255
    : data instanceof Uint16Array && maximum === 65535;
}

/** Class indices, and 255 where nobody labelled: `--ignore 255`. */
export function labelRaw({ width, height, data }: LabelMap): RawImage {
  return { width, height, channels: 1, maximum: 255, data };
}

function description(project: Project) {
  const { id, name, classes, images, settings, training, labelReading, keepsPatches } = project;
  const stored = (checkpoint?: StoredCheckpoint) =>
    checkpoint && {
      step: checkpoint.step,
      figures: checkpoint.figures,
      run: checkpoint.run,
      fileName: checkpoint.fileName,
    };
  return {
    micrographProject: VERSION,
    id,
    name,
    classes,
    settings,
    images: images.map((image) => {
      const { name, role, source } = image;
      return { name, role, path: imagePath(image), source };
    }),
    labelReading,
    keepsPatches,
    training: { ...training, best: stored(training.best), last: stored(training.last) },
  };
}

type Description = ReturnType<typeof description>;

/**
 * The project in its files. `read` gives a file's bytes, undefined where there is none. Errors name
 * the file: missing, damaged, written by a newer version.
 */
export async function readProject(
  read: (path: string) => Promise<Uint8Array | undefined>,
  { decode }: Pick<Codec, "decode">,
): Promise<Project> {
  const need = async (path: string) => {
    const bytes = await read(path);
    if (!bytes) throw new Error(`${path}: the project lacks this file`);
    return bytes;
  };
  const json = parseDescription(await need("project.json"));
  const { id, name, labelReading, keepsPatches } = json;
  // A project of an earlier version may lack settings that came later.
  const settings = { ...DATA_SETTINGS, ...json.settings };
  const files: { image: ProjectImage; path: string; label?: RawImage }[] = [];
  for (const { name: stem, role, source, path: imagePath } of json.images) {
    const raw = await decode(await need(imagePath), imagePath);
    const image = { name: stem, raw, role, ...(source ? { source } : {}) };
    const path = `labels/${stem}.png`;
    const hasLabel = imagePath.startsWith("images/");
    files.push({ image, path, ...(hasLabel && { label: await decode(await need(path), path) }) });
  }
  // Labels are written before what is said of them: a crash in between leaves more classes in them.
  const largest = files.map(({ label }) => (label ? largestClass(label) : 0));
  const classes = withMoreClasses(json.classes, Math.max(0, ...largest) + 1);
  const images = files.map(({ image, path, label }): ProjectImage => {
    if (!label) return image;
    return { ...image, label: storedLabel(label, path, classes.length) };
  });
  const checkpoint = async (kind: "best" | "last") => {
    const stored = json.training[kind];
    return stored && { ...stored, bytes: await need(`checkpoints/${kind}.safetensors`) };
  };
  const [best, last] = [await checkpoint("best"), await checkpoint("last")];
  const training: Training = { ...json.training, best, last };
  return {
    id,
    name,
    classes,
    settings,
    images,
    training,
    ...(labelReading ? { labelReading } : {}),
    ...(keepsPatches === undefined ? {} : { keepsPatches }),
  };
}

/** The other way of `labelRaw`. */
function storedLabel({ width, height, data }: RawImage, name: string, classes: number): LabelMap {
  const count = width * height;
  const indices = Uint8Array.from(data.subarray(0, count));
  const stranger = indices.findIndex((index, i) => {
    return data[i] !== index || (index >= classes && index !== IGNORED);
  });
  if (stranger < 0) return { width, height, classes, data: indices };
  throw new Error(
    `${name}: it has the value ${data[stranger]}, expected class indices below ${classes}, or ` +
      `${IGNORED} where nobody labelled`,
  );
}

/** The largest class index of a label's file. */
function largestClass({ data }: RawImage): number {
  let largest = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i] > largest && data[i] < IGNORED) largest = data[i];
  }
  return largest;
}

/** What `project.json` says of a project, checked. */
export function parseDescription(bytes: Uint8Array): Description {
  let json: Partial<Description> | undefined;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Said below.
  }
  const version = json?.micrographProject;
  if (typeof version === "number" && version > VERSION) {
    throw new Error(
      `project.json: written by a newer app (version ${version}, this one reads ${VERSION})`,
    );
  }
  if (version !== VERSION || !json?.id || !json.images || !json.training || !json.classes) {
    throw new Error("project.json: it does not describe a Micrograph project");
  }
  return json as Description;
}
