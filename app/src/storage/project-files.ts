// A project as files, in the browser's storage and in zip files. Unpacked, it is a folder that `micrograph train`
// and `micrograph predict` can read directly.

import type { LabelMap, RawImage } from "../../../src/index.js";
import { isLabelled } from "../state/project.js";
import type { Project, ProjectImage, StoredCheckpoint } from "../state/project-types.js";
import type { CheckpointFacts } from "./checkpoint-facts.js";
import type { ProjectFile } from "./project-file.js";
import type { DescribedSession } from "./session.js";

/** Versions of `project.json`: files under their own paths, and files under the paths that it lists. */
export const VERSIONS = { plain: 1, listed: 2 } as const;

/**
 * Encodes images as files and decodes them to the same numbers, here or in a Worker: PNG if it can hold them
 * (`fitsPng`), else TIFF. Files are recognised by their content.
 */
export interface Codec {
  encode(raw: RawImage): Promise<Uint8Array>;
  decode(bytes: Uint8Array, name: string): Promise<RawImage>;
  /** The metadata of a checkpoint's file. Throws if it is damaged. */
  readCheckpoint(bytes: Uint8Array, name: string): Promise<CheckpointFacts>;
}

/** All files of a project, `project.json` last. */
export function projectFiles(project: Project, codec: Pick<Codec, "encode">): ProjectFile[] {
  const bytes = () => descriptionBytes(project);
  return [...partFiles(project, codec), { path: "project.json", content: project, bytes }];
}

/** The files of a project's parts: all except `project.json`. */
export function partFiles(project: Project, { encode }: Pick<Codec, "encode">): ProjectFile[] {
  const { images, training } = project;
  const pictures = images.flatMap((image): ProjectFile[] => {
    const { raw, label } = image;
    const picture = { path: imagePath(image), content: raw, bytes: () => encode(raw) };
    if (!label || !isLabelled(image)) return [picture];
    const path = `labels/${image.name}.png`;
    // Only its numbers: the file does not hold the number of classes.
    return [picture, { path, content: label.data, bytes: () => encode(labelRaw(label)) }];
  });
  const checkpoints = (["best", "last"] as const).flatMap((kind): ProjectFile[] => {
    const stored = training[kind];
    if (!stored) return [];
    const bytes = () => stored.bytes;
    return [{ path: `checkpoints/${kind}.safetensors`, content: stored.bytes, bytes }];
  });
  return [...pictures, ...checkpoints];
}

/**
 * `project.json`. With `files`, the parts have other paths than their own, which it lists.
 */
export function descriptionBytes(
  project: Project,
  files?: Readonly<Record<string, string>>,
  session?: DescribedSession,
): Uint8Array {
  const all: Description = { ...description(project, files), session };
  return new TextEncoder().encode(JSON.stringify(all, null, 1));
}

/** Images without a label have their own folder: the command line expects a label for each in `images/`. */
function imagePath(image: ProjectImage): string {
  return `${isLabelled(image) ? "images" : "unlabelled"}/${imageFileName(image)}`;
}

/** What an image's file is called in the project's folder. */
export const imageFileName = ({ name, raw }: Pick<ProjectImage, "name" | "raw">) =>
  `${name}.${fitsPng(raw) ? "png" : "tif"}`;

/** Whether a PNG file can hold the image exactly: grey or RGB, with unsigned 8 or 16 bits. */
export function fitsPng({ channels, maximum, data }: RawImage): boolean {
  if (channels !== 1 && channels !== 3) return false;
  return data instanceof Uint8Array
    ? maximum === 255
    : data instanceof Uint16Array && maximum === 65535;
}

/** Class indices, and 255 for unlabelled pixels: `--ignore 255`. */
export function labelRaw({ width, height, data }: LabelMap): RawImage {
  return { width, height, channels: 1, maximum: 255, data };
}

function description(project: Project, files: Readonly<Record<string, string>> | undefined) {
  const { id, name, classes, images, settings, training } = project;
  const { labelReading, keepsPatches, pixelSize, cells, objects, startFrom } = project;
  const stored = (checkpoint?: StoredCheckpoint) =>
    checkpoint && {
      step: checkpoint.step,
      figures: checkpoint.figures,
      run: checkpoint.run,
      fileName: checkpoint.fileName,
    };
  return {
    micrographProject: files ? VERSIONS.listed : VERSIONS.plain,
    id,
    name,
    classes,
    settings,
    images: images.map((image) => {
      const { name, role, source, pixelSize, edits } = image;
      return { name, role, path: imagePath(image), source, pixelSize, edits };
    }),
    labelReading,
    keepsPatches,
    pixelSize,
    cells,
    objects,
    startFrom,
    files,
    training: { ...training, best: stored(training.best), last: stored(training.last) },
  };
}

export type Description = ReturnType<typeof description> & {
  readonly session?: DescribedSession | undefined;
};
