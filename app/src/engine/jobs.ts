// Requests to the engine, made from the state.

import { labelled, lastStep, runConfig } from "../state/project.js";
import type { ProjectImage } from "../state/project-types.js";
import type { AppState } from "../state/types.js";
import type { LabelledImage, TrainJob } from "./messages.js";

/**
 * The project's next run; if it does not continue one, it may start with the weights of `from`, a
 * checkpoint's file. Throws if there is nothing to train on.
 */
export function openingTrain({ project, view }: AppState, from?: Uint8Array): TrainJob {
  if (!project) throw new Error("there is no project to train on");
  const training = labelled(project, "training").map(asLabelled);
  if (training.length === 0) {
    throw new Error("Nothing to train on yet: paint a few pixels of each class first.");
  }
  const { model, task, training: config } = runConfig(project);
  const { best, last } = project.training;
  const watched = project.images.find(({ name }) => name === view.image) ?? project.images[0];
  return {
    training,
    validation: labelled(project, "validation").map(asLabelled),
    keepsPatches: project.keepsPatches ?? true,
    model,
    task,
    config: { ...config, steps: lastStep(project) },
    ...(last ? { resume: last.bytes } : {}),
    ...(from && !last ? { from } : {}),
    bestRun: (best ?? last)?.run,
    watched: { name: watched.name, raw: watched.raw },
  };
}

function asLabelled({ name, raw, label }: ProjectImage): LabelledImage {
  if (!label) throw new Error(`${name} has no label`);
  return { name, raw, label };
}
