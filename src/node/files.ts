// Files of a run: written whole or not at all, and errors in words.

import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than the system allows",
  EACCES: "no permission",
  EPERM: "not permitted by the system",
  EROFS: "the file system is read-only",
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  EISDIR: "it is a folder, not a file",
  EEXIST: "a file of that name is in the way",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many files are open",
  EIO: "the device reports an input/output error",
};

/** Why the system refused, in words; the system's own message where there is no better. */
export function explainReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const reason = code === undefined ? undefined : REASONS[code];
  return reason ?? (error instanceof Error ? error.message : String(error));
}

/**
 * Writes a file so that a reader sees the old content or the new, never a part: a temporary name in
 * the same folder, flushed to the disk, then renamed. Throws one line with the path and the reason.
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      // Without it a power cut after the rename may leave an empty file under the good name. A
      // device that cannot be flushed (EINVAL) has nothing to lose.
      await file.sync().catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EINVAL") throw error;
      });
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw new Error(`${path}: cannot be written: ${explainReason(error)}`, { cause: error });
  }
}

class FileInTheWay extends Error {
  readonly code = "EEXIST";
}

/** Rethrows unless a folder stands there by now, made by another process. */
async function refuseFile(path: string, error: Error): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) throw error;
}

/** Makes a folder and those above it; nothing happens when it is there. */
export async function ensureFolder(path: string): Promise<void> {
  // One folder at a time: Node's recursive form never returns below a folder such as /proc, which
  // exists and answers that it does not.
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.unshift(at);
  try {
    for (const folder of missing) await mkdir(folder).catch((error) => refuseFile(folder, error));
    if (missing.length === 0) await refuseFile(path, new FileInTheWay());
  } catch (error) {
    throw new Error(`${path}: the folder cannot be made: ${explainReason(error)}`, {
      cause: error,
    });
  }
}

/** A file's bytes; `what` says in the error what the file was wanted for ("checkpoint"). */
export async function readFileOrExplain(path: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`${path}: the ${what} cannot be read: ${explainReason(error)}`, {
      cause: error,
    });
  }
}
