// Projects in the browser's storage (OPFS): a folder each, written by itself as the project changes.
// What is new is written into a folder of its own; then `project.json`, replaced as a whole, names the
// files of the project as it is now; then those that it named before and names no more are removed. A
// page that ends at any of these writes leaves the project as it was, or as it is now.

import type { RawImage } from "../../../src/index.js";
import { smallPicture } from "../canvas/thumbnails.js";
import type { Project } from "../state/project-types.js";
import type { SavedProject } from "../state/types.js";
import { type Codec, descriptionBytes, partFiles } from "./project-files.js";
import { type ReadProject, readProject } from "./read-project.js";
import { describeSession, type Session, sessionFiles } from "./session.js";
import { saveFolder, storedPart } from "./stored-paths.js";
import { PICTURE, readSummary, summaryBytes } from "./summary.js";

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
  /** Asks that nothing is deleted when the disk gets full. Resolves to whether that is promised. */
  persist(): Promise<boolean>;
}

export interface LoadedProject {
  readonly project: Project;
  readonly session?: Session | undefined;
  /** What could not be read, as a person calls it. */
  readonly missing: readonly string[];
}

export interface Autosave {
  /** Writes what changed since the last call. Calls wait for each other. */
  save(project: Project, session?: Session): Promise<void>;
  /** The project with what is left of it. Changes nothing in the storage. */
  load(id: string): Promise<LoadedProject>;
  list(): Promise<SavedProject[]>;
  delete(id: string): Promise<void>;
  persist: Storage["persist"];
}

/** How often a project is read that another tab writes meanwhile. */
const READINGS = 5;

/** What this tab knows of a project's files. */
interface Known {
  /** Where each part's content lies, written or read by this tab. */
  readonly places: WeakMap<object, string>;
  /** What `project.json` names. */
  named: ReadonlySet<string>;
  /** Files that were not found fit for use: they stay where they are, and named. */
  readonly unread: Readonly<Record<string, string>>;
  /** Files of a save that never came to its end, or that the project needs no more. */
  readonly litter: Set<string>;
  /** The image that the project's picture is of. */
  pictured?: RawImage | undefined;
}

/** Keeps projects in a storage. Only one autosave at a time may save a project. */
export function createAutosave(
  storage: Storage,
  codec: Codec,
  now: () => number = Date.now,
): Autosave {
  const known = new Map<string, Known>();
  let queue: Promise<unknown> = Promise.resolve();
  /** One after the other: a project that is opened must not meet another that is still written. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = queue.then(work);
    queue = done.catch(() => {});
    return done;
  };

  const save = async (project: Project, session: Session | undefined) => {
    const own = known.get(project.id) ?? knownOf(new Map());
    known.set(project.id, own);
    const { places, litter } = own;
    const folder = await storage.folder(project.id);
    const savedAt = now();
    const saved = saveFolder(savedAt);
    const files: Record<string, string> = { ...own.unread };
    const around = session ? sessionFiles(session, project) : [];
    for (const { path, content, bytes } of [...partFiles(project, codec), ...around]) {
      const known = places.get(content);
      const at = known ?? `${saved}/${path}`;
      files[path] = at;
      if (known) continue;
      litter.add(at);
      await folder.write(at, await bytes());
      places.set(content, at);
    }
    // From here on the project is the new one.
    const described = session && describeSession(session, project);
    await folder.write("project.json", descriptionBytes(project, files, described));
    const named = new Set(Object.values(files));
    for (const at of own.named) litter.add(at);
    for (const at of named) litter.delete(at);
    own.named = named;
    await folder.write("saved.json", summaryBytes(project, savedAt));
    const [first] = project.images;
    if (first && first.raw !== own.pictured) {
      own.pictured = first.raw;
      const picture = smallPicture(first.raw).then(codec.encode);
      // A list without it does as well.
      await picture.then((bytes) => folder.write(PICTURE, bytes)).catch(() => {});
    }
    await clear(folder, litter);
  };

  const load = async (id: string) => {
    if (!(await storage.ids()).includes(id)) {
      throw new Error(
        `This browser keeps no project ${id}: it was deleted, or is in another browser.`,
      );
    }
    const folder = await storage.folder(id);
    const { project, session, missing, places, unread } = await readSettled(folder, codec);
    const named = new Set([...places.values(), ...Object.values(unread)]);
    const litter = (await folder.list()).filter((at) => storedPart(at)?.save && !named.has(at));
    const pictured = (await folder.read(PICTURE)) && project.images[0]?.raw;
    known.set(id, { ...knownOf(places, named, unread, litter), pictured });
    return { project: { ...project, id }, session, missing };
  };

  return {
    persist: storage.persist,
    save: (project, session) => inTurn(() => save(project, session)),
    load: (id) => inTurn(() => load(id)),
    async list() {
      const found: SavedProject[] = [];
      for (const id of await storage.ids()) {
        const summary = await readSummary(id, await storage.folder(id));
        if (summary) found.push(summary);
      }
      return found.sort((a, b) => b.savedAt - a.savedAt);
    },
    delete: (id) =>
      inTurn(async () => {
        known.delete(id);
        await storage.delete(id);
      }),
  };
}

function knownOf(
  places: ReadonlyMap<object, string>,
  named: ReadonlySet<string> = new Set(),
  unread: Readonly<Record<string, string>> = {},
  litter: readonly string[] = [],
): Known {
  return { places: new WeakMap(places), named, unread, litter: new Set(litter) };
}

/** The project as one save left it: another tab may save, and remove files, while it is read. */
async function readSettled(folder: Folder, codec: Codec): Promise<ReadProject> {
  const description = () => folder.read("project.json").catch(() => undefined);
  for (let reading = 1; ; reading++) {
    const before = await description();
    const read = await readProject(folder, codec);
    if (read.missing.length === 0 || reading === READINGS) return read;
    if (isEqual(before, await description())) return read;
  }
}

/** What cannot be removed takes room and does no harm: the next save tries again. */
async function clear(folder: Folder, litter: Set<string>): Promise<void> {
  for (const at of litter) {
    const removed = folder.remove(at).then(() => litter.delete(at));
    await removed.catch(() => {});
  }
}

function isEqual(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (!one || !other) return one === other;
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
