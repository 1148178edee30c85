// A project as files, in the browser's storage as in a zip file. Unpacked, it is a folder that
// `micrograph train` and `micrograph predict` take as it is.

import type { LabelMap, RawImage } from "../../../src/index.js";
import { isLabelled } from "../state/project.js";
import type { Project, ProjectImage, StoredCheckpoint } from "../state/project-types.js";
import type { CheckpointFacts } from "./checkpoint-facts.js";
import type { ProjectFile } from "./project-file.js";
import type { DescribedSession } from "./session.js";

/** Versions of `project.json`: files under their own paths, and files under the paths that it lists. */
export const VERSIONS = { plain: 1, listed: 2 } as const;

/**
 * Images to files and back to the same numbers, here or in a Worker: PNG where one holds them
 * (`fitsPng`), else TIFF. What is read is told by its content.
 */
export interface Codec {
  encode(raw: RawImage): Promise<Uint8Array>;
  decode(bytes: Uint8Array, name: string): Promise<RawImage>;
  /** What a checkpoint's file says of itself. Throws where it is damaged. */
  readCheckpoint(bytes: Uint8Array, name: string): Promise<CheckpointFacts>;
}

/** Everything of a project as one folder, `project.json` last. */
export function projectFiles(project: Project, codec: Pick<Codec, "encode">): ProjectFile[] {
  const bytes = () => descriptionBytes(project);
  return [...partFiles(project, codec), { path: "project.json", content: project, bytes }];
}

/** The files of a project's parts: all but `project.json`. */
export function partFiles(project: Project, { encode }: Pick<Codec, "encode">): ProjectFile[] {
  const { images, training } = project;
  const pictures = images.flatMap((image): ProjectFile[] => {
    const { raw, label } = image;
    const picture = { path: imagePath(image), content: raw, bytes: () => encode(raw) };
    if (!label || !isLabelled(image)) return [picture];
    const path = `labels/${image.name}.png`;
    // Its numbers: how many classes the project has is not in the file.
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
 * `project.json`. With `files`, the parts lie elsewhere than under their own paths: it says where, for
 * each of them.
 */
export function descriptionBytes(
  project: Project,
  files?: Readonly<Record<string, string>>,
  session?: DescribedSession,
): Uint8Array {
  const all: Description = { ...description(project, files), session };
  return new TextEncoder().encode(JSON.stringify(all, null, 1));
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

function description(project: Project, files: Readonly<Record<string, string>> | undefined) {
  const { id, name, classes, images, settings, training, labelReading, keepsPatches } = project;
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
      const { name, role, source } = image;
      return { name, role, path: imagePath(image), source };
    }),
    labelReading,
    keepsPatches,
    files,
    training: { ...training, best: stored(training.best), last: stored(training.last) },
  };
}

export type Description = ReturnType<typeof description> & {
  readonly session?: DescribedSession | undefined;
};
