// Packages of the bioimage.io zoo: a folder or a zip file with a description, weights and test tensors.

import { existsSync, statSync } from "node:fs";
import { join, normalize } from "node:path";
import { readZip } from "../formats/zip.js";
import {
  type ModelDescription,
  readDescription,
} from "../interchange/bioimageio/read-description.js";
import { readFileOrExplain } from "./run-files.js";

/** The most bytes that a zip file may unpack to. */
const MOST_BYTES = 8 * 2 ** 30;

const NAMES = ["bioimageio.yaml", "rdf.yaml"];

/** A package whose files can be read. */
export interface ModelPackage {
  /** The folder or zip file. */
  readonly path: string;
  readonly description: ModelDescription;
  /** Returns a file by its path in the package. Throws one line if there is none. */
  read(file: string): Promise<Uint8Array>;
}

/** Whether a path is a package: a folder with a description, a zip file, or a description. */
export function isModelPackage(path: string): boolean {
  if (/\.zip$/i.test(path)) return true;
  if (NAMES.some((name) => path.endsWith(name))) return true;
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder && NAMES.some((name) => existsSync(join(path, name)));
}

/** Opens a package. Throws one line with the path if it has no description of a model that runs here. */
export async function openModelPackage(path: string): Promise<ModelPackage> {
  const folder = path.replace(/[\\/]?(bioimageio|rdf)\.yaml$/, "") || ".";
  const isZip = /\.zip$/i.test(path);
  const files = isZip ? zipFiles(path, await readFileOrExplain(path, "package")) : undefined;
  const read = async (file: string): Promise<Uint8Array> => {
    const inside = normalize(file).replaceAll("\\", "/");
    if (/^([a-z]+:|\/|\.\.)/i.test(inside)) {
      throw new Error(`${path}: ${file} is not a file of the package`);
    }
    if (!files) return readFileOrExplain(join(folder, inside), "file");
    if (files[inside]) return files[inside];
    throw new Error(`${path}: it has no file ${file}`);
  };
  const has = (name: string) => (files ? name in files : existsSync(join(folder, name)));
  const name = NAMES.find(has);
  if (name === undefined) throw new Error(`${path}: it has no ${NAMES.join(" or ")}`);
  // A page and most programs never read one: the parser is loaded only here.
  const { parse } = await import("yaml");
  const text = new TextDecoder().decode(await read(name));
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    const [line] = (error as Error).message.split("\n");
    throw new Error(`${path}: ${name} is not YAML: ${line}`);
  }
  return { path, description: readDescription(value, `${path}: ${name}`), read };
}

/** The files of an archive, without a folder that holds all of them. */
function zipFiles(path: string, bytes: Uint8Array): Record<string, Uint8Array> {
  const files = readZip(bytes, path, { mostBytes: MOST_BYTES });
  const names = Object.keys(files);
  const description = names.find((name) =>
    NAMES.some((own) => name === own || name.endsWith(`/${own}`)),
  );
  const prefix = description?.slice(0, description.lastIndexOf("/") + 1) ?? "";
  const inside = names.filter((name) => name.startsWith(prefix) && !name.endsWith("/"));
  return Object.fromEntries(inside.map((name) => [name.slice(prefix.length), files[name]]));
}
