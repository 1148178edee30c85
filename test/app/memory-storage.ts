// A storage in memory instead of the browser's, and locks as if there were several tabs.

import { fileWork } from "../../app/src/files/work.js";
import type { Project } from "../../app/src/state/project-types.js";
import type { Folder, Storage } from "../../app/src/storage/autosave.js";
import { projectFiles } from "../../app/src/storage/project-files.js";
import { readProject } from "../../app/src/storage/read-project.js";
import type { Release, TabLocks } from "../../app/src/storage/tab-locks.js";

export interface MemoryStorage extends Storage {
  /** Files by path, for each project. */
  readonly folders: Map<string, Map<string, Uint8Array>>;
  /** Paths in the order in which they were written and removed. */
  readonly written: string[];
  readonly removed: string[];
  /** Called before each change of a file; if it throws, the change fails. */
  onChange(path: string): void;
}

export function memoryStorage(): MemoryStorage {
  const folders: MemoryStorage["folders"] = new Map();
  const storage: MemoryStorage = {
    folders,
    written: [],
    removed: [],
    onChange() {},
    ids: async () => [...folders.keys()],
    delete: async (id) => void folders.delete(id),
    persist: async () => true,
    async folder(id): Promise<Folder> {
      const files = folders.get(id) ?? new Map<string, Uint8Array>();
      folders.set(id, files);
      return {
        read: async (path) => files.get(path),
        async write(path, bytes) {
          storage.onChange(path);
          storage.written.push(path);
          files.set(path, bytes);
        },
        async remove(path) {
          storage.onChange(path);
          storage.removed.push(path);
          files.delete(path);
        },
        list: async () => [...files.keys()],
      };
    },
  };
  return storage;
}

/** A storage that can only be read. */
export function memoryFolder(files: Readonly<Record<string, Uint8Array>>) {
  return { read: async (path: string) => files[path], list: async () => Object.keys(files) };
}

/** The project as read from its files. Throws if something is missing. */
export async function readBack(project: Project): Promise<Project> {
  const files: Record<string, Uint8Array> = {};
  for (const { path, bytes } of projectFiles(project, fileWork)) files[path] = await bytes();
  const { project: again, missing } = await readProject(memoryFolder(files), fileWork);
  if (missing.length > 0) throw new Error(`it lacks ${missing.join(", ")}`);
  return again;
}

/** Locks for several tabs, as a browser gives them. */
export function memoryLocks(tabs: number): TabLocks[] {
  const holders = new Map<string, number>();
  const waiting: { readonly id: string; readonly grant: () => void }[] = [];
  const answers = new Map<number, (id: string) => void>();
  const grant = (id: string, tab: number): Release => {
    holders.set(id, tab);
    return () => {
      if (holders.get(id) !== tab) return;
      holders.delete(id);
      const next = waiting.findIndex((one) => one.id === id);
      if (next >= 0) waiting.splice(next, 1)[0].grant();
    };
  };
  return Array.from({ length: tabs }, (_, tab) => ({
    take: async (id) => (holders.has(id) ? undefined : grant(id, tab)),
    async takeOver(id) {
      for (const [other, answer] of answers) if (other !== tab) answer(id);
      if (!holders.has(id)) return grant(id, tab);
      return new Promise<Release>((resolve) => {
        waiting.push({ id, grant: () => resolve(grant(id, tab)) });
      });
    },
    onAsked: (answer) => void answers.set(tab, answer),
  }));
}
