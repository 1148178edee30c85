// The state after an action. Pure.

import { FILLED } from "../canvas/overlay.js";
import type { Action } from "./actions.js";
import { editedImages } from "./editing.js";
import { afterImport } from "./history.js";
import { noticed, summed, withoutOutlived } from "./notices.js";
import type { Project, Training } from "./project-types.js";
import { withoutRemoved } from "./removing.js";
import { startingFrom } from "./starting.js";
import { trained } from "./training.js";
import type { AppState } from "./types.js";

export const INITIAL: AppState = {
  page: "start",
  device: { kind: "opening" },
  access: "write",
  run: { kind: "idle" },
  predictions: {},
  live: {},
  notices: [],
  view: { opacity: 0.45, threshold: 0.5, contrast: [0, 1], look: FILLED, secondView: "nothing" },
  singleKeys: true,
  presetEstimates: {},
  speed: 1,
  brush: { tool: "brush", classIndex: 0, radius: 3 },
  history: [],
  undone: [],
  cellHistory: [],
  cellsUndone: [],
  saved: [],
  saving: "saved",
};

const NOTHING_TRAINED: Training = { losses: [], validations: [] };

export function reduce(state: AppState, action: Action): AppState {
  const next = reduced(state, action);
  const isOther = action.type === "open" || action.type === "close";
  // A project that is open in another tab cannot be changed here.
  if (state.access !== "write" && next.project !== state.project && !isOther) return state;
  return withoutOutlived(state, next);
}

function reduced(state: AppState, action: Action): AppState {
  switch (action.type) {
    case "go": {
      // Moving to another page dismisses all messages except errors.
      const notices = state.notices.filter(({ kind, removed }) => kind === "error" || removed);
      return { ...state, page: action.page, notices };
    }
    case "device":
      return { ...state, device: action.status };
    case "doctor":
      return state.device.kind === "ready"
        ? { ...state, device: { ...state.device, doctor: action.status } }
        : state;
    case "open":
      return opened(state, action);
    case "access":
      return { ...state, access: action.access };
    case "close": {
      return { ...INITIAL, ...keptOf(state) };
    }
    case "edit":
      return withImage(edited(state, action.project));
    case "label":
    case "paint":
    case "edit-cells":
    case "undo-cells":
    case "redo-cells":
    case "undo":
    case "redo":
    case "role":
    case "classes":
    case "delete-class":
    case "remove-image":
    case "restore-images":
      return withImage(editedImages(state, action));
    case "rename": {
      const { project } = state;
      return project ? { ...state, project: { ...project, name: action.name } } : state;
    }
    case "pixel-size": {
      const { project } = state;
      if (!project) return state;
      const { pixelSize: _, ...rest } = project;
      return { ...state, project: { ...rest, ...(action.size ? { pixelSize: action.size } : {}) } };
    }
    case "settings": {
      const { project } = state;
      if (!project) return state;
      const settings = { ...project.settings, ...action.changes };
      return { ...state, project: { ...project, settings } };
    }
    case "start-from": {
      const { project } = state;
      return project ? { ...state, project: startingFrom(project, action.name) } : state;
    }
    case "cells": {
      const { project } = state;
      if (!project) return state;
      return { ...state, project: { ...project, cells: { ...project.cells, ...action.changes } } };
    }
    case "view":
      return { ...state, view: { ...state.view, ...action.changes } };
    case "brush":
      return { ...state, brush: { ...state.brush, ...action.changes } };
    case "run":
      return { ...state, run: action.status };
    case "estimate":
      return { ...state, estimate: action.estimate };
    case "preset-estimates":
      return { ...state, presetEstimates: action.estimates };
    case "speed":
      return { ...state, speed: action.speed };
    case "training":
    case "checkpoint":
      return trained(state, action);
    case "forget-training":
      return forgotten(state);
    case "prediction":
      return {
        ...state,
        predictions: { ...state.predictions, [action.name]: action.prediction },
      };
    case "live":
      return { ...state, live: { ...state.live, [action.name]: action.prediction } };
    case "segmenting":
      return { ...state, segmenting: action.progress };
    case "single-keys":
      return { ...state, singleKeys: action.isOn };
    case "packing":
      return { ...state, packing: action.progress };
    case "importing":
      return { ...state, importing: action.progress };
    case "slide":
      return { ...state, slide: action.slide };
    case "question":
      return { ...state, question: action.question };
    case "asking":
      return { ...state, asking: action.question };
    case "notice": {
      const { type: _, ...notice } = action;
      return noticed(state, notice);
    }
    case "notices":
      return summed(state, action.topic, action.kind, action.sentences);
    case "settle":
      return { ...state, notices: state.notices.filter(({ topic }) => topic !== action.topic) };
    case "dismiss":
      return { ...state, notices: state.notices.filter(({ id }) => id !== action.id) };
    case "saved":
      return { ...state, saved: action.saved };
    case "persisted":
      return { ...state, persisted: action.persisted };
    case "saving":
      return { ...state, saving: action.saving };
  }
}

function opened(
  state: AppState,
  { project, page, access = "write", session }: Extract<Action, { type: "open" }>,
): AppState {
  const run = restingRun(project);
  const view = { ...INITIAL.view, ...session?.view };
  const own = { ...session, view, project, page, access, run };
  return withImage({ ...INITIAL, ...keptOf(state), ...own });
}

/** What is kept when another project is opened. */
function keptOf(state: AppState) {
  const { device, saved, persisted, importing, asking, question, singleKeys, speed, slide } = state;
  const { notices } = withoutRemoved(state);
  const own = { device, notices, saved, persisted, importing, asking, question };
  return { ...own, singleKeys, speed, slide };
}

/** The status of a project in which no run is in progress. */
function restingRun({ training }: Project): AppState["run"] {
  return training.last ? { kind: "paused" } : INITIAL.run;
}

/** Keeps the brush's class valid if a checkpoint has fewer classes. */
function edited(state: AppState, project: Project): AppState {
  const classIndex = Math.min(state.brush.classIndex, project.classes.length - 1);
  const histories = afterImport(state.project, project, state);
  // A network that came as a file is not that of the last run.
  const isOther = project.training.last !== state.project?.training.last;
  const run = isOther ? restingRun(project) : state.run;
  return { ...state, ...histories, run, project, brush: { ...state.brush, classIndex } };
}

/** The selected image, else the project's first. */
function withImage(state: AppState): AppState {
  const { project, view } = state;
  const isThere = project?.images.some(({ name }) => name === view.image);
  return isThere ? state : { ...state, view: { ...view, image: project?.images[0]?.name } };
}

/** Without its network: the next run starts from the beginning. */
function forgotten(state: AppState): AppState {
  const { project } = state;
  if (!project) return state;
  return {
    ...state,
    run: INITIAL.run,
    predictions: {},
    live: {},
    project: { ...project, training: NOTHING_TRAINED },
  };
}
