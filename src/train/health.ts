// The health of a training, at its validations: the norm of the gradients, dead units and NaN by layer,
// and predictions that have collapsed.

import type { ClassFigures } from "../metrics/pixels.js";
import type { Model } from "../model/model.js";
import { layerOf, slice } from "../model/parameters.js";

/** Of the gradients of one layer, after the last batch. */
export interface LayerHealth {
  /** "encoder1.conv1" */
  readonly name: string;
  /** The Euclidean norm of the gradients of its parameters. */
  readonly gradientNorm: number;
  /**
   * The share of its channels that passed nothing on: the gradient of their bias is exactly 0, as after a
   * ReLU that was 0 in every pixel. Undefined without a bias.
   */
  readonly dead?: number | undefined;
  /** Gradients that are NaN or infinite. */
  readonly notFinite: number;
}

/** What a run reports of its health. */
export interface Health {
  /** Of all gradients. */
  readonly gradientNorm: number;
  readonly layers: readonly LayerHealth[];
}

/** Reads the health off the flat gradients of a model. */
export function healthOf(model: Model, gradients: Float32Array<ArrayBuffer>): Health {
  const layers = new Map<string, { squares: number; notFinite: number; dead?: number }>();
  let total = 0;
  for (const parameter of model.parameters.trained) {
    const name = layerOf(parameter);
    const layer = layers.get(name) ?? { squares: 0, notFinite: 0 };
    layers.set(name, layer);
    const values = slice(parameter, gradients);
    let squares = 0;
    // Millions of values: nothing more for each.
    for (let i = 0; i < values.length; i++) squares += values[i] * values[i];
    layer.squares += squares;
    if (!Number.isFinite(squares)) {
      layer.notFinite += values.filter((value) => !Number.isFinite(value)).length;
    }
    if (parameter.name.endsWith(".bias")) {
      layer.dead = values.filter((value) => value === 0).length / values.length;
    }
  }
  for (const { squares } of layers.values()) total += squares;
  return {
    gradientNorm: Math.sqrt(total),
    layers: [...layers].map(([name, { squares, ...layer }]) => {
      return { name, gradientNorm: Math.sqrt(squares), ...layer };
    }),
  };
}

/** A layer in which more units are dead no longer learns. */
const MOST_DEAD = 0.9;

/** What must hold at this many validations in a row to be warned of: early ones are often so. */
const IN_A_ROW = 2;

/** Returns what there is to say about a validation, each thing once. */
export type Warnings = (health: Health, classes: readonly ClassFigures[]) => string[];

export function createWarnings(nameOf: (index: number) => string): Warnings {
  const rows = new Map<string, number>();
  return (health, classes) => {
    const found = new Map<string, string>();
    const labelled = classes.flatMap(({ recall }, i) => (Number.isNaN(recall) ? [] : [i]));
    const predicted = classes.flatMap(({ precision }, i) => (Number.isNaN(precision) ? [] : [i]));
    const [only] = predicted;
    if (predicted.length === 1 && labelled.some((index) => index !== only)) {
      found.set(
        "constant",
        `every pixel of the held-out images is predicted as ${nameOf(only)}: train longer, use a lower learning ` +
          "rate or balanced class weights, and check that labels and images belong together",
      );
    } else {
      for (const index of labelled) {
        if (predicted.includes(index)) continue;
        found.set(
          `class ${index}`,
          `no pixel of the held-out images is predicted as ${nameOf(index)}, which is in their labels: train longer, ` +
            "use balanced class weights, or label more of it",
        );
      }
    }
    for (const { name, dead = 0, notFinite } of health.layers) {
      if (dead > MOST_DEAD) {
        found.set(
          `dead ${name}`,
          `${Math.round(100 * dead)} % of the units of ${name} are dead (their ReLU is 0 everywhere): start again with a ` +
            "lower learning rate, or with a warm-up",
        );
      }
      if (notFinite > 0) {
        found.set(`finite ${name}`, `${notFinite} gradients of ${name} are NaN or infinite`);
      }
    }
    for (const key of rows.keys()) if (!found.has(key)) rows.delete(key);
    return [...found].flatMap(([key, text]) => {
      const count = (rows.get(key) ?? 0) + 1;
      rows.set(key, count);
      return count === IN_A_ROW ? [text] : [];
    });
  };
}
