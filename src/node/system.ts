// The differences between Linux, macOS and Windows as a value, so that tests can simulate another
// system.

import { open, rename, unlink } from "node:fs/promises";
import { type PlatformPath, posix, win32 } from "node:path";
import { windowsProblem } from "../data/file-names.js";

/** The calls of the file system that are used to write a file. */
export interface FileCalls {
  open(path: string, flags: string): Promise<OpenedFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

/** What is written into a file: all of it, or piece by piece. */
export type FileContent = Uint8Array | string | AsyncIterable<string>;

export interface OpenedFile {
  writeFile(content: FileContent): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface System {
  readonly platform: string;
  /** How paths are built: with drive letters and backslashes, or not. */
  readonly path: PlatformPath;
  readonly files: FileCalls;
  wait(milliseconds: number): Promise<void>;
}

/** Returns a system by Node's name for it. */
export function systemOf(platform: string, files: FileCalls = { open, rename, unlink }): System {
  return {
    platform,
    path: platform === "win32" ? win32 : posix,
    files,
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}

/** The system on which this runs. */
export const HERE = systemOf(process.platform);

/**
 * Throws one line if a path to be written has a part that Windows does not accept: it would write
 * to a device ("con"), or under another name than given ("run." as "run").
 */
export function checkPath(path: string, { platform, path: rules }: System): void {
  if (platform !== "win32") return;
  const { root } = rules.parse(rules.resolve(path));
  const parts = rules.resolve(path).slice(root.length).split(rules.sep);
  // Resolving would remove dots and spaces from the end of a name, so the given path is checked.
  const given = path.split(/[\\/]/).filter((part) => part !== "" && !/^[a-z]:$/i.test(part));
  for (const part of new Set([...parts, ...given])) {
    const problem = part === "" ? undefined : windowsProblem(part);
    if (problem === undefined) continue;
    throw new Error(
      `${path}: Windows does not accept names such as ${JSON.stringify(part)}: ${problem}`,
    );
  }
}
