// The project is written by itself, a little after each change.

import type { Store } from "../state/store.js";
import type { Project } from "../state/types.js";
import type { Keeper } from "../storage/keeper.js";
import { messageOf } from "./app.js";

export interface Saving {
  /** Takes a project as written: it was read from the storage just now. */
  isStored(project: Project): void;
  /** Forgets changes that are not written yet: their project is to be deleted. */
  drop(): void;
  /** Writes what is not written yet. Resolves to whether all is written. */
  settled(): Promise<boolean>;
}

/** Milliseconds from a change to its writing; a run changes its project all the time. */
const SAVE_AFTER_MS = 700;

/** Writes the project of the state where this tab may. `onSaved` is called after each time. */
export function keepSaving(
  { state, dispatch }: Store,
  keeper: Pick<Keeper, "save" | "persist">,
  onSaved: () => void,
): Saving {
  let written: Project | undefined;
  /** What is to be written next. */
  let changed: Project | undefined;
  let isFailing = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<unknown> = Promise.resolve();

  const attempt = async (project: Project) => {
    const isOpen = () => state.peek().project?.id === project.id;
    try {
      await keeper.save(project);
      written = project;
      isFailing = false;
      if (state.peek().persisted === undefined) {
        // Not before there is something to keep: a browser may ask the person.
        keeper.persist().then(
          (persisted) => dispatch({ type: "persisted", persisted }),
          () => dispatch({ type: "persisted", persisted: false }),
        );
      }
      if (state.peek().project === project) dispatch({ type: "saving", saving: "saved" });
      onSaved();
    } catch (error) {
      isFailing = true;
      // A later change has this one in it.
      if (isOpen()) changed ??= project;
      if (isOpen()) dispatch({ type: "saving", saving: "failed" });
      const text = `${project.name} could not be saved in this browser: ${messageOf(error)}`;
      dispatch({ type: "notice", kind: "error", topic: "saving", text });
    }
  };
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const project = changed;
    changed = undefined;
    if (project) writing = writing.then(() => attempt(project));
    return writing;
  };

  state.subscribe(({ project, access }) => {
    // The project that was open before has to be written before it is forgotten.
    if (changed && changed.id !== project?.id) void write();
    if (!project || access !== "write" || project === written || project === changed) return;
    changed = project;
    if (timer !== undefined) return;
    timer = setTimeout(write, SAVE_AFTER_MS);
    dispatch({ type: "saving", saving: "saving" });
  });

  return {
    isStored(project) {
      written = project;
    },
    drop() {
      changed = undefined;
    },
    async settled() {
      do await write();
      while (changed && !isFailing);
      return !isFailing;
    },
  };
}
