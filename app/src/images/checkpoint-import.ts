// A dropped checkpoint becomes the network of a project.

import { type Checkpoint, classFieldsOf } from "../../../src/index.js";
import { decodeNetwork } from "../networks/decode-network.js";
import { classesOfModel } from "../state/classes.js";
import { hasNetwork, isLabelled, newId } from "../state/project.js";
import type { Project, StoredCheckpoint, Training } from "../state/project-types.js";
import { settingsOf, variantOf } from "../state/settings.js";
import { factsOf } from "../storage/checkpoint-facts.js";

/** Whether the network of this file, with that many steps, replaces that of the project. */
export type AskReplace = (fileName: string, step: number) => Promise<boolean>;

/**
 * Adds the checkpoint. Errors name the file: damaged, or with other channels or classes than the project. A
 * replaced network is removed with its curves; without an answer it is replaced.
 */
export async function addCheckpoint(
  project: Project,
  { path, bytes }: { readonly path: string; readonly bytes: Uint8Array },
  askReplace: AskReplace = async () => true,
): Promise<Project> {
  const checkpoint = await decodeNetwork(bytes, path);
  checkFit(project, checkpoint, path);
  const { model, size, task, training, step, figures, goesOn } = factsOf(checkpoint);
  const fileName = path.split("/").at(-1) ?? path;
  const stored = { bytes, step, figures, fileName, run: { id: newId("file") } };
  const isOfRun = hasNetwork(project) && (await isSameRun(project.training, checkpoint.metadata));
  if (hasNetwork(project) && !isOfRun && !(await askReplace(fileName, step))) return project;
  const settings = training
    ? settingsOf({ ...project.settings, ...variantOf(), ...model }, training)
    : {
        ...project.settings,
        ...(size ? { ...size, ...variantOf(model), dropout: model.dropout as number } : {}),
      };
  const classes = classesOfModel(classFieldsOf({ model, task }), project.classes);
  const own = placesOf(stored, goesOn);
  return {
    ...project,
    classes,
    images: project.images.map((image) =>
      image.label ? { ...image, label: { ...image.label, classes: classes.length } } : image,
    ),
    settings,
    ...(task?.objects ? { objects: task.objects.kind } : {}),
    training: isOfRun ? { ...project.training, ...own } : { losses: [], validations: [], ...own },
  };
}

/** A last checkpoint that is not its run's best only continues; one without optimiser state only predicts. */
function placesOf(stored: StoredCheckpoint, goesOn: boolean): Pick<Training, "best" | "last"> {
  if (!goesOn) return { best: stored };
  return stored.figures ? { best: stored, last: stored } : { last: stored };
}

/** Whether the project's network comes from the same run, as best and last checkpoints do. */
async function isSameRun(
  { best, last }: Training,
  metadata: Checkpoint["metadata"],
): Promise<boolean> {
  const known = best ?? last;
  const run = runOf(metadata);
  if (!known || !run) return false;
  return run === runOf((await decodeNetwork(known.bytes, "checkpoint")).metadata);
}

/** Equal for checkpoints of one run with one best step; undefined if the file lacks the information. */
function runOf({ model, training, progress }: Checkpoint["metadata"]): string | undefined {
  const { base, depth, channels, classes } = model;
  const { best } = progress ?? {};
  return best && JSON.stringify([base, depth, channels, classes, training, best]);
}

function checkFit(project: Project, { metadata }: Checkpoint, path: string): void {
  const { channels, classes } = metadata.model;
  const have = project.images[0]?.raw.channels;
  if (have !== undefined && have !== channels) {
    throw new Error(
      `${path}: its network is for images with ${channels} channels, but this project's have ${have}`,
    );
  }
  // If nothing is labelled or trained, the project takes the network's classes.
  const isOpen = !hasNetwork(project) && !project.images.some(isLabelled);
  if (!isOpen && classes !== project.classes.length) {
    throw new Error(
      `${path}: its network has ${classes} classes, but this project has ${project.classes.length}`,
    );
  }
}
