// A dropped checkpoint becomes the network of a project.

import { type Checkpoint, decodeSafetensors } from "../../../src/index.js";
import { classesOfModel } from "../state/classes.js";
import { hasNetwork, isLabelled, settingsOf } from "../state/project.js";
import type { Project } from "../state/types.js";
import type { NamedFile } from "./sort-files.js";

/** Errors name the file: damaged, or of other channels or classes than the project. */
export async function addCheckpoint(project: Project, { path, file }: NamedFile): Promise<Project> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const checkpoint = decodeSafetensors(bytes, path);
  checkFit(project, checkpoint, path);
  const { model, training, progress } = checkpoint.metadata;
  const stored = { bytes, step: progress?.step ?? 0, figures: progress?.best };
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
    training: { ...project.training, best: stored, ...(goesOn ? { last: stored } : {}) },
  };
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
