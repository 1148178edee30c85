// Images that are removed, and brought back.

import { withoutImage } from "./history.js";
import type { Project, ProjectImage } from "./project-types.js";
import type { AppState, Notice, RemovedImage } from "./types.js";
import { countText } from "./words.js";

/** Without the image; a notice can bring it back, with those that were removed just before. */
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
    predictions,
    live,
    notices: [...others, notice],
    project: { ...project, images },
  };
}

/** Without a way back: the images are of another project, or their labels of other classes. */
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

/** With the images of a notice where they were, the newest first. */
export function restored(state: AppState, project: Project, notice: number): AppState {
  const all = state.notices.find(({ id }) => id === notice)?.removed ?? [];
  const images = [...project.images];
  const history = [...state.history];
  const predictions = { ...state.predictions };
  for (const { image, index, ...own } of [...all].reverse()) {
    // One of its name may have come meanwhile.
    if (images.some(({ name }) => name === image.name)) continue;
    images.splice(index, 0, inClasses(image, project.classes.length));
    history.unshift(...own.history);
    if (own.prediction) predictions[image.name] = own.prediction;
  }
  const notices = state.notices.filter(({ id }) => id !== notice);
  return { ...state, history, predictions, notices, project: { ...project, images } };
}

/** The project may have other classes by now. */
function inClasses(image: ProjectImage, classes: number): ProjectImage {
  return image.label ? { ...image, label: { ...image.label, classes } } : image;
}
