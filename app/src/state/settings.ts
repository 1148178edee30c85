// The settings of a run: the options whose rows have a label, and some more. All others keep the library's
// defaults.

import {
  AUGMENTATIONS,
  type Augmentation,
  type ModelConfig,
  modelConfig,
  NETWORK_OPTIONS,
  type OptionRow,
  type OptionValues,
  RUN_DEFAULTS,
  type RunDefaults,
  type Shown,
  TRAINING_OPTIONS,
  type TrainingConfig,
  trainingConfig,
  UNET_OPTIONS,
} from "../../../src/index.js";

const ROWS = { ...NETWORK_OPTIONS, ...UNET_OPTIONS, ...TRAINING_OPTIONS };
type Rows = typeof ROWS;
type ShownKey = { [Key in keyof Rows]: Rows[Key] extends Shown ? Key : never }[keyof Rows];

export interface Settings extends OptionValues<Pick<Rows, ShownKey>> {
  /** Of a network that came as a file. */
  readonly dropout: number;
  /** It has its own form (variations.ts). */
  readonly augmentation: Augmentation;
  /** Not in the form: set where labels hold single cells, and by a network that came as a file. */
  readonly w0: number;
  readonly ema: number;
}

type ShownRow = OptionRow<number | string | boolean> & Shown;

/** A row that the form shows, with its setting. */
export interface ShownOption {
  readonly key: ShownKey;
  readonly row: ShownRow;
}

/** Settings that the form has no rows for. */
const OTHERS: readonly string[] = ["dropout", "augmentation", "w0", "ema"];

const isShown = (key: string): key is ShownKey => key in ROWS && "label" in ROWS[key as ShownKey];

/** The names of a network and its training, in the order of a run's configuration. */
const NAMES = Object.keys({ ...modelConfig(), ...UNET_OPTIONS, ...trainingConfig() });

/** What a U-Net may differ in from the paper's. */
export type Variant = OptionValues<typeof UNET_OPTIONS>;

export const isOfVariant = (key: string): key is keyof Variant => key in UNET_OPTIONS;

/** Whether it is of the network, not of its training. */
export const isOfNetwork = (key: string) => key in NETWORK_OPTIONS || isOfVariant(key);

/** The variant of a network, whose configuration lacks what it has from the paper. */
export function variantOf(model: Readonly<Record<string, unknown>> = {}): Variant {
  const values = Object.entries(UNET_OPTIONS).map(([key, row]) => [key, model[key] ?? row.default]);
  return Object.fromEntries(values) as Variant;
}

export const SHOWN_OPTIONS: readonly ShownOption[] = NAMES.filter(isShown).map((key) => {
  return { key, row: ROWS[key] as ShownRow };
});

export function settingsOf(
  model: RunDefaults["model"] | ModelConfig,
  training: TrainingConfig,
): Settings {
  const all: Readonly<Record<string, unknown>> = { ...model, ...variantOf(model), ...training };
  const own = NAMES.filter((key) => isShown(key) || OTHERS.includes(key));
  return Object.fromEntries(own.map((key) => [key, all[key]])) as unknown as Settings;
}

/** As on the command line, except that the curves have more points. */
function defaultsOf({ model, training }: RunDefaults, validateEvery: number): Settings {
  return { ...settingsOf(model, training), validateEvery };
}

export const SAMPLE_SETTINGS = defaultsOf(RUN_DEFAULTS.sample, 25);
/**
 * In a few minutes instead of the command line's ten: fewer images and steps, of which this network makes more
 * than the command line's, and without its norms.
 */
export const NUCLEI_SETTINGS: Settings = {
  ...defaultsOf(RUN_DEFAULTS.nuclei, 100),
  base: 8,
  depth: 3,
  norm: "none",
  tile: 188,
  w0: 5,
  // Turning and stretching by parts of a pixel tears gaps of one pixel.
  augmentation: AUGMENTATIONS.flips,
  steps: 1500,
  learningRate: 0.005,
  ema: 0.99,
};
export const DATA_SETTINGS = defaultsOf(RUN_DEFAULTS.data, 50);
