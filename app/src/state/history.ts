// Changes of labels that can be taken back, and made again.

import { copied, restored } from "../label/paint.js";
import { emptyLabel, isLabelled } from "./project.js";
import type { Project, ProjectImage } from "./project-types.js";
import type { AppState, LabelPatch } from "./types.js";

/** What is kept of them: 200 strokes, and 256 MiB, where each replaced a label of a large image. */
const MOST_PATCHES = 200;
const MOST_BYTES = 2 ** 28;

type Histories = Pick<AppState, "history" | "undone">;

/** After a change that `patch` takes back: what was taken back before cannot be made again. */
export function withPatch({ history }: Histories, patch: LabelPatch): Histories {
  return { history: limited([...history, patch]), undone: [] };
}

/** Without the changes of an image. */
export function withoutImage({ history, undone }: Histories, name: string): Histories {
  const isOther = ({ image }: LabelPatch) => image !== name;
  return { history: history.filter(isOther), undone: undone.filter(isOther) };
}

/** What gives the image the label back that it has now. */
export function labelPatch({ name, raw, label }: ProjectImage): LabelPatch {
  const { width, height } = raw;
  const area = { x: 0, y: 0, width, height };
  // Labels are replaced and never changed in place: no copy is needed.
  return { image: name, area, before: (label ?? emptyLabel(raw, 2)).data };
}

/** Takes the newest change back, or makes again what was taken back last. */
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
    // Who takes a change back wants to see it go.
    view: { ...state.view, image: image.name },
    [from]: state[from].slice(0, -1),
    [to]: [...state[to], back],
  };
}

/**
 * The changes after files were added: a label that a file replaced can be taken back, and what was
 * painted on an image before it is no longer the newest.
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
  // The newest stays, however large.
  while (bytes > MOST_BYTES && first < kept.length - 1) bytes -= kept[first++].before.length;
  return kept.slice(first);
}
