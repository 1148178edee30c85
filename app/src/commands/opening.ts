// Which project is open in this tab, and whether the tab may change it: only one tab at a time may.

import { obstacle } from "../state/pages.js";
import type { Project } from "../state/project-types.js";
import type { Store } from "../state/store.js";
import type { Page } from "../state/types.js";
import { listText } from "../state/words.js";
import type { Autosave, LoadedProject } from "../storage/autosave.js";
import type { Release, TabLocks } from "../storage/tab-locks.js";
import type { Ask } from "./asking.js";
import { messageOf } from "./message-of.js";
import { keepSaving } from "./saving.js";

export interface Opening {
  /** Opens a project that the storage does not have yet. */
  begin(project: Project, page?: Page): Promise<void>;
  /** Opens a stored project; read-only if another tab has it open. */
  openSaved(id: string, page?: Page): Promise<void>;
  /** Takes the project over from another tab, which saves it first. */
  takeOver(): Promise<void>;
  deleteSaved(id: string): Promise<void>;
  /** Writes unsaved changes at once. */
  saveNow(): void;
}

export interface OpeningParts {
  /** Undefined if the browser has no storage: projects then exist only as long as the page. */
  readonly autosave: Autosave | undefined;
  /** Undefined if there are no other tabs. */
  readonly tabs?: Tabs | undefined;
  /** Without it, changes that cannot be written are discarded without a question. */
  readonly ask?: Ask | undefined;
  onSaved(): void;
}

export interface Tabs {
  readonly locks: TabLocks;
  /** Pauses a run in progress. Resolves when its last checkpoint is available. */
  endRun(): Promise<void>;
}

export function createOpening(store: Store, parts: OpeningParts): Opening {
  const { dispatch } = store;
  const { autosave, tabs, ask, onSaved } = parts;
  const state = () => store.state.peek();
  const say = (text: string) => dispatch({ type: "notice", kind: "error", text });
  const saving = autosave && keepSaving(store, autosave, onSaved);
  /** The project that this tab may change. */
  let held: { readonly id: string; readonly release: Release } | undefined;
  let opened: Promise<void> = Promise.resolve();
  /** Runs one task after the other; errors become messages. */
  const inTurn = (work: () => Promise<void>) => {
    opened = opened.then(work).catch((error) => say(messageOf(error)));
    return opened;
  };

  /** Whether the open project may be left: everything is written, or the user discards it. */
  const mayLeave = async () => {
    const { project } = state();
    if (!project || !saving || (await saving.settled()) || !ask) return true;
    const answer = await ask({
      title: `${project.name} is not saved`,
      text: "Unsaved changes are lost if you leave it. You can download it under Export first.",
      answers: [{ id: "leave", label: "Leave without saving", deletes: true }],
      cancel: "Stay here",
    });
    return answer === "leave";
  };
  const enter = async (
    { project, session }: Omit<LoadedProject, "missing">,
    page: Page,
    release: Release | undefined,
  ) => {
    const before = held;
    held = release && { id: project.id, release };
    const access = release ? "write" : "read";
    dispatch({ type: "open", project, page, access, session });
    // The lock of the former project is held until its last changes are written.
    await saving?.settled();
    before?.release();
  };
  /** Opens a stored project; releases the lock if there is none. */
  const load = async (id: string, page: Page, release: Release | undefined) => {
    if (!autosave) return;
    try {
      const { missing, ...loaded } = await autosave.load(id);
      const { project } = loaded;
      saving?.isStored(project);
      const isReached = !obstacle({ ...state(), project }, page);
      await enter(loaded, isReached ? page : "images", release);
      if (missing.length > 0) say(damageText(project.name, missing));
    } catch (error) {
      release?.();
      throw error;
    }
  };

  const letGo = async (id: string) => {
    if (held?.id !== id) return;
    await tabs?.endRun();
    // Changes that cannot be written are not discarded: the other tab waits.
    if (saving && !(await saving.settled())) return;
    dispatch({ type: "access", access: "read" });
    held.release();
    held = undefined;
  };
  const take = async (id: string): Promise<Release | undefined> =>
    tabs ? tabs.locks.take(id) : () => {};
  tabs?.locks.onAsked((id) => inTurn(() => letGo(id)));

  return {
    saveNow: () => void saving?.settled(),
    begin: (project, page = "images") =>
      inTurn(async () => {
        if (await mayLeave()) await enter({ project }, page, await take(project.id));
      }),
    openSaved: (id, page = "images") =>
      inTurn(async () => {
        if (held?.id === id) dispatch({ type: "go", page });
        else if (await mayLeave()) await load(id, page, await take(id));
      }),
    async takeOver() {
      const { project } = state();
      if (!project || !tabs) return;
      dispatch({ type: "access", access: "asked" });
      const release = await tabs.locks.takeOver(project.id);
      await inTurn(async () => {
        const { project: now, page } = state();
        if (now?.id === project.id && held?.id !== project.id) {
          await load(project.id, page, release);
        } else release();
      });
    },
    deleteSaved: (id) =>
      inTurn(async () => {
        const isOpen = held?.id === id;
        const release = isOpen ? held?.release : await take(id);
        if (!release) throw new Error("This project is open in another tab: close it there first.");
        if (isOpen) held = undefined;
        // First, so that no change is written after the deletion.
        if (state().project?.id === id) {
          saving?.drop();
          dispatch({ type: "close" });
        }
        try {
          await autosave?.delete(id);
        } catch (error) {
          say(`The project could not be deleted: ${messageOf(error)}`);
        } finally {
          release();
        }
        onSaved();
      }),
  };
}

/** One sentence on a project with missing parts. */
export function damageText(name: string, missing: readonly string[]): string {
  return `${name}: could not read ${listText(missing)}. Everything else was opened, and nothing was deleted.`;
}
