// Writes files of a run completely or not at all, and explains errors of the file system.

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { checkPath, type FileContent, HERE, type System } from "./system.js";

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than the system allows",
  EACCES: "no permission",
  EPERM: "not permitted by the system",
  EBUSY: "another program has it open",
  EINVAL: "the system does not take such a name",
  EROFS: "the file system is read-only",
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  EISDIR: "it is a folder, not a file",
  EEXIST: "a file of that name is in the way",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many files are open",
  EIO: "the device reports an input/output error",
};

/** Explains why the system refused a call; the system's own message if there is no better one. */
export function explainReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const reason = code === undefined ? undefined : REASONS[code];
  return reason ?? (error instanceof Error ? error.message : String(error));
}

/**
 * The name of a file until it is complete: hidden, in the same folder. With the name of the machine: machines that share
 * a folder have processes of equal numbers, in containers usually 1.
 */
export function temporaryPath(path: string, { path: rules }: System = HERE): string {
  const writer = `${hostname().replace(/[^\w-]/g, "-")}-${process.pid}`;
  return rules.join(rules.dirname(path), `.${rules.basename(path)}.${writer}.tmp`);
}

/** What `temporaryPath` returns, also on other machines and in earlier versions; its group is the file's name. */
const TEMPORARY = /^\.(.+)\.(?:[\w-]+-)?\d+\.tmp$/;

/**
 * Removes the files below a folder that killed processes have not completed; with `names` only those of these files,
 * directly in the folder. No process may be writing one of them. What cannot be removed stays.
 */
export async function removeTemporaryFiles(
  folder: string,
  names?: ReadonlySet<string>,
): Promise<void> {
  for (const path of await readdir(folder, { recursive: names === undefined }).catch(() => [])) {
    const [, name] = TEMPORARY.exec(basename(path)) ?? [];
    if (name === undefined || names?.has(name) === false) continue;
    await unlink(join(folder, path)).catch(() => undefined);
  }
}

/** Milliseconds between attempts at a rename that Windows refuses: two seconds in all. */
const RETRIES = [10, 20, 50, 100, 200, 400, 600, 600];

/**
 * Writes a file so that readers see either the old or the new content: under a temporary name in
 * the same folder, flushed to the disk, then renamed. If it fails, throws one line with the path
 * and the reason, and removes the temporary file.
 */
export async function writeFileAtomic(
  path: string,
  content: FileContent,
  system: System = HERE,
): Promise<void> {
  checkPath(path, system);
  const { files } = system;
  const temporary = temporaryPath(path, system);
  try {
    const file = await files.open(temporary, "w");
    try {
      await file.writeFile(content);
      // Without it a power cut after the rename may leave an empty file under the final name. A
      // device that cannot be flushed (EINVAL) has nothing to lose.
      await file.sync().catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EINVAL") throw error;
      });
    } finally {
      await file.close();
    }
    await renameOver(temporary, path, system);
  } catch (error) {
    await files.unlink(temporary).catch(() => undefined);
    throw new Error(`${path}: cannot be written: ${writeReason(error, system)}`, { cause: error });
  }
}

/**
 * Renames over an existing file. Windows refuses that while the old file is open: for a moment in a
 * virus scanner or an indexer, for long in a viewer.
 */
async function renameOver(from: string, to: string, system: System): Promise<void> {
  for (const pause of RETRIES) {
    try {
      return await system.files.rename(from, to);
    } catch (error) {
      if (!isHeldOpen(error, system)) throw error;
      await system.wait(pause);
    }
  }
  await system.files.rename(from, to);
}

function isHeldOpen(error: unknown, { platform }: System): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return platform === "win32" && ["EPERM", "EACCES", "EBUSY"].includes(code ?? "");
}

function writeReason(error: unknown, system: System): string {
  if (!isHeldOpen(error, system)) return explainReason(error);
  return (
    "Windows does not allow replacing it: another program has it open, or there is no permission: " +
    "close it there and try again"
  );
}

class FileInTheWay extends Error {
  readonly code = "EEXIST";
}

/** Rethrows unless another process has created the folder by now. */
async function refuseFile(path: string, error: Error): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) throw error;
}

/** Creates a folder and its parents, if missing; returns those that were, the outermost first. */
export async function ensureFolder(path: string, system: System = HERE): Promise<string[]> {
  checkPath(path, system);
  // One folder at a time: Node's recursive form never returns below a folder such as /proc, which
  // exists although its calls fail with ENOENT.
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at);
  try {
    for (const folder of missing) await mkdir(folder).catch((error) => refuseFile(folder, error));
    if (missing.length === 0) await refuseFile(path, new FileInTheWay());
    return missing;
  } catch (error) {
    throw new Error(`${path}: the folder cannot be created: ${explainReason(error)}`, {
      cause: error,
    });
  }
}

/** Removes folders that `ensureFolder` made, as far as nothing was written into them. */
export async function removeEmptyFolders(made: readonly string[]): Promise<void> {
  for (const folder of made.toReversed()) await rmdir(folder).catch(() => undefined);
}

/** Returns a file's bytes; `what` says in errors what the file is ("checkpoint"). */
export async function readFileOrExplain(path: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`${path}: the ${what} cannot be read: ${explainReason(error)}`, {
      cause: error,
    });
  }
}
