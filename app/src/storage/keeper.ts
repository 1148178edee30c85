// Projects in the browser's storage (OPFS): a folder each, written by itself as the project changes.

import { isLabelled } from "../state/project.js";
import type { Project, SavedProject } from "../state/types.js";
import { type Codec, projectFiles, readProject } from "./project-files.js";

/** Where files lie: a folder of OPFS, or its like in a test. */
export interface Folder {
  read(path: string): Promise<Uint8Array | undefined>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  /** Paths of the files below it. */
  list(): Promise<string[]>;
}

export interface Storage {
  /** The folder of a project, made where it is not there. */
  folder(id: string): Promise<Folder>;
  /** Names of all folders. */
  ids(): Promise<string[]>;
  delete(id: string): Promise<void>;
}

export interface Keeper {
  /** Writes what changed since the last call. Calls wait for each other. */
  save(project: Project): Promise<void>;
  load(id: string): Promise<Project>;
  list(): Promise<SavedProject[]>;
  delete(id: string): Promise<void>;
}

/** Keeps projects in a storage. */
export function createKeeper(storage: Storage, codec: Codec, now: () => number = Date.now): Keeper {
  /** What each file of the project held when it was written. */
  let written = new Map<string, object>();
  let writtenId: string | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  /** One after the other: a project that is opened must not meet another that is still written. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work);
    queue = done.catch(() => {});
    return done;
  };

  const save = async (project: Project) => {
    if (writtenId !== project.id) written = new Map();
    writtenId = project.id;
    const folder = await storage.folder(project.id);
    const files = projectFiles(project, codec);
    for (const { path, content, bytes } of files) {
      if (written.get(path) === content) continue;
      await folder.write(path, await bytes());
      written.set(path, content);
    }
    await folder.write("saved.json", encode(summary(project, now())));
    // Last, so that a crash leaves too many files and never too few.
    const paths = new Set([...files.map(({ path }) => path), "saved.json"]);
    for (const path of await folder.list()) {
      if (paths.has(path)) continue;
      await folder.remove(path);
      written.delete(path);
    }
  };

  const load = async (id: string) => {
    const folder = await storage.folder(id);
    const project = await readProject((path) => folder.read(path), codec);
    // As read, so written: only what changes from here on is written again.
    written = new Map(projectFiles(project, codec).map(({ path, content }) => [path, content]));
    writtenId = id;
    return project;
  };

  return {
    save: (project) => inTurn(() => save(project)),
    load: (id) => inTurn(() => load(id)),
    async list() {
      const found: SavedProject[] = [];
      for (const id of await storage.ids()) {
        const bytes = await (await storage.folder(id)).read("saved.json");
        if (bytes) found.push(JSON.parse(new TextDecoder().decode(bytes)));
      }
      return found.sort((a, b) => b.savedAt - a.savedAt);
    },
    delete: (id) =>
      inTurn(async () => {
        if (writtenId === id) writtenId = undefined;
        await storage.delete(id);
      }),
  };
}

function summary(project: Project, savedAt: number): SavedProject {
  const { id, name, images, training } = project;
  const labelled = images.filter(isLabelled).length;
  return { id, name, images: images.length, labelled, steps: training.last?.step ?? 0, savedAt };
}

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
