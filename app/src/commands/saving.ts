// Saves the project automatically, shortly after each change, with the session that a reload restores.

import type { Project } from "../state/project-types.js";
import type { Store } from "../state/store.js";
import type { AppState } from "../state/types.js";
import type { Autosave } from "../storage/autosave.js";
import type { Session } from "../storage/session.js";
import { messageOf } from "./message-of.js";

export interface Saving {
  /** Marks a project as saved: it was just read from the storage. */
  isStored(project: Project): void;
  /** Discards unsaved changes: their project will be deleted. */
  drop(): void;
  /** Writes unsaved changes. Resolves to whether everything is saved. */
  settled(): Promise<boolean>;
}

/** Milliseconds from a change to saving it; a run changes its project all the time. */
const SAVE_AFTER_MS = 700;

/** Changes that are saved at once. */
interface Saved {
  readonly project: Project;
  readonly session: Session;
}

/** Saves the state's project, if this tab may. `onSaved` is called after each save. */
export function keepSaving(
  { state, dispatch }: Store,
  autosave: Pick<Autosave, "save" | "persist">,
  onSaved: () => void,
): Saving {
  let stored: Project | undefined;
  let written: Saved | undefined;
  /** What to save next. */
  let changed: Saved | undefined;
  let isFailing = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<unknown> = Promise.resolve();
  /** What is written after the write in progress. */
  let next: { saved: Saved | undefined } | undefined;

  const attempt = async (saved: Saved) => {
    const { project, session } = saved;
    const isOpen = () => state.peek().project?.id === project.id;
    try {
      await autosave.save(project, session);
      if (isOpen()) written = saved;
      isFailing = false;
      askToPersist();
      if (state.peek().project === project) dispatch({ type: "saving", saving: "saved" });
      onSaved();
    } catch (error) {
      isFailing = true;
      // A later save includes this change.
      if (isOpen()) changed ??= saved;
      if (isOpen()) dispatch({ type: "saving", saving: "failed" });
      const text = `${project.name} could not be saved in this browser: ${messageOf(error)}`;
      dispatch({ type: "notice", kind: "error", topic: "saving", text });
    }
  };
  /** Only when there is something to keep: a browser may ask the user. */
  const askToPersist = () => {
    if (state.peek().persisted !== undefined) return;
    autosave.persist().then(
      (persisted) => dispatch({ type: "persisted", persisted }),
      () => dispatch({ type: "persisted", persisted: false }),
    );
  };
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    if (changed && next?.saved?.project.id === changed.project.id) next.saved = changed;
    else if (changed) {
      const waiting = { saved: changed as Saved | undefined };
      next = waiting;
      writing = writing.then(async () => {
        if (next === waiting) next = undefined;
        if (waiting.saved) await attempt(waiting.saved);
      });
    }
    changed = undefined;
    return writing;
  };

  state.subscribe((now) => {
    const saved = savedOf(now);
    // The formerly open project must be saved before it is dropped.
    if (changed && changed.project.id !== saved?.project.id) void write();
    if (!saved || now.access !== "write") return;
    if (saved.project === stored) {
      written = saved;
      stored = undefined;
    }
    const last = changed ?? next?.saved ?? written;
    const isOther = saved.project !== last?.project;
    if (!isOther && isSame(saved.session, last.session)) return;
    changed = saved;
    timer ??= setTimeout(write, SAVE_AFTER_MS);
    // Changes of the view are saved silently.
    if (isOther && now.saving !== "saving") dispatch({ type: "saving", saving: "saving" });
  });

  return {
    isStored(project) {
      stored = project;
    },
    drop() {
      changed = undefined;
      if (next) next.saved = undefined;
    },
    async settled() {
      do await write();
      while (changed && !isFailing);
      return !isFailing;
    },
  };
}

function savedOf({ project, view, history, predictions }: AppState): Saved | undefined {
  return project && { project, session: { view, history, predictions } };
}

const isSame = (one: Session, other: Session) =>
  one.view === other.view && one.history === other.history && one.predictions === other.predictions;
