// Deletes a class from a project, with its labelled pixels.

import { IGNORED, type LabelMap } from "../../../src/index.js";
import { hasNetwork } from "./project.js";
import type { Project } from "./project-types.js";
import type { AppState } from "./types.js";

/** Why no class can be deleted, in words; undefined if one can. */
export function deletionProblem(project: Project): string | undefined {
  if (hasNetwork(project)) {
    return "The network was trained on these classes: reset it under Train to change them.";
  }
  return project.classes.length > 2 ? undefined : "A network needs at least two classes.";
}

/** Whether a pixel of some image is labelled as the class. */
export const isPainted = ({ images }: Project, index: number) =>
  images.some(({ label }) => label?.data.includes(index));

/**
 * The project without the class: its pixels become unlabelled, and the classes after it move up. Earlier
 * strokes can no longer be undone, since they hold indices of the former classes.
 */
export function withoutClass(state: AppState, project: Project, index: number): AppState {
  if (deletionProblem(project)) return state;
  const classes = project.classes.filter((_, at) => at !== index);
  const images = project.images.map((image) =>
    image.label ? { ...image, label: withoutIndex(image.label, index) } : image,
  );
  // How label files were read maps their numbers to the former classes, and the cell may be one of them.
  const { labelReading: _, cells, ...rest } = project;
  const after = (at: number) => (at > index ? at - 1 : at);
  const { look } = state.view;
  const hidden = look.hidden.filter((at) => at !== index).map(after);
  const classIndex = Math.min(after(state.brush.classIndex), classes.length - 1);
  return {
    ...state,
    project: {
      ...rest,
      classes,
      images,
      ...(cells ? { cells: { ...cells, cellClass: undefined } } : {}),
    },
    brush: { ...state.brush, classIndex },
    view: { ...state.view, look: { ...look, hidden } },
    history: [],
    undone: [],
  };
}

function withoutIndex({ width, height, classes, data }: LabelMap, index: number): LabelMap {
  const changed = data.slice();
  // By index: other loops over a large label take five times as long until they are compiled.
  for (let i = 0; i < changed.length; i++) {
    if (changed[i] === index) changed[i] = IGNORED;
    else if (changed[i] > index && changed[i] !== IGNORED) changed[i]--;
  }
  return { width, height, classes: classes - 1, data: changed };
}
