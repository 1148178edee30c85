// Undo and redo of changes to labels.

import { copied, restored } from "../label/paint.js";
import { emptyLabel, isLabelled } from "./project.js";
import type { Project, ProjectImage } from "./project-types.js";
import type { AppState, LabelPatch } from "./types.js";

/** Limits of the history: 200 strokes, and 256 MiB, for changes that replaced whole labels of large images. */
const MOST_PATCHES = 200;
const MOST_BYTES = 2 ** 28;

type Histories = Pick<AppState, "history" | "undone">;

/** The history after a change that `patch` undoes: what was undone before can no longer be redone. */
export function withPatch({ history }: Histories, patch: LabelPatch): Histories {
  return { history: limited([...history, patch]), undone: [] };
}

/** Without the changes of an image. */
export function withoutImage({ history, undone }: Histories, name: string): Histories {
  const isOther = ({ image }: LabelPatch) => image !== name;
  return { history: history.filter(isOther), undone: undone.filter(isOther) };
}

/** The patch that restores the image's current label. */
export function labelPatch({ name, raw, label }: ProjectImage): LabelPatch {
  const { width, height } = raw;
  const area = { x: 0, y: 0, width, height };
  // Labels are replaced, never changed in place, so no copy is needed.
  return { image: name, area, before: (label ?? emptyLabel(raw, 2)).data };
}

/** Undoes the newest change, or redoes the one that was undone last. */
export function stepped(state: AppState, project: Project, way: "undo" | "redo"): AppState {
  const [from, to] =
    way === "undo" ? (["history", "undone"] as const) : (["undone", "history"] as const);
  const patch = state[from].at(-1);
  const image = project.images.find(({ name }) => name === patch?.image);
  if (!patch || !image) return state;
  const { area, before } = patch;
  const label = image.label ?? emptyLabel(image.raw, project.classes.length);
  const back = { ...patch, before: copied(label.data, label.width, area) };
  const data = restored(label.data, label.width, area, before);
  const changed = { ...image, label: { ...label, data } };
  const images = project.images.map((one) => (one === image ? changed : one));
  return {
    ...state,
    project: { ...project, images },
    // Show the image whose change is undone.
    view: { ...state.view, image: image.name },
    [from]: state[from].slice(0, -1),
    [to]: [...state[to], back],
  };
}

/**
 * The history after files were added: replacing a label by a file can be undone, and earlier strokes on that
 * image are no longer the newest changes.
 */
export function afterImport(
  before: Project | undefined,
  after: Project,
  was: Histories,
): Histories {
  const earlier = new Map(before?.images.map((image) => [image.name, image]));
  let histories = was;
  for (const image of after.images) {
    const old = earlier.get(image.name);
    if (!old || old.label?.data === image.label?.data) continue;
    histories = isLabelled(old)
      ? withPatch(histories, labelPatch(old))
      : withoutImage(histories, image.name);
  }
  return histories;
}

function limited(patches: readonly LabelPatch[]): readonly LabelPatch[] {
  const kept = patches.slice(-MOST_PATCHES);
  let bytes = kept.reduce((sum, { before }) => sum + before.length, 0);
  let first = 0;
  // The newest is kept, however large it is.
  while (bytes > MOST_BYTES && first < kept.length - 1) bytes -= kept[first++].before.length;
  return kept.slice(first);
}
