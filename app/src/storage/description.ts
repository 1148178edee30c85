// Reads `project.json`, or describes a project from its files if that is damaged.

import type { ProjectImage } from "../state/project-types.js";
import { type Description, VERSIONS } from "./project-files.js";
import { storedPart } from "./stored-paths.js";

/**
 * The content of `project.json`; undefined if it is missing or damaged. Throws if a newer app wrote it.
 */
export function parseDescription(bytes: Uint8Array | undefined): Description | undefined {
  let json: Partial<Description> | undefined;
  try {
    json = bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  const version = json?.micrographProject;
  if (typeof version === "number" && version > VERSIONS.listed) {
    throw new Error(
      `project.json: written by a newer app (version ${version}, this one reads up to ` +
        `${VERSIONS.listed}): reload this page to get the newer app`,
    );
  }
  return version && isWhole(json) ? (json as Description) : undefined;
}

function isWhole(json: Partial<Description> | undefined): boolean {
  const { id, name, images, classes, training } = json ?? {};
  const isText = (value: unknown) => typeof value === "string";
  if (!isText(id) || !isText(name) || !Array.isArray(classes) || classes.length < 2) return false;
  if (!Array.isArray(training?.losses) || !Array.isArray(training.validations)) return false;
  return Array.isArray(images) && images.every((one) => isText(one?.name) && isText(one?.path));
}

/** An image as `project.json` lists it. */
export type DescribedImage = Pick<
  ProjectImage,
  "name" | "role" | "source" | "pixelSize" | "edits"
> & { readonly path: string };

/** Natural order: 2 before 10. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

/** The images that have files, for a project without a description. */
export function imagesOfFiles(paths: readonly string[]): DescribedImage[] {
  const parts = paths.flatMap((path) => storedPart(path) ?? []);
  const isImage = (kind: string) => kind === "images" || kind === "unlabelled";
  const names = new Set(parts.filter(({ kind }) => isImage(kind)).map(({ name }) => name));
  const labelled = new Set(parts.filter(({ kind }) => kind === "labels").map(({ name }) => name));
  return [...names].sort(BY_NAME.compare).map((name) => {
    const folder = labelled.has(name) ? "images" : "unlabelled";
    return { name, role: "training" as const, path: `${folder}/${name}.png` };
  });
}
