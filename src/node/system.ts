// What differs between Linux, macOS and Windows, as a value: tests give another system's.

import { open, rename, unlink } from "node:fs/promises";
import { type PlatformPath, posix, win32 } from "node:path";
import { windowsProblem } from "../data/file-names.js";

/** The part of the file system that writing a file touches. */
export interface FileCalls {
  open(path: string, flags: string): Promise<OpenedFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export interface OpenedFile {
  writeFile(content: Uint8Array | string): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface System {
  readonly platform: string;
  /** How paths are made: drive letters and backslashes, or not. */
  readonly path: PlatformPath;
  readonly files: FileCalls;
  wait(milliseconds: number): Promise<void>;
}

/** A system by the name that Node has for it. */
export function systemOf(platform: string, files: FileCalls = { open, rename, unlink }): System {
  return {
    platform,
    path: platform === "win32" ? win32 : posix,
    files,
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}

/** The system that this runs on. */
export const HERE = systemOf(process.platform);

/**
 * Throws one line where a path to be written has a part that Windows does not take: it would write to
 * a device ("con"), or under another name than it was given ("run." as "run").
 */
export function checkPath(path: string, { platform, path: rules }: System): void {
  if (platform !== "win32") return;
  const { root } = rules.parse(rules.resolve(path));
  const parts = rules.resolve(path).slice(root.length).split(rules.sep);
  // Resolving would take dots and spaces from the end of a name: they are looked for as given.
  const given = path.split(/[\\/]/).filter((part) => part !== "" && !/^[a-z]:$/i.test(part));
  for (const part of new Set([...parts, ...given])) {
    const problem = part === "" ? undefined : windowsProblem(part);
    if (problem === undefined) continue;
    throw new Error(`${path}: Windows takes no name such as ${JSON.stringify(part)}: ${problem}`);
  }
}
