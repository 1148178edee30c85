// Projects as values: how one begins, and what follows from one.

import {
  AUGMENTATIONS,
  IGNORED,
  type LabelMap,
  type ModelConfig,
  modelConfig,
  type RawImage,
  selectValidation,
  syntheticSample,
  type TrainingConfig,
  trainingConfig,
} from "../../../src/index.js";
import type { ClassInfo, Project, ProjectImage, Settings } from "./types.js";

/** Told apart by colour-blind readers too (Okabe and Ito). */
export const CLASS_COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#cc79a7", "#d55e00"];

export const TWO_CLASSES: readonly ClassInfo[] = [
  { name: "membrane", colour: CLASS_COLOURS[0] },
  { name: "cell", colour: CLASS_COLOURS[1] },
];

/** The embedded sample's network learns in a minute or two without a GPU. */
export const SAMPLE_SETTINGS: Settings = {
  ...settingsOf(modelConfig({ base: 8, depth: 2 }), trainingConfig()),
  tile: 124,
  steps: 300,
  learningRate: 0.005,
  validateEvery: 25,
  augmentation: AUGMENTATIONS.flips,
};

export const DATA_SETTINGS: Settings = {
  ...settingsOf(modelConfig(), trainingConfig()),
  validateEvery: 50,
};

export function settingsOf(model: ModelConfig, training: TrainingConfig): Settings {
  const { base, depth, dropout } = model;
  const { tile, batch, steps, learningRate, seed, validateEvery, augmentation } = training;
  const trained = { tile, batch, steps, learningRate, seed, validateEvery, augmentation };
  return { base, depth, dropout, ...trained };
}

const SAMPLE = { size: 256, count: 10 } as const;

/** The embedded sample: drawn cells, the same in every session, grey values of 8 bits as in a file. */
export function sampleProject(): Project {
  const images = Array.from({ length: SAMPLE.count }, (_, index): ProjectImage => {
    const { size } = SAMPLE;
    const { image, label } = syntheticSample({ seed: index + 1, width: size, height: size });
    const data = Uint8Array.from(image.data, (value) => Math.round(255 * value));
    const raw = { width: size, height: size, channels: 1, maximum: 255, data };
    return {
      name: `synthetic-${String(index + 1).padStart(2, "0")}`,
      raw,
      label,
      role: "training",
    };
  });
  return withSplit({
    name: "sample",
    classes: TWO_CLASSES,
    images,
    settings: SAMPLE_SETTINGS,
    training: { losses: [], validations: [] },
  });
}

/** A project of one's own, to which images are added. */
export function emptyProject(name: string): Project {
  return {
    name,
    classes: TWO_CLASSES,
    images: [],
    settings: DATA_SETTINGS,
    training: { losses: [], validations: [] },
  };
}

/** Whether somebody labelled a pixel of the image. */
export function isLabelled({ label }: ProjectImage): boolean {
  return label?.data.some((value) => value !== IGNORED) ?? false;
}

/** The labelled images that serve for `role`. */
export function labelled(project: Project, role: ProjectImage["role"]): ProjectImage[] {
  return project.images.filter((image) => image.role === role && isLabelled(image));
}

/** The last fifth of the labelled images held out, as the command line does it. */
export function withSplit(project: Project): Project {
  const names = project.images.filter(isLabelled).map(({ name }) => name);
  const held = names.length < 2 ? [] : selectValidation(names).validation;
  const images = project.images.map((image): ProjectImage => {
    return { ...image, role: held.includes(image.name) ? "validation" : "training" };
  });
  return { ...project, images };
}

/** A label without a labelled pixel. */
export function emptyLabel({ width, height }: RawImage, classes: number): LabelMap {
  return { width, height, classes, data: new Uint8Array(width * height).fill(IGNORED) };
}

/** Network and training of the project's next run. Throws where the settings cannot be. */
export function runConfig({ settings, images, classes }: Project): {
  model: ModelConfig;
  training: TrainingConfig;
} {
  const { base, depth, dropout, ...training } = settings;
  const channels = images[0]?.raw.channels ?? 1;
  const model = modelConfig({ base, depth, dropout, channels, classes: classes.length });
  return { model, training: trainingConfig(training) };
}
