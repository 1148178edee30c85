// `saved.json`: what the list of projects shows, so that a project need not be read as a whole.

import { isLabelled } from "../state/project.js";
import type { Project } from "../state/project-types.js";
import type { SavedProject } from "../state/types.js";
import { imagesOfFiles, parseDescription } from "./description.js";
import type { FileSource } from "./find-parts.js";

/** A small picture of the first image, as a PNG file. */
export const PICTURE = "picture.png";

export function summaryBytes(project: Project, savedAt: number): Uint8Array {
  const { id, name, images, training } = project;
  const labelled = images.filter(isLabelled).length;
  const steps = training.last?.step ?? 0;
  const summary = { id, name, images: images.length, labelled, steps, savedAt };
  return new TextEncoder().encode(JSON.stringify(summary satisfies SavedProject));
}

/** The summary of a project; undefined if there is none. */
export async function readSummary(
  id: string,
  folder: FileSource,
): Promise<SavedProject | undefined> {
  const facts = await readFacts(id, folder);
  return facts && { ...facts, picture: await folder.read(PICTURE).catch(() => undefined) };
}

async function readFacts(id: string, folder: FileSource): Promise<SavedProject | undefined> {
  try {
    const bytes = await folder.read("saved.json");
    const summary = bytes && (JSON.parse(new TextDecoder().decode(bytes)) as SavedProject);
    if (summary && Number.isFinite(summary.savedAt)) return { ...summary, id };
  } catch {
    // It is damaged, or being written: read the project's own files.
  }
  const paths = await folder.list();
  const files = imagesOfFiles(paths);
  if (files.length === 0 && !paths.includes("project.json")) return undefined;
  const isLabelledPath = ({ path }: { readonly path: string }) => path.startsWith("images/");
  const guess = { id, name: id, images: files.length, savedAt: 0, steps: 0 };
  const labelled = files.filter(isLabelledPath).length;
  try {
    const json = parseDescription(await folder.read("project.json"));
    if (!json) return { ...guess, labelled };
    const { name, images, training } = json;
    const steps = training.last?.step ?? 0;
    return {
      ...guess,
      name,
      images: images.length,
      labelled: images.filter(isLabelledPath).length,
      steps,
    };
  } catch {
    // A newer app wrote it, or it cannot be read: opening it reports that.
    return { ...guess, labelled };
  }
}
