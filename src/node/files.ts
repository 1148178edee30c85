// Files of a run: written whole or not at all, and errors in words.

import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

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

/** Makes a folder and those above it; nothing happens when it is there. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
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
