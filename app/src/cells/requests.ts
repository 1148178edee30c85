// Requests for the cells of images, made from the state.

import type { ObjectTask } from "../../../src/index.js";
import { DEFAULT_THRESHOLD } from "../../../src/objects/index.js";
import { type CellSettings, NO_FILTER } from "../state/cell-settings.js";
import { currentPredictions } from "../state/network.js";
import { pixelSizeOf } from "../state/pixel-size.js";
import type { Project, ProjectImage } from "../state/project-types.js";
import type { AppState, StepPrediction } from "../state/types.js";
import { imageFileName } from "../storage/project-files.js";
import type { CellRequest } from "./finder.js";
import type { CellFilesOf, CellOptions } from "./work.js";

/** Everything that the separation of cells depends on. */
export interface CellContext {
  readonly project: Pick<Project, "classes" | "cells" | "pixelSize">;
  /** That of the mask: with two classes, a pixel is class 1 above it. */
  readonly threshold: number;
  /** What the network was trained on. */
  readonly task: ObjectTask | undefined;
}

export function cellRequest(
  image: ProjectImage,
  prediction: StepPrediction,
  context: CellContext,
): CellRequest {
  const { name, raw } = image;
  const { project, task } = context;
  const pixelSize = pixelSizeOf(project, image);
  const options = { ...cellOptions(context), pixelSize, edits: image.edits };
  const cellClass = project.cells?.cellClass;
  return { name, raw, prediction, cellClass, kind: task?.kind, options };
}

/** The defaults are those of `micrograph predict --objects`. */
export function cellOptions(context: CellContext): CellOptions {
  const { cells = {} } = context.project;
  const { smallest, holes } = cells;
  const separation = separationOf(cells, context.task);
  return {
    separation: separation === "never" ? Infinity : separation,
    smallest,
    holes,
    threshold: cellThreshold(context),
  };
}

/** The largest threshold that anything is above, in 16 bits. */
const MOST_THRESHOLD = 65534 / 65535;

/** The probability above which a pixel is cell: the user's, else that of the network, else that of the mask. */
export function cellThreshold({ project, threshold, task }: CellContext): number {
  const { cells = {}, classes } = project;
  const { cellClass } = cells;
  // That of the network is for the class that it calls cell.
  const chosen = cells.threshold ?? (cellClass === undefined ? task?.threshold : undefined);
  if (chosen !== undefined) return Math.min(chosen, MOST_THRESHOLD);
  if (classes.length !== 2) return DEFAULT_THRESHOLD;
  // The cell may be class 0: it is where class 1 is not.
  return Math.min(cellClass === 0 ? 1 - threshold : threshold, MOST_THRESHOLD);
}

/** Undefined for the default of `separateObjects`. */
export function separationOf(
  { separation }: CellSettings,
  task: ObjectTask | undefined,
): CellSettings["separation"] {
  return separation ?? task?.separation;
}

/** The requests for all images that the network in use has segmented, with what their files have. */
export function allCellRequests(
  { predictions, view }: Pick<AppState, "predictions" | "view">,
  project: Project,
  task: ObjectTask | undefined,
): readonly (readonly [CellRequest, CellFilesOf])[] {
  const context = { project, threshold: view.threshold, task };
  const current = currentPredictions(predictions, project.training);
  const filter = project.cells?.filter ?? NO_FILTER;
  return project.images.flatMap((image) => {
    const prediction = current[image.name];
    if (!prediction) return [];
    const of = { file: imageFileName(image), filter };
    return [[cellRequest(image, prediction, context), of] as const];
  });
}
