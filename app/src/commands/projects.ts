// Projects: starting, opening, adding files, and saving automatically.

import type { Engine } from "../engine/client.js";
import { type FetchStart, fetchStart as fetchFromSite } from "../networks/starting-networks.js";
import { classesOfModel } from "../state/classes.js";
import {
  type Draw,
  emptyProject,
  isLabelled,
  newId,
  type SampleKind,
  sampleProject,
} from "../state/project.js";
import type { Store } from "../state/store.js";
import type { Autosave } from "../storage/autosave.js";
import { checkpointFacts } from "../storage/checkpoint-facts.js";
import type { Ask } from "./asking.js";
import { createImporting, type Importing, type ImportingWork } from "./importing.js";
import { messageOf } from "./message-of.js";
import { createOpening, type Opening, type Tabs } from "./opening.js";
import type { Segmentation } from "./segmentation.js";
import type { Slides } from "./slides.js";

export interface Projects extends Importing, Omit<Opening, "begin"> {
  openSample(kind?: SampleKind): Promise<void>;
  /** Opens the sample of nuclei with the network that comes with the app, and segments an image of it. */
  openDemo(): Promise<void>;
  /** Starts an empty project. */
  newProject(): Promise<void>;
  /** Reads the list of stored projects. */
  listSaved(): Promise<void>;
}

export interface ProjectParts {
  readonly draw: Draw;
  readonly files: ImportingWork;
  readonly testPackage?: Engine["testPackage"];
  readonly autosave: Autosave | undefined;
  readonly tabs?: Tabs;
  /** Without it nothing is asked: files are added to the project, networks are replaced. */
  readonly ask?: Ask;
  readonly fetchStart?: FetchStart;
  /** Segments images of the project; without it the demo only opens. */
  readonly segment?: Segmentation["segment"];
  /** Shows a slide that is among dropped files; without it they are read as images. */
  readonly openSlide?: Slides["openSlide"];
}

export function createProjects(store: Store, parts: ProjectParts): Projects {
  const { dispatch } = store;
  const { draw, files, autosave, tabs, ask, testPackage, fetchStart = fetchFromSite } = parts;
  const { segment = async () => {}, openSlide } = parts;
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
    ...createImporting(store, files, { begin, ask, testPackage, openSlide }),
    ...opening,
    listSaved,
    newProject: () => begin(emptyProject(newId("project"), "New project")),
    openSample: async (kind) => begin(await sampleProject(newId("sample"), draw, kind)),
    async openDemo() {
      try {
        const bytes = await fetchStart("nuclei");
        const { step, task } = await checkpointFacts(bytes, "nuclei");
        const sample = await sampleProject(newId("nuclei"), draw, "nuclei");
        const best = { bytes, step, fileName: "nuclei", run: { id: newId("file") } };
        const classes = classesOfModel({ classes: 2, ...task }, sample.classes);
        await begin({ ...sample, classes, training: { ...sample.training, best } }, "segment");
        const image = sample.images.find((one) => !isLabelled(one)) ?? sample.images[0];
        dispatch({ type: "view", changes: { image: image.name } });
        await segment([image.name]);
      } catch (error) {
        dispatch({ type: "notice", kind: "error", text: messageOf(error) });
      }
    },
  };
}
