// Projects as values: new projects, and what is derived from one.

import {
  type BuiltInConfig,
  IGNORED,
  type LabelMap,
  modelConfig,
  type ObjectKind,
  type PixelSize,
  type RawImage,
  type SyntheticOptions,
  selectValidation,
  syntheticNuclei,
  syntheticSample,
  type Task,
  type TrainingConfig,
  trainingConfig,
} from "../../../src/index.js";
import { classFields, renamed, TWO_CLASSES } from "./classes.js";
import type { Project, ProjectImage } from "./project-types.js";
import { DATA_SETTINGS, isOfNetwork, NUCLEI_SETTINGS, SAMPLE_SETTINGS } from "./settings.js";
import { countText } from "./words.js";

/** Side of the images of the samples, in pixels. */
const SAMPLE_SIZE = 256;

export type SampleKind = "membranes" | "nuclei";

interface SampleFacts extends Pick<Project, "name" | "classes" | "settings" | "objects"> {
  readonly stem: string;
  readonly seed: number;
  /** Number of images, and how many of them are labelled: the others are there to be corrected. */
  readonly count: number;
  readonly labelled: number;
  readonly pixelSize?: PixelSize;
}

const SAMPLES: Readonly<Record<SampleKind, SampleFacts>> = {
  membranes: {
    name: "Sample",
    stem: "synthetic",
    seed: 1,
    count: 12,
    labelled: 10,
    classes: TWO_CLASSES,
    settings: SAMPLE_SETTINGS,
  },
  nuclei: {
    name: "Nuclei",
    stem: "nuclei",
    seed: 101,
    // Gaps between nuclei are rare pixels, so more images are needed.
    count: 24,
    labelled: 20,
    classes: renamed(TWO_CLASSES, ["background", "nuclei"]),
    settings: NUCLEI_SETTINGS,
    objects: "gap",
    // As of an objective of 20x: the nuclei are of usual size.
    pixelSize: { x: 0.5, y: 0.5 },
  },
};

/** How many classes labels of single cells have. */
export const OBJECT_CLASSES: Readonly<Record<ObjectKind, number>> = { gap: 2, border: 3 };

/** Draws a picture of a sample: `drawSample`, here or in a Worker. */
export type Draw = (
  options: SyntheticOptions,
  kind?: SampleKind,
) => DrawnSample | Promise<DrawnSample>;

export type DrawnSample = ReturnType<typeof syntheticSample>;

export function drawSample(options: SyntheticOptions, kind: SampleKind = "membranes"): DrawnSample {
  if (kind === "membranes") return syntheticSample(options);
  const { image, label } = syntheticNuclei(options);
  return { image, label };
}

/** An embedded sample: drawn cells, the same in every session, as 8-bit grey images. */
export async function sampleProject(
  id: string,
  draw: Draw = drawSample,
  kind: SampleKind = "membranes",
): Promise<Project> {
  const [width, height] = [SAMPLE_SIZE, SAMPLE_SIZE];
  const { stem, seed, count, labelled, pixelSize, ...facts } = SAMPLES[kind];
  const images: ProjectImage[] = [];
  for (let index = 0; index < count; index++) {
    const { image, label } = await draw({ seed: seed + index, width, height }, kind);
    const data = Uint8Array.from(image.data, (value) => Math.round(255 * value));
    images.push({
      name: `${stem}-${String(index + 1).padStart(2, "0")}`,
      raw: { width, height, channels: 1, maximum: 255, data },
      role: "training",
      ...(index < labelled ? { label } : {}),
      ...(pixelSize ? { pixelSize } : {}),
    });
  }
  return withSplit({ id, ...facts, images, training: { losses: [], validations: [] } });
}

/** An empty project, to which images are added. */
export function emptyProject(id: string, name: string): Project {
  return {
    id,
    name,
    classes: renamed(TWO_CLASSES, ["background", "cell"]),
    images: [],
    settings: DATA_SETTINGS,
    training: { losses: [], validations: [] },
  };
}

/** Whether any pixel of the image is labelled. */
export function isLabelled({ label }: ProjectImage): boolean {
  if (!label) return false;
  // By index: other loops over a large label take five times as long until they are compiled.
  const { data } = label;
  for (let i = 0; i < data.length; i++) if (data[i] !== IGNORED) return true;
  return false;
}

/** Whether there is a network to segment with; training can continue only from its last checkpoint. */
export function hasNetwork({ training: { best, last } }: Project): boolean {
  return (best ?? last) !== undefined;
}

/** The labelled images with this role. */
export function labelled(project: Project, role: ProjectImage["role"]): ProjectImage[] {
  return project.images.filter((image) => image.role === role && isLabelled(image));
}

/** Holds out the last fifth of the labelled images, as the command line does. */
export function withSplit(project: Project): Project {
  const names = project.images.filter(isLabelled).map(({ name }) => name);
  return withHeld(project, names.length < 2 ? [] : selectValidation(names).validation);
}

/**
 * The split after labels were added to the images of `before`: held-out images stay held out, and new ones
 * are added until they make a fifth of all. If the user chose to hold out none, none are.
 */
export function withSplitKept(before: Project, project: Project): Project {
  const was = before.images.filter(isLabelled);
  if (was.length < 2) return withSplit(project);
  const earlier = new Set(was.map(({ name }) => name));
  const now = project.images.filter(isLabelled);
  const held = now.filter(({ name, role }) => earlier.has(name) && role === "validation");
  const kept = held.map(({ name }) => name);
  if (kept.length === 0) return withHeld(project, []);
  const lacking = selectValidation(now.map(({ name }) => name)).validation.length - kept.length;
  const added = now.filter(({ name }) => !earlier.has(name)).map(({ name }) => name);
  return withHeld(project, [...kept, ...(lacking > 0 ? added.slice(-lacking) : [])]);
}

function withHeld(project: Project, held: readonly string[]): Project {
  const images = project.images.map((image): ProjectImage => {
    return { ...image, role: held.includes(image.name) ? "validation" : "training" };
  });
  return { ...project, images };
}

/** A label without a labelled pixel. */
export function emptyLabel({ width, height }: RawImage, classes: number): LabelMap {
  return { width, height, classes, data: new Uint8Array(width * height).fill(IGNORED) };
}

/** The step at which the next run ends: a run that has done all its steps continues for as many again. */
export function lastStep({ settings: { steps }, training }: Project): number {
  return Math.ceil(((training.last?.step ?? 0) + 1) / steps) * steps;
}

/** The label of the button that starts the next run. */
export function trainText(project: Project): string {
  const { last } = project.training;
  return last ? `Train ${countText(lastStep(project) - last.step, "more step")}` : "Train";
}

/** Model, task and training of the project's next run. Throws for settings that are not valid. */
export function runConfig({ settings, images, classes: infos, objects }: Project): {
  model: BuiltInConfig;
  task: Task;
  training: TrainingConfig;
} {
  const [network, training] = [true, false].map((wanted) =>
    Object.fromEntries(Object.entries(settings).filter(([key]) => isOfNetwork(key) === wanted)),
  );
  const channels = images[0]?.raw.channels ?? 1;
  const { classes, ...task } = classFields(infos);
  const model = modelConfig({ ...network, channels, classes });
  // Classes may have been added since.
  const hasCells = objects !== undefined && classes === OBJECT_CLASSES[objects];
  return {
    model,
    task: { ...task, ...(hasCells ? { objects: { kind: objects } } : {}) },
    training: trainingConfig(training),
  };
}

/** The name of the image some places after another, wrapping around. */
export function neighbour({ images }: Project, name: string | undefined, by: number): string {
  const at = images.findIndex((image) => image.name === name);
  return images[(at + by + images.length) % images.length].name;
}

/** A unique name for a folder. */
export function newId(name: string): string {
  const words = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `${words}-${Date.now().toString(36)}`;
}
