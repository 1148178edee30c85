// Projects: starting, opening, adding files, and saving automatically.

import {
  type Draw,
  emptyProject,
  newId,
  type SampleKind,
  sampleProject,
} from "../state/project.js";
import type { Store } from "../state/store.js";
import type { Autosave } from "../storage/autosave.js";
import type { Ask } from "./asking.js";
import { createImporting, type Importing, type ImportingWork } from "./importing.js";
import { messageOf } from "./message-of.js";
import { createOpening, type Opening, type Tabs } from "./opening.js";

export interface Projects extends Importing, Omit<Opening, "begin"> {
  openSample(kind?: SampleKind): Promise<void>;
  /** Starts an empty project. */
  newProject(): Promise<void>;
  /** Reads the list of stored projects. */
  listSaved(): Promise<void>;
}

export interface ProjectParts {
  readonly draw: Draw;
  readonly files: ImportingWork;
  readonly autosave: Autosave | undefined;
  readonly tabs?: Tabs;
  /** Without it nothing is asked: files are added to the project, networks are replaced. */
  readonly ask?: Ask;
}

export function createProjects(store: Store, parts: ProjectParts): Projects {
  const { dispatch } = store;
  const { draw, files, autosave, tabs, ask } = parts;
  const listSaved = async () => {
    try {
      if (autosave) dispatch({ type: "saved", saved: await autosave.list() });
    } catch (error) {
      const text = `The browser's storage cannot be read: ${messageOf(error)}`;
      dispatch({ type: "notice", kind: "error", text });
    }
  };
  let shown = store.state.peek().page;
  store.state.subscribe(({ page }) => {
    if (page === "start" && shown !== "start") void listSaved();
    shown = page;
  });
  // The list is shown only on the start page.
  const onSaved = () => void (shown === "start" && listSaved());
  const { begin, ...opening } = createOpening(store, { autosave, tabs, ask, onSaved });
  return {
    ...createImporting(store, files, { begin, ask }),
    ...opening,
    listSaved,
    newProject: () => begin(emptyProject(newId("project"), "New project")),
    openSample: async (kind) => begin(await sampleProject(newId("sample"), draw, kind)),
  };
}
