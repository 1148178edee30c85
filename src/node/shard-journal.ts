// What the shards of a task have done: a file of JSON lines for each, to which only this shard appends, so that no
// locks are needed and a killed process loses at most the line that it was writing.

import { type FileHandle, open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Shard } from "../predict/tiling.js";
import { ensureFolder, explainReason } from "./run-files.js";

/** One line: an object. */
export type JournalLine = Readonly<Record<string, unknown>>;

/** The journal of this process. */
export interface Journal {
  /** Appends a line; it is in the file when this resolves. */
  add(line: JournalLine): Promise<void>;
  close(): Promise<void>;
}

/** What a shard has written, over all its processes. */
export interface ShardLines {
  readonly shard: Shard;
  readonly lines: readonly JournalLine[];
  /** When it was last written, in milliseconds since 1970. */
  readonly written: number;
}

const NAME = /^(\d+)-of-(\d+)\.jsonl$/;

/** Opens the journal of a shard in a folder, which is created if it is missing. Errors name the file. */
export async function openJournal(folder: string, { index, count }: Shard): Promise<Journal> {
  await ensureFolder(folder);
  const path = join(folder, `${index}-of-${count}.jsonl`);
  const named = <T>(pending: Promise<T>) =>
    pending.catch((error) => {
      throw new Error(`${path}: cannot be written: ${explainReason(error)}`, { cause: error });
    });
  const file: FileHandle = await named(open(path, "a"));
  // Ends a line that a killed process has left unfinished.
  await named(file.appendFile("\n"));
  return {
    add: (line) => named(file.appendFile(`${JSON.stringify(line)}\n`)),
    close: () => file.close(),
  };
}

/**
 * The journals of a folder, by count and index; none if it does not exist. Lines that are not whole are left out:
 * what they were to say is done again.
 */
export async function readJournals(folder: string): Promise<ShardLines[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new Error(`${folder}: cannot be read: ${explainReason(error)}`, { cause: error });
  });
  const found: ShardLines[] = [];
  for (const name of names) {
    const [, index, count] = NAME.exec(name) ?? [];
    if (index === undefined) continue;
    const path = join(folder, name);
    const text = await readFile(path, "utf8");
    const shard = { index: Number(index), count: Number(count) };
    const written = (await stat(path)).mtimeMs;
    found.push({ shard, lines: text.split("\n").flatMap(parsed), written });
  }
  return found.sort((a, b) => a.shard.count - b.shard.count || a.shard.index - b.shard.index);
}

function parsed(line: string): JournalLine[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? [value as JournalLine] : [];
  } catch {
    return [];
  }
}
