// Projects in the browser's storage (OPFS): one folder each, saved automatically as the project changes. New
// parts are written into a new folder; then `project.json`, replaced as a whole, lists the files of the current
// project; then files that it no longer lists are removed. If the page ends at any of these writes, the
// project is either the former or the current one.

import type { RawImage } from "../../../src/index.js";
import { smallPicture } from "../canvas/thumbnails.js";
import type { Project } from "../state/project-types.js";
import type { SavedProject } from "../state/types.js";
import { type Codec, descriptionBytes, partFiles } from "./project-files.js";
import { type ReadProject, readProject } from "./read-project.js";
import { describeSession, type Session, sessionFiles } from "./session.js";
import { saveFolder, storedPart } from "./stored-paths.js";
import { PICTURE, readSummary, summaryBytes } from "./summary.js";

/** A folder of files: in OPFS, or a substitute in tests. */
export interface Folder {
  read(path: string): Promise<Uint8Array | undefined>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  /** Paths of the files below it. */
  list(): Promise<string[]>;
}

export interface Storage {
  /** The folder of a project, created if it is missing. */
  folder(id: string): Promise<Folder>;
  /** Names of all folders. */
  ids(): Promise<string[]>;
  delete(id: string): Promise<void>;
  /** Asks the browser not to delete anything when the disk gets full. Resolves to whether it promises that. */
  persist(): Promise<boolean>;
}

export interface LoadedProject {
  readonly project: Project;
  readonly session?: Session | undefined;
  /** What could not be read, in words for the user. */
  readonly missing: readonly string[];
}

export interface Autosave {
  /** Saves the changes since the last call. Calls wait for each other. */
  save(project: Project, session?: Session): Promise<void>;
  /** The project, as far as it can be read. Changes nothing in the storage. */
  load(id: string): Promise<LoadedProject>;
  list(): Promise<SavedProject[]>;
  delete(id: string): Promise<void>;
  persist: Storage["persist"];
}

/** How often to retry reading a project while another tab writes it. */
const READINGS = 5;

/** What this tab knows about a project's files. */
interface Known {
  /** The path of each part's content that this tab has written or read. */
  readonly places: WeakMap<object, string>;
  /** The paths that `project.json` lists. */
  named: ReadonlySet<string>;
  /** Files that could not be used: they are kept and stay listed. */
  readonly unread: Readonly<Record<string, string>>;
  /** Files of a save that was not completed, or that the project no longer needs. */
  readonly litter: Set<string>;
  /** The image shown in the project's picture. */
  pictured?: RawImage | undefined;
}

/** Stores projects. Only one autosave at a time may save a project. */
export function createAutosave(
  storage: Storage,
  codec: Codec,
  now: () => number = Date.now,
): Autosave {
  const known = new Map<string, Known>();
  let queue: Promise<unknown> = Promise.resolve();
  /** One after the other: a project must not be opened while another is still being written. */
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
    // From here on the new state is the saved one.
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
      // The list works without it.
      await picture.then((bytes) => folder.write(PICTURE, bytes)).catch(() => {});
    }
    await clear(folder, litter);
  };

  const load = async (id: string) => {
    if (!(await storage.ids()).includes(id)) {
      throw new Error(
        `This browser has no project ${id}: it was deleted, or is stored in another browser.`,
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

/** The project of a single save: another tab may save it and remove files while it is read. */
async function readSettled(folder: Folder, codec: Codec): Promise<ReadProject> {
  const description = () => folder.read("project.json").catch(() => undefined);
  for (let reading = 1; ; reading++) {
    const before = await description();
    const read = await readProject(folder, codec);
    if (read.missing.length === 0 || reading === READINGS) return read;
    if (isEqual(before, await description())) return read;
  }
}

/** Files that cannot be removed only take up space: the next save tries again. */
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
