// Changes that the user makes to images: labels, strokes, classes, roles, corrections of cells.

import type { Action } from "./actions.js";
import { steppedEdits, withEdits } from "./cell-edits.js";
import { withoutClass } from "./class-deletion.js";
import { labelPatch, stepped, withPatch } from "./history.js";
import type { Project, ProjectImage } from "./project-types.js";
import { removed, restored, withoutRemoved } from "./removing.js";
import type { AppState } from "./types.js";

type Edit = Extract<
  Action,
  {
    type:
      | "label"
      | "paint"
      | "edit-cells"
      | "undo-cells"
      | "redo-cells"
      | "undo"
      | "redo"
      | "role"
      | "classes"
      | "delete-class"
      | "remove-image"
      | "restore-images";
  }
>;

export function editedImages(state: AppState, action: Edit): AppState {
  const { project } = state;
  if (!project) return state;
  switch (action.type) {
    case "label": {
      const { name, label } = action;
      const image = project.images.find((one) => one.name === name);
      // Undo brings back the former label, even an empty one, as after a stroke.
      const histories = image ? withPatch(state, labelPatch(image)) : {};
      return { ...change(state, project, name, { label }), ...histories };
    }
    case "paint": {
      const { label, patch } = action;
      return { ...change(state, project, patch.image, { label }), ...withPatch(state, patch) };
    }
    case "edit-cells":
      return withEdits(state, project, action.name, action.edits);
    case "undo-cells":
      return steppedEdits(state, project, "undo");
    case "redo-cells":
      return steppedEdits(state, project, "redo");
    case "undo":
    case "redo":
      return stepped(state, project, action.type);
    case "role":
      return change(state, project, action.name, { role: action.role });
    case "classes": {
      const { classes } = action;
      const images = project.images.map((image) =>
        image.label ? { ...image, label: { ...image.label, classes: classes.length } } : image,
      );
      return { ...state, project: { ...project, classes, images } };
    }
    case "delete-class":
      return withoutRemoved(withoutClass(state, project, action.index));
    case "remove-image":
      return removed(state, project, action.name);
    case "restore-images":
      return restored(state, project, action.notice);
  }
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
