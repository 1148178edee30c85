// Names of downloaded files, which are easy to find again: project, image, kind.

import { safeFileName } from "../../../src/index.js";
import type { NetworkInUse } from "../state/network.js";
import type { Project } from "../state/project-types.js";
import type { OutputFile } from "./pictures.js";

/** "Mitosis day 3" is "Mitosis-day-3": a name that needs no quoting on any system. */
const projectName = ({ name }: Pick<Project, "name">) =>
  safeFileName(name.trim().replace(/\s+/g, "-")) || "project";

/** A file of the whole project: "Sample-report.html". */
export const fileName = (project: Pick<Project, "name">, ending: string) =>
  `${projectName(project)}-${ending}`;

/** The network that is downloaded: "Sample-network-best-step-300.safetensors". */
export const networkFileName = (
  project: Pick<Project, "name">,
  { kind, checkpoint }: NetworkInUse,
) => fileName(project, `network-${kind}-step-${checkpoint.step}.safetensors`);

/** The folder that the project's zip file is unpacked as. */
export const folderOf = (project: Pick<Project, "name">) => fileName(project, "project");

/**
 * A picture of one image: "Sample-synthetic-01-mask.png". In the zip file of all pictures they have the shorter
 * names of the command line, without the project.
 */
export function pictureName(
  project: Pick<Project, "name">,
  image: string,
  kind: string,
  { path }: OutputFile,
): string {
  const rest = path.slice(image.length);
  return fileName(project, `${image}${kind === "mask" ? "-mask" : ""}${rest}`);
}
