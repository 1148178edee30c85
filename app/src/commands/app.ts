// The commands of the app: each changes the state by actions, or calls the engine or the storage.

import type { CellWork } from "../cells/work.js";
import type { Engine, EngineEvent } from "../engine/client.js";
import type { FileWork } from "../files/work.js";
import type { SlideWork } from "../slides/slide-work.js";
import type { Store } from "../state/store.js";
import type { Autosave } from "../storage/autosave.js";
import type { TabLocks } from "../storage/tab-locks.js";
import { type Asking, createAsking } from "./asking.js";
import { type Cells, createCells } from "./cells.js";
import { keepEstimating } from "./estimating.js";
import { createExamining, type Examining } from "./examining.js";
import { createNetworkExports, type NetworkExports } from "./network-exports.js";
import { createOutputs, type Outputs } from "./outputs.js";
import { keepPresetEstimates } from "./preset-estimates.js";
import { createProjects, type Projects } from "./projects.js";
import { createSegmentation, type Segmentation } from "./segmentation.js";
import { createSlides, type Slides } from "./slides.js";
import { createTraining, type Training } from "./training.js";

export interface App
  extends Store,
    Asking,
    Projects,
    Segmentation,
    Outputs,
    NetworkExports,
    Cells,
    Examining,
    Slides {
  /** Number of objects and shares of the classes in a prediction. */
  readonly figures: FileWork["figures"];
  readonly train: Training["train"];
  readonly pause: Training["pause"];
  readonly finish: Training["finish"];
}

export interface AppParts {
  readonly store: Store;
  connect(onEvent: (event: EngineEvent) => void): Engine;
  readonly files: FileWork;
  connectCells(): CellWork;
  connectSlides(): SlideWork;
  /** Undefined if the browser has no storage: projects then exist only as long as the page. */
  readonly autosave: Autosave | undefined;
  readonly locks: TabLocks;
}

export function createApp(parts: AppParts): App {
  const { store, connect, files, connectCells, connectSlides, autosave, locks } = parts;
  const engine = connect((event) => training.take(event));
  const asking = createAsking(store);
  const training = createTraining(store, engine, { ask: asking.ask });
  const segmentation = createSegmentation(store, engine);
  const cells = createCells(store, files, connectCells);
  const slides = createSlides(store, connectSlides);
  engine.open();
  keepEstimating(store, engine);
  keepPresetEstimates(store, engine);
  const { train, pause, finish, endRun } = training;
  return {
    ...store,
    ...asking,
    ...createProjects(store, {
      draw: engine.draw,
      testPackage: engine.testPackage,
      segment: segmentation.segment,
      openSlide: slides.openSlide,
      files,
      autosave,
      tabs: { locks, endRun },
      ask: asking.ask,
    }),
    ...segmentation,
    ...createNetworkExports(store, files, engine),
    ...createExamining(store, engine),
    ...createOutputs(store, files, cells),
    ...cells,
    ...slides,
    figures: files.figures,
    train,
    pause,
    finish,
  };
}
