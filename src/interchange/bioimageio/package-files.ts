// The files of a package of the bioimage.io zoo: a description, weights, test tensors. From a zip file here, from a
// folder in Node.

import { parseJson } from "../../arguments/json.js";
import { readZip } from "../../formats/zip.js";
import { refusing } from "../refusal.js";
import { type ModelDescription, readDescription } from "./read-description.js";

/** The most bytes that a zip file may unpack to. */
const MOST_BYTES = 8 * 2 ** 30;

/** The most bytes of a description: those of the zoo have a few thousand. */
const MOST_TEXT = 2 ** 18;
/** Aliases are counted, since lists of aliases of lists have no end. */
const MOST_ALIASES = 100;
/** What is unusual is no warning on the console; the place of each of very many errors would take seconds. */
const YAML = { logLevel: "error", prettyErrors: false } as const;

/** The names of a package's description. */
export const DESCRIPTION_NAMES: readonly string[] = ["bioimageio.yaml", "rdf.yaml"];

/** A package whose files can be read. */
export interface ModelPackage {
  /** The folder or zip file. */
  readonly path: string;
  /** What its rdf.yaml says. */
  readonly description: ModelDescription;
  /** Returns a file by its path in the package. Throws one line if there is none. */
  read(file: string): Promise<Uint8Array>;
}

/** Where the files of a package are. */
export interface PackageFiles {
  /** Whether there is a file of that name. */
  has(name: string): boolean;
  /** Returns a file; its path is within the package. Throws one line if there is none. */
  read(inside: string): Promise<Uint8Array>;
}

/** Whether a zip file is a package, of a model or of something else: it has a description. */
export function isZippedPackage(bytes: Uint8Array, path: string): boolean {
  let isFound = false;
  readZip(bytes, path, {
    isWanted(name) {
      isFound ||= isDescription(name);
      return false;
    },
  });
  return isFound;
}

/** Opens a package in a zip file. Throws one line if it has no description of a model that runs here. */
export async function openZippedPackage(bytes: Uint8Array, path: string): Promise<ModelPackage> {
  const files = packageFiles(path, bytes);
  return openPackage(path, {
    has: (name) => Object.hasOwn(files, name),
    async read(inside) {
      if (Object.hasOwn(files, inside)) return files[inside];
      throw new Error(`${path}: it has no file ${inside}`);
    },
  });
}

/** Opens a package. Throws one line with the path if it has no description of a model that runs here. */
export function openPackage(path: string, files: PackageFiles): Promise<ModelPackage> {
  return refusing(path, () => describedPackage(path, files));
}

async function describedPackage(path: string, files: PackageFiles): Promise<ModelPackage> {
  const read = async (file: string): Promise<Uint8Array> => {
    const inside = pathWithin(file);
    if (inside === undefined) throw new Error(`${path}: ${file} is not a file of the package`);
    return files.read(inside);
  };
  const name = DESCRIPTION_NAMES.find((one) => files.has(one));
  if (name === undefined) throw new Error(`${path}: it has no ${DESCRIPTION_NAMES.join(" or ")}`);
  // A page and most programs never read one: the parser is loaded only here.
  const { parseDocument } = await import("yaml");
  const bytes = await read(name);
  if (bytes.length > MOST_TEXT) {
    const what = `has ${bytes.length} bytes, expected a description of ${MOST_TEXT} at most`;
    throw new Error(`${path}: ${name} ${what}`);
  }
  const text = new TextDecoder().decode(bytes);
  const excess = excessOf(text);
  if (excess) throw new Error(`${path}: ${name} has ${excess}: no description of a network does`);
  const parsed = () => {
    const document = parseDocument(text, YAML);
    const [wrong] = document.errors;
    if (!wrong) return document.toJS({ maxAliasCount: MOST_ALIASES });
    const line = text.slice(0, wrong.pos[0]).split("\n").length;
    throw new Error(`${wrong.message.slice(0, 200)}, at line ${line}`);
  };
  const value = plain(parsed, `${path}: ${name}`);
  return { path, description: readDescription(value, `${path}: ${name}`), read };
}

/** What YAML describes as JSON can: without circles, and not deeper than a description is. */
function plain(parsed: () => unknown, name: string): unknown {
  let text: string;
  try {
    text = JSON.stringify(parsed()) ?? "null";
  } catch (error) {
    const [line] = (error as Error).message.split("\n");
    // The parser's own errors include that of the engine.
    if (/call stack/.test(line)) throw new Error(`${name} has too many levels`);
    const said = error instanceof TypeError ? "a value holds itself" : line;
    throw new Error(`${name} is not YAML: ${said}`);
  }
  try {
    return parseJson(text);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

/** Columns before the words of a line, and lists that are open at a time. */
const MOST = { columns: 200, open: 100 };

/** What a text has more of than a description: parsing it might end the process. Undefined for others. */
function excessOf(text: string): string | undefined {
  const marks = new RegExp(`^[\\s?:-]{${MOST.columns}}`, "m");
  if (marks.test(text)) return `lines indented by more than ${MOST.columns} columns`;
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open = "[{".includes(bracket) ? open + 1 : Math.max(0, open - 1);
    if (open > MOST.open) return `more than ${MOST.open} lists inside each other`;
  }
  return undefined;
}

/** A path without "." and ".."; undefined if it leaves the package. */
function pathWithin(file: string): string | undefined {
  if (/^([a-z]+:|[\\/])/i.test(file)) return undefined;
  const parts: string[] = [];
  for (const part of file.split(/[\\/]/)) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

const isDescription = (path: string) =>
  DESCRIPTION_NAMES.some((own) => path === own || path.endsWith(`/${own}`));

/** The files of an archive, without a folder that holds all of them. */
function packageFiles(path: string, bytes: Uint8Array): Record<string, Uint8Array> {
  const files = readZip(bytes, path, { mostBytes: MOST_BYTES });
  const names = Object.keys(files);
  const description = names.find(isDescription);
  const prefix = description?.slice(0, description.lastIndexOf("/") + 1) ?? "";
  const inside = names.filter((name) => name.startsWith(prefix) && !name.endsWith("/"));
  return Object.fromEntries(inside.map((name) => [name.slice(prefix.length), files[name]]));
}
