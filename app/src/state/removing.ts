// Removing images, and restoring them.

import { withoutEditsOf } from "./cell-edits.js";
import { withoutImage } from "./history.js";
import type { Project, ProjectImage } from "./project-types.js";
import type { AppState, Notice, RemovedImage } from "./types.js";
import { countText } from "./words.js";

/** Removes the image; a notice can restore it, with those that were removed just before. */
export function removed(state: AppState, project: Project, name: string): AppState {
  const index = project.images.findIndex((image) => image.name === name);
  if (index < 0) return state;
  const image = project.images[index];
  const { [name]: prediction, ...predictions } = state.predictions;
  const { [name]: _, ...live } = state.live;
  const history = state.history.filter((patch) => patch.image === name);
  const earlier = state.notices.find((notice) => notice.removed);
  const all = [...(earlier?.removed ?? []), { image, index, prediction, history }];
  const others = state.notices.filter((notice) => notice !== earlier);
  const id = 1 + Math.max(0, ...state.notices.map((notice) => notice.id));
  const notice: Notice = { id, kind: "info", text: textOf(all), removed: all };
  const images = project.images.filter((one) => one !== image);
  return {
    ...state,
    ...withoutImage(state, name),
    ...withoutEditsOf(state, name),
    predictions,
    live,
    notices: [...others, notice],
    project: { ...project, images },
  };
}

/** Notices that can no longer restore images, since the project or its classes have changed. */
export function withoutRemoved(state: AppState): AppState {
  return { ...state, notices: state.notices.filter((notice) => !notice.removed) };
}

function textOf(all: readonly RemovedImage[]): string {
  const [{ image }] = all;
  const labels = all.filter((one) => one.image.label).length;
  if (all.length > 1) {
    const what = labels > 0 ? ` and ${countText(labels, "label")}` : "";
    return `${countText(all.length, "image")}${what} removed.`;
  }
  return `${image.name}${labels > 0 ? " and its label were" : " was"} removed.`;
}

/** Restores the images of a notice at their former places, the newest first. */
export function restored(state: AppState, project: Project, notice: number): AppState {
  const all = state.notices.find(({ id }) => id === notice)?.removed ?? [];
  const images = [...project.images];
  const history = [...state.history];
  const predictions = { ...state.predictions };
  for (const { image, index, ...own } of [...all].reverse()) {
    // Another image of that name may have been added since.
    if (images.some(({ name }) => name === image.name)) continue;
    images.splice(index, 0, inClasses(image, project.classes.length));
    history.unshift(...own.history);
    if (own.prediction) predictions[image.name] = own.prediction;
  }
  const notices = state.notices.filter(({ id }) => id !== notice);
  return { ...state, history, predictions, notices, project: { ...project, images } };
}

/** The project's classes may have changed since. */
function inClasses(image: ProjectImage, classes: number): ProjectImage {
  return image.label ? { ...image, label: { ...image.label, classes } } : image;
}
