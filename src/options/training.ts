// The options of a run's training, one row each, from which everything else about them is derived
// (type, default, checks, command line, docs/options.md, the app's form). Within a group they are
// in the order of the help.

import type { Augmentation } from "./augmentation.js";
import { choice, nested, number, optionalNumber, shown, toggle, whole } from "./rows.js";

/** The options of a training by name: default, range and words of each. */
export const TRAINING_OPTIONS = {
  /** Number of steps of the whole run, including those before it was resumed. */
  steps: shown(
    "Steps",
    whole({
      default: 2000,
      least: 1,
      group: "Training",
      value: "N",
      words: "number of training steps",
    }),
  ),
  /** Wall-clock budget in minutes. When it is used up the run is saved and ends. */
  maxMinutes: optionalNumber({
    above: 0,
    group: "Training",
    value: "M",
    words: "time limit in minutes; the run then stops, saved",
    usual: "no limit",
  }),
  /** Side of the square input tile in pixels, a valid input of the network. */
  tile: shown(
    "Tile size (px)",
    whole({
      default: 284,
      least: 1,
      group: "Training",
      value: "N",
      words: "side of the square training tiles in pixels",
      isInPlan: true,
    }),
  ),
  /** Pixels between the output tiles of an image; 0: at random places. */
  tileStride: whole({
    default: 0,
    least: 0,
    group: "Training",
    value: "PX",
    words: "distance of the training tiles in pixels; 0: at random places",
  }),
  /** Tiles per batch. */
  batch: shown(
    "Batch size",
    whole({
      default: 1,
      least: 1,
      group: "Training",
      value: "N",
      words: "batch size: tiles per batch",
      isInPlan: true,
    }),
  ),
  /** The highest learning rate of the run; `schedule` determines how it changes. */
  learningRate: shown(
    "Learning rate",
    number({
      default: 0.001,
      above: 0,
      group: "Training",
      value: "X",
      words: "learning rate (step size)",
    }),
  ),
  /**
   * "constant"; "step": times `decayFactor` after every `decayEvery` steps; "cosine": along half a
   * cosine to 0 at the last step; "cosine-time": the same over `maxMinutes`, which is then
   * required, so that the weights depend on the time of steps (schedule.ts).
   */
  schedule: shown(
    "Learning rate schedule",
    choice(["constant", "step", "cosine", "cosine-time"], {
      default: "constant",
      group: "Training",
      value: "NAME",
      words:
        "learning rate schedule: constant; step; cosine, to 0 over --steps; cosine-time, to 0 over " +
        "--max-minutes, so runs are not reproducible",
    }),
    // The other schedules need further numbers.
    { constant: "Constant", cosine: "Cosine decay" },
  ),
  /** Steps in which the learning rate rises to its full value; 0 for none. */
  warmup: whole({
    default: 0,
    least: 0,
    group: "Training",
    value: "N",
    words: "warm-up steps, in which the learning rate rises from 0",
  }),
  /** With schedule "step": steps between two drops of the learning rate. */
  decayEvery: whole({
    default: 1000,
    least: 1,
    group: "Training",
    value: "N",
    words: "with --schedule step: steps between two drops",
  }),
  /** With schedule "step": the learning rate's factor at each drop. */
  decayFactor: number({
    default: 0.1,
    above: 0,
    most: 1,
    group: "Training",
    value: "X",
    words: "with --schedule step: factor of the learning rate at each drop",
  }),
  /** Momentum of SGD (the paper: 0.99), beta1 of Adam. */
  momentum: number({
    default: 0.9,
    least: 0,
    below: 1,
    group: "Training",
    value: "X",
    words: "momentum of SGD, beta1 of Adam",
  }),
  optimizer: choice(["sgd", "adam"], {
    default: "adam",
    group: "Training",
    value: "NAME",
    words: "optimizer that updates the weights",
    isFixed: true,
    isInPlan: true,
  }),
  /** Weights of the classes: "balanced" by their share of pixels as in the paper, or "equal". */
  classWeights: choice(["equal", "balanced"], {
    default: "equal",
    group: "Training",
    value: "NAME",
    words:
      "class weights in the loss: equal, or balanced, where rare classes count more (as in the paper)",
  }),
  /**
   * Weight of the separation term in the paper's weight map, 10 there; with 0 only the weights of
   * the classes remain.
   */
  w0: number({
    default: 0,
    least: 0,
    group: "Training",
    value: "X",
    words: "extra weight of the gaps between close cells; 0 for none",
  }),
  /** Width of the separation term in the paper's weight map, in pixels, 5 there. */
  sigma: number({
    default: 5,
    above: 0,
    group: "Training",
    value: "PX",
    words: "width in pixels over which that weight falls off",
  }),
  seed: shown(
    "Random seed",
    whole({
      default: 1,
      least: 0,
      group: "Training",
      value: "N",
      words: "random seed; equal seeds give equal runs",
      isFixed: true,
    }),
  ),
  /** Steps between two validations. */
  validateEvery: shown(
    "Steps between validations",
    whole({
      default: 200,
      least: 1,
      group: "Training",
      value: "N",
      words: "steps between validations",
    }),
  ),
  /**
   * Recomputes half of the activations in the backward pass instead of keeping them: a fifth to a
   * third less memory for large tiles, a sixth more time, the same bits.
   */
  recompute: toggle({
    default: false,
    group: "Training",
    words:
      "recompute half of the activations instead of storing them: less memory, slower, same result",
    isInPlan: true,
  }),
  /**
   * "f16" stores activations and gradients that wait for the backward pass in 16 bits, in half the
   * memory, and scales the loss so that small gradients survive (loss-scaling.ts). Weights and the
   * optimizer's state stay in 32 bits, arithmetic too unless the tuner chose kernels whose factors
   * have 16 bits.
   */
  precision: shown(
    "16-bit floats: less memory, slower",
    choice(["f32", "f16"], {
      default: "f32",
      group: "Training",
      value: "TYPE",
      words: "f16 stores activations for the backward pass in 16 bits: less memory, slower",
      isFixed: true,
      isInPlan: true,
    }),
  ),
  /**
   * Batches per step (accumulation.ts): the update of one batch `accumulate` times as large, in the
   * memory of a small one plus a second buffer of gradients. The gradient is the mean over all
   * pixels of the step whose weight is above 0, not the mean of the batches' means.
   */
  accumulate: whole({
    default: 1,
    least: 1,
    group: "Recipe",
    value: "N",
    words: "batches per step (gradient accumulation): a large batch in little memory",
    isInPlan: true,
  }),
  /** Gradients of a larger norm, over all parameters, are scaled down to it; 0 for no limit. */
  clipNorm: number({
    default: 0,
    least: 0,
    group: "Recipe",
    value: "X",
    words: "clip gradients to this norm, over all parameters; 0 for no clipping",
    isInPlan: true,
  }),
  /**
   * Decay of all weights and biases per step, times the learning rate, decoupled from the gradient
   * (Loshchilov and Hutter 2019), also with SGD; 0 for none.
   */
  weightDecay: number({
    default: 0,
    least: 0,
    group: "Recipe",
    value: "X",
    words: "weight decay, multiplied by the learning rate",
  }),
  /**
   * Decay of the weights' exponential moving average, such as 0.999; the average is then used for
   * validation, checkpoints and prediction; 0 for none. It is shorter in the first steps.
   */
  ema: number({
    default: 0,
    least: 0,
    below: 1,
    group: "Recipe",
    value: "X",
    words: "decay of the exponential moving average of the weights, such as 0.999; 0 for none",
    isFixed: true,
    isInPlan: true,
  }),
  /** The figure on held-out images by which the best checkpoint is chosen. */
  best: choice(["loss", "wrong-pixels", "iou", "dice", "v-rand", "v-info", "ap50"], {
    default: "loss",
    group: "Recipe",
    value: "FIGURE",
    words: "metric on held-out images that selects best.safetensors; ap50 needs --instances",
  }),
  /** The run ends after this many validations without a better figure; 0 for never. */
  patience: whole({
    default: 0,
    least: 0,
    group: "Recipe",
    value: "N",
    words: "stop after this many validations without improvement; 0: never",
  }),
  /** The augmentation of the training tiles. */
  augmentation: nested<Augmentation>({
    group: "Augmentation",
    value: "NAME",
    words:
      "preset to start from: none; flips, with quarter turns; paper, these with any rotation, elastic " +
      "deformation and varied grey values",
  }),
};

/**
 * The order in which version 0.1 wrote them to config.json, so that equal runs still give equal
 * files. Options that are not listed follow in the order of the table: a new one needs no entry.
 */
export const STORED_FIRST: readonly (keyof typeof TRAINING_OPTIONS)[] = [
  "tile",
  "batch",
  "accumulate",
  "steps",
  "maxMinutes",
  "optimizer",
  "learningRate",
  "schedule",
  "warmup",
  "decayEvery",
  "decayFactor",
  "momentum",
  "seed",
  "validateEvery",
  "augmentation",
  "tileStride",
  "classWeights",
  "w0",
  "sigma",
  "recompute",
  "clipNorm",
  "weightDecay",
  "ema",
  "best",
  "patience",
  "precision",
];
