// Projects as zip files, and other files that are downloaded together.

import { readZip, writeZip } from "../../../src/formats/index.js";
import type { Project } from "../state/project-types.js";
import type { LoadedProject } from "./autosave.js";
import { withNamedCheckpoints } from "./named-checkpoint.js";
import { type Codec, projectFiles } from "./project-files.js";
import { readProject } from "./read-project.js";

/** A zip file. PNG files are already compressed, weights hardly compress; TIFF files are compressed here. */
export function zipFiles(
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
): Uint8Array {
  return writeZip(files.map((file) => ({ ...file, compress: file.path.endsWith(".tif") })));
}

export interface PackOptions {
  /** Called before the file called `name` is made, with the number of files already made. */
  onFile?(done: number, total: number, name: string): unknown;
  /** Cancels the packing, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export async function zipProject(
  project: Project,
  codec: Codec,
  { onFile, signal }: PackOptions = {},
): Promise<Uint8Array> {
  const files = projectFiles(await withNamedCheckpoints(project), codec);
  const made: { path: string; bytes: Uint8Array }[] = [];
  for (const [i, { path, bytes }] of files.entries()) {
    await onFile?.(i, files.length, path);
    signal?.throwIfAborted();
    made.push({ path, bytes: await bytes() });
  }
  return zipFiles(made);
}

/** The project in a zip file, as far as it can be read; its files may be at the top or in one folder. */
export async function unzipProject(
  bytes: Uint8Array,
  fileName: string,
  codec: Codec,
): Promise<LoadedProject> {
  const files = readZip(bytes, fileName);
  const json = Object.keys(files).find((path) => /(^|\/)project\.json$/.test(path));
  if (json === undefined) {
    throw new Error(
      `${fileName}: it is not a Micrograph project (it has no project.json): unpack it, and drop ` +
        "its files",
    );
  }
  const folder = json.slice(0, -"project.json".length);
  const below = Object.keys(files).filter((path) => path.startsWith(folder));
  const { project, missing } = await readProject(
    {
      read: async (path) => files[folder + path],
      list: async () => below.map((path) => path.slice(folder.length)),
    },
    codec,
  );
  return { project, missing };
}
