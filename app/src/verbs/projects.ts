// Projects: begun, opened, filled with files, and kept by themselves.

import { type Draw, newId, sampleProject } from "../state/project.js";
import type { Store } from "../state/store.js";
import type { Keeper } from "../storage/keeper.js";
import { messageOf } from "./app.js";
import { createImporting, type Importing, type ImportingWork } from "./importing.js";
import { createOpening, type Opening, type Tabs } from "./opening.js";

export interface Projects extends Importing, Omit<Opening, "begin"> {
  openSample(): Promise<void>;
  /** Reads which projects the storage has. */
  listSaved(): Promise<void>;
}

export interface ProjectParts {
  readonly draw: Draw;
  readonly files: ImportingWork;
  readonly keeper: Keeper | undefined;
  readonly tabs?: Tabs;
}

export function createProjects(store: Store, parts: ProjectParts): Projects {
  const { dispatch } = store;
  const { draw, files, keeper, tabs } = parts;
  const listSaved = async () => {
    try {
      if (keeper) dispatch({ type: "saved", saved: await keeper.list() });
    } catch (error) {
      const text = `The browser's storage cannot be read: ${messageOf(error)}`;
      dispatch({ type: "notice", kind: "error", text });
    }
  };
  const { begin, ...opening } = createOpening(store, { keeper, tabs, onSaved: listSaved });
  return {
    ...createImporting(store, files, begin),
    ...opening,
    listSaved,
    openSample: async () => begin(await sampleProject(newId("sample"), draw)),
  };
}
