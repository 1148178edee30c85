// A dropped checkpoint becomes the network of a project.

import { type Checkpoint, decodeSafetensors } from "../../../src/index.js";
import { classesOfModel } from "../state/classes.js";
import { hasNetwork, isLabelled, newId, settingsOf } from "../state/project.js";
import type { Project, StoredCheckpoint, Training } from "../state/types.js";
import type { NamedFile } from "./sort-files.js";

/** Errors name the file: damaged, or of other channels or classes than the project. */
export async function addCheckpoint(project: Project, { path, file }: NamedFile): Promise<Project> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const checkpoint = decodeSafetensors(bytes, path);
  checkFit(project, checkpoint, path);
  const { model, training, progress } = checkpoint.metadata;
  const step = progress?.step ?? 0;
  // A last checkpoint has the figures of the best one, which is another network.
  const figures = progress?.best?.step === step ? progress.best : undefined;
  const fileName = path.split("/").at(-1);
  const stored = { bytes, step, figures, fileName, run: { id: newId("file") } };
  // Only a last checkpoint, with the optimiser's state, can be gone on with.
  const goesOn = [...checkpoint.tensors.keys()].some((name) => name.startsWith("optimizer."));
  const { base, depth, dropout } = model;
  const settings = training
    ? settingsOf(model, training)
    : { ...project.settings, base, depth, dropout };
  const classes = classesOfModel(model, project.classes);
  return {
    ...project,
    classes,
    images: project.images.map((image) =>
      image.label ? { ...image, label: { ...image.label, classes: classes.length } } : image,
    ),
    settings,
    training: { ...project.training, ...places(stored, goesOn, project.training.best, progress) },
  };
}

/** A last checkpoint that is not its run's best is what goes on, next to the best of the same run. */
function places(
  stored: StoredCheckpoint,
  goesOn: boolean,
  best: StoredCheckpoint | undefined,
  progress: Checkpoint["metadata"]["progress"],
): Pick<Training, "best" | "last"> {
  if (!goesOn) return { best: stored };
  if (stored.figures) return { best: stored, last: stored };
  const isOfRun = best !== undefined && best.step === progress?.best?.step;
  return { best: isOfRun ? best : undefined, last: stored };
}

function checkFit(project: Project, { metadata }: Checkpoint, path: string): void {
  const { channels, classes } = metadata.model;
  const have = project.images[0]?.raw.channels;
  if (have !== undefined && have !== channels) {
    throw new Error(
      `${path}: its network is for ${channels}-channel images, this project's have ${have}`,
    );
  }
  // Where nobody labelled and nothing was trained, the classes are the network's.
  const isOpen = !hasNetwork(project) && !project.images.some(isLabelled);
  if (!isOpen && classes !== project.classes.length) {
    throw new Error(
      `${path}: its network has ${classes} classes, this project has ${project.classes.length}`,
    );
  }
}
