// Lists files from a drop or a file dialogue, including folders.

import { skipped } from "./problems.js";
import type { NamedFile } from "./sort-files.js";

export interface Dropped {
  readonly files: readonly NamedFile[];
  /** A sentence for each file or folder that could not be read. */
  readonly problems: readonly string[];
}

/** The dropped files, with their paths in the folders. */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped> {
  // The entries are valid only during the event: take all before the first await.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const problems: string[] = [];
  const files: NamedFile[] = [];
  for (const entry of entries) files.push(...(await filesOf(entry, problems)));
  return { files, problems };
}

export function chosenFiles(list: FileList | null): NamedFile[] {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** An entry that cannot be read (deleted, or no permission) does not affect the others. */
async function filesOf(entry: FileSystemEntry, problems: string[]): Promise<NamedFile[]> {
  const path = entry.fullPath.replace(/^\//, "");
  try {
    if (entry.isFile) return [{ path, file: await fileOf(entry as FileSystemFileEntry) }];
    const files: NamedFile[] = [];
    for (const each of await entriesOf(entry as FileSystemDirectoryEntry)) {
      files.push(...(await filesOf(each, problems)));
    }
    return files;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push(skipped(`${path}: cannot be read (${reason})`));
    return [];
  }
}

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  // A reader returns entries in batches of a hundred, and an empty batch at the end.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return all;
    all.push(...entries);
  }
}
