// A file system of which one call fails: the n-th write, rename, read or new folder.

import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { HERE } from "../../src/node/system.js";

/** How a call fails, by its name. */
const CODES: Readonly<Record<string, string>> = {
  open: "EACCES",
  writeFile: "ENOSPC",
  appendFile: "ENOSPC",
  sync: "EIO",
  close: "EIO",
  rename: "EACCES",
  readFile: "EIO",
  mkdir: "EACCES",
};

/** What happened while calls were counted. */
export interface Watched {
  /** The calls, in order: "rename last.safetensors". */
  readonly calls: readonly string[];
}

/** Runs `work` while calls on paths that contain `inPath` are counted, of which number `at`, from 1, fails. */
export async function withFault(
  inPath: string,
  at: number,
  work: () => Promise<void>,
): Promise<Watched> {
  const calls: string[] = [];
  /** Counts a call; returns its error if it fails. */
  const next = (name: string, path: unknown): Error | undefined => {
    if (!String(path).includes(inPath)) return undefined;
    calls.push(`${name} ${path}`);
    if (calls.length !== at) return undefined;
    const code = CODES[name];
    return Object.assign(new Error(`${code}: ${name} '${path}'`), { code });
  };
  const real = { ...fs };
  const { files } = HERE;
  const own = { ...files };
  const failing =
    <Given extends unknown[], R>(name: string, call: (...given: Given) => Promise<R>) =>
    async (...given: Given): Promise<R> => {
      const error = next(name, given[0]);
      if (error) throw error;
      return call(...given);
    };
  const appendFile = async (path: string, text: string) => {
    const error = next("appendFile", path);
    if (!error) return real.appendFile(path, text);
    await real.appendFile(path, text.slice(0, text.length / 2)); // a part of it still fits
    throw error;
  };
  const open = async (path: string, flags: string) => {
    const error = next("open", path);
    if (error) throw error;
    const file = await real.open(path, flags);
    return {
      async writeFile(content: Uint8Array | string) {
        const error = next("writeFile", path);
        if (!error) return file.writeFile(content);
        await file.writeFile(content.slice(0, content.length / 2));
        throw error;
      },
      async sync() {
        const error = next("sync", path);
        if (error) throw error; // otherwise nothing: thousands of flushes would take minutes
      },
      async close() {
        const error = next("close", path);
        await file.close();
        if (error) throw error;
      },
    } as FileHandle;
  };
  const patch = {
    appendFile,
    readFile: failing("readFile", real.readFile),
    mkdir: failing("mkdir", real.mkdir),
  };
  Object.assign(fs, patch);
  Object.assign(files, { open, rename: failing("rename", own.rename) });
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    Object.assign(fs, real);
    Object.assign(files, own);
    syncBuiltinESMExports();
  }
  return { calls };
}
