// Manual corrections of cells: a list for each image, applied to the cells of its current prediction.
// Undo reverts the newest change, also one of an earlier session.

import type { ObjectEdit, PixelPlace } from "../../../src/objects/index.js";
import type { Size } from "../canvas/geometry.js";
import type { Project } from "./project-types.js";
import type { AppState, EditsPatch } from "./types.js";

/** More changes cannot be undone. */
const MOST = 200;

const editsIn = (project: Project, name: string) =>
  project.images.find((image) => image.name === name)?.edits ?? [];

/** The image with another list of edits. */
export function withEdits(
  state: AppState,
  project: Project,
  name: string,
  edits: readonly ObjectEdit[],
): AppState {
  const patch = { image: name, before: editsIn(project, name) };
  const cellHistory = [...state.cellHistory, patch].slice(-MOST);
  return { ...changed(state, project, name, edits), cellHistory, cellsUndone: [] };
}

/** The change that undo takes back: the newest of this session, else the last edit of the image on show. */
export function undoable({ cellHistory, project, view }: AppState): EditsPatch | undefined {
  const newest = cellHistory.at(-1);
  if (newest || !project || view.image === undefined) return newest;
  const edits = editsIn(project, view.image);
  return edits.length > 0 ? { image: view.image, before: edits.slice(0, -1) } : undefined;
}

/** Undoes the newest change, or makes the one again that was undone last. */
export function steppedEdits(state: AppState, project: Project, way: "undo" | "redo"): AppState {
  const patch = way === "undo" ? undoable(state) : state.cellsUndone.at(-1);
  if (!patch) return state;
  const { image, before } = patch;
  const back = { image, before: editsIn(project, image) };
  const { cellHistory, cellsUndone } = state;
  const [history, undone] =
    way === "undo"
      ? [cellHistory.slice(0, -1), [...cellsUndone, back]]
      : [[...cellHistory, back], cellsUndone.slice(0, -1)];
  const next = changed(state, project, image, before);
  // Show the image whose change is undone.
  const view = { ...next.view, image };
  return { ...next, view, cellHistory: history, cellsUndone: undone };
}

/** The histories without the changes of an image. */
export function withoutEditsOf(
  { cellHistory, cellsUndone }: Pick<AppState, "cellHistory" | "cellsUndone">,
  name: string,
) {
  const isOther = ({ image }: EditsPatch) => image !== name;
  return { cellHistory: cellHistory.filter(isOther), cellsUndone: cellsUndone.filter(isOther) };
}

function changed(
  state: AppState,
  project: Project,
  name: string,
  edits: readonly ObjectEdit[],
): AppState {
  const images = project.images.map((image) => {
    if (image.name !== name) return image;
    const { edits: _, ...rest } = image;
    return edits.length > 0 ? { ...rest, edits } : rest;
  });
  return { ...state, project: { ...project, images } };
}

/** The edits as far as they are valid: a file of a project may hold anything. */
export function knownEdits(stored: unknown, size: Size): readonly ObjectEdit[] {
  const list: readonly unknown[] = Array.isArray(stored) ? stored : [];
  return list.flatMap((one): ObjectEdit[] => {
    const { kind, points, line } = (one ?? {}) as Readonly<Record<string, unknown>>;
    const [first, second] = placesIn(points, size);
    if (kind === "delete" && first) return [{ kind, points: [first] }];
    if (!first || !second) return [];
    if (kind === "merge") return [{ kind, points: [first, second] }];
    const [from, to] = placesIn(line, size);
    if (kind !== "split" || !from || !to) return [];
    return [{ kind, points: [first, second], line: [from, to] }];
  });
}

/** The pixels of the image in a stored list. */
function placesIn(stored: unknown, { width, height }: Size): PixelPlace[] {
  const list: readonly unknown[] = Array.isArray(stored) ? stored : [];
  return list.flatMap((one) => {
    const { x, y } = (one ?? {}) as PixelPlace;
    const isIn = (value: number, end: number) =>
      Number.isInteger(value) && value >= 0 && value < end;
    return isIn(x, width) && isIn(y, height) ? [{ x, y }] : [];
  });
}
