// What a person changes of the images: labels, strokes, classes, roles.

import { copied, restored } from "../label/paint.js";
import type { Action } from "./actions.js";
import type { AppState, Project, ProjectImage } from "./types.js";

/** Strokes that can be taken back. */
const UNDO_LIMIT = 200;

type Edit = Extract<
  Action,
  { type: "label" | "paint" | "undo" | "role" | "classes" | "remove-image" }
>;

export function editedImages(state: AppState, action: Edit): AppState {
  const { project } = state;
  if (!project) return state;
  switch (action.type) {
    case "label": {
      const { name, label } = action;
      const image = project.images.find((one) => one.name === name);
      const history = state.history.filter((patch) => patch.image !== name);
      const area = { x: 0, y: 0, width: label.width, height: label.height };
      // Its former label comes back by undo, as a stroke's does.
      const before = image?.label && copied(image.label.data, label.width, area);
      const patch = before ? [{ image: name, area, before }] : [];
      return { ...change(state, project, name, { label }), history: [...history, ...patch] };
    }
    case "paint": {
      const { label, patch } = action;
      const history = [...state.history, patch].slice(-UNDO_LIMIT);
      return { ...change(state, project, patch.image, { label }), history };
    }
    case "undo":
      return undone(state, project);
    case "role":
      return change(state, project, action.name, { role: action.role });
    case "classes": {
      const { classes } = action;
      const images = project.images.map((image) =>
        image.label ? { ...image, label: { ...image.label, classes: classes.length } } : image,
      );
      return { ...state, project: { ...project, classes, images } };
    }
    case "remove-image": {
      const isOther = ({ name }: ProjectImage) => name !== action.name;
      const history = state.history.filter(({ image }) => image !== action.name);
      const { [action.name]: _, ...predictions } = state.predictions;
      const images = project.images.filter(isOther);
      return { ...state, history, predictions, project: { ...project, images } };
    }
  }
}

function undone(state: AppState, project: Project): AppState {
  const patch = state.history.at(-1);
  const image = project.images.find(({ name }) => name === patch?.image);
  if (!patch || !image?.label) return state;
  const data = restored(image.label.data, image.label.width, patch.area, patch.before);
  const next = change(state, project, image.name, { label: { ...image.label, data } });
  // Who takes a stroke back wants to see it go.
  const view = { ...state.view, image: image.name };
  return { ...next, view, history: state.history.slice(0, -1) };
}

function change(
  state: AppState,
  project: Project,
  name: string,
  changes: Partial<ProjectImage>,
): AppState {
  const images = project.images.map((image) =>
    image.name === name ? { ...image, ...changes } : image,
  );
  return { ...state, project: { ...project, images } };
}
