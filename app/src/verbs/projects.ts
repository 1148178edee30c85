// Projects: begun, opened, filled with files, and kept by themselves.

import { type Draw, newId, sampleProject } from "../state/project.js";
import { obstacle } from "../state/stations.js";
import type { Store } from "../state/store.js";
import type { Project, Station } from "../state/types.js";
import type { Keeper } from "../storage/keeper.js";
import { messageOf } from "./app.js";
import { createImporting, type Importing, type ImportingWork } from "./importing.js";

export interface Projects extends Importing {
  openSample(): Promise<void>;
  /** Goes on with a project of the storage. */
  openSaved(id: string, station?: Station): Promise<void>;
  deleteSaved(id: string): Promise<void>;
  /** Reads which projects the storage has. */
  listSaved(): Promise<void>;
}

/** Milliseconds from a change to its writing; a run changes its project all the time. */
const SAVE_AFTER_MS = 700;

export interface ProjectParts {
  readonly draw: Draw;
  readonly files: ImportingWork;
  readonly keeper: Keeper | undefined;
}

export function createProjects(store: Store, { draw, files, keeper }: ProjectParts): Projects {
  const { dispatch } = store;
  const state = () => store.state.peek();
  const say = (text: string) => dispatch({ type: "notice", kind: "error", text });
  const open = (project: Project, station: Station) => dispatch({ type: "open", project, station });
  const listSaved = async () => {
    try {
      if (keeper) dispatch({ type: "saved", saved: await keeper.list() });
    } catch (error) {
      say(`The browser's storage cannot be read: ${messageOf(error)}`);
    }
  };
  if (keeper) keepSaving(store, keeper, listSaved);

  return {
    ...createImporting(store, files),
    listSaved,
    openSample: async () => open(await sampleProject(newId("sample"), draw), "images"),
    async openSaved(id, station = "images") {
      try {
        if (keeper) open(await keeper.load(id), "images");
        if (!obstacle(state(), station)) dispatch({ type: "go", station });
      } catch (error) {
        say(messageOf(error));
      }
    },
    async deleteSaved(id) {
      // First, so that no change of it is written behind the deletion.
      if (state().project?.id === id) dispatch({ type: "close" });
      try {
        await keeper?.delete(id);
      } catch (error) {
        say(`The project could not be deleted: ${messageOf(error)}`);
      }
      await listSaved();
    },
  };
}

/** Writes the project a little after each change, never twice at a time. */
function keepSaving({ state, dispatch }: Store, keeper: Keeper, onSaved: () => void): void {
  let kept: Project | undefined = state.peek().project;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = async () => {
    const { project } = state.peek();
    try {
      if (project) await keeper.save(project);
      kept = project;
      timer = undefined;
      if (state.peek().project === kept) dispatch({ type: "saving", saving: "saved" });
      else schedule();
      onSaved();
    } catch (error) {
      timer = undefined;
      dispatch({ type: "saving", saving: "failed" });
      const text = `The project could not be saved in this browser: ${messageOf(error)}`;
      dispatch({ type: "notice", kind: "error", text });
    }
  };
  const schedule = () => {
    timer ??= setTimeout(save, SAVE_AFTER_MS);
  };
  state.subscribe(({ project }) => {
    if (!project || project === kept || timer !== undefined) return;
    schedule();
    dispatch({ type: "saving", saving: "saving" });
  });
}
