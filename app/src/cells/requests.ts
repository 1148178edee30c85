// Requests for the cells of images, made from the state.

import type { ObjectTask } from "../../../src/index.js";
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
  /** With two classes, a pixel is class 1 above it. */
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
export function cellOptions({ project, threshold, task }: CellContext): CellOptions {
  const { cells = {}, classes } = project;
  const { smallest, holes, cellClass } = cells;
  const separation = separationOf(cells, task);
  // The cell may be class 0: it is where class 1 is not.
  const own = cellClass === 0 ? 1 - threshold : threshold;
  return {
    separation: separation === "never" ? Infinity : separation,
    smallest,
    holes,
    threshold: classes.length === 2 ? Math.min(own, MOST_THRESHOLD) : undefined,
  };
}

/** The largest threshold that anything is above, in 16 bits. */
const MOST_THRESHOLD = 65534 / 65535;

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
