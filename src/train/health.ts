// The health of a training, at its validations: the norm of the gradients, dead units and NaN by layer,
// and predictions that have collapsed.

import { classLegend } from "../data/classes.js";
import type { ClassFields } from "../data/task.js";
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
  /** In the order of the model's parameters. */
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

/** Classes without names of their own are called as in legends. */
export function createWarnings(fields: ClassFields): Warnings {
  const { names } = classLegend(fields);
  const rows = new Map<string, number>();
  /** Those that hold for as many validations in a row as it takes, now for the first time. */
  const due = (held: readonly string[]): string[] => {
    for (const key of rows.keys()) if (!held.includes(key)) rows.delete(key);
    for (const key of held) rows.set(key, (rows.get(key) ?? 0) + 1);
    return held.filter((key) => rows.get(key) === IN_A_ROW);
  };
  return (health, classes) => {
    const texts = predictionFaults(classes, names);
    const dead = health.layers.filter((layer) => (layer.dead ?? 0) > MOST_DEAD);
    const broken = health.layers.filter(({ notFinite }) => notFinite > 0);
    const key = (what: string) => (layer: LayerHealth) => `${what} ${layer.name}`;
    const told = due([...texts.keys(), ...dead.map(key("dead")), ...broken.map(key("broken"))]);
    const toldOf = (layers: readonly LayerHealth[], what: string) =>
      layers.filter((layer) => told.includes(key(what)(layer)));
    return [
      ...told.flatMap((key) => texts.get(key) ?? []),
      ...deadText(toldOf(dead, "dead")),
      ...brokenText(toldOf(broken, "broken")),
    ];
  };
}

/** What is wrong with the predictions of a validation, by what it is. */
function predictionFaults(
  classes: readonly ClassFigures[],
  names: readonly string[],
): Map<string, string> {
  const labelled = classes.flatMap(({ recall }, i) => (Number.isNaN(recall) ? [] : [i]));
  const predicted = classes.flatMap(({ precision }, i) => (Number.isNaN(precision) ? [] : [i]));
  const [only] = predicted;
  if (predicted.length === 1 && labelled.some((index) => index !== only)) {
    const text =
      `every pixel of the held-out images is predicted as ${names[only]}: train longer, use a lower learning ` +
      "rate or balanced class weights, and check that labels and images belong together";
    return new Map([["constant", text]]);
  }
  const missed = labelled.filter((index) => !predicted.includes(index));
  return new Map(
    missed.map((index) => [
      `class ${index}`,
      `no pixel of the held-out images is predicted as ${names[index]}, which is in their labels: train longer, ` +
        "use balanced class weights, or label more of it",
    ]),
  );
}

function deadText(layers: readonly LayerHealth[]): string[] {
  if (layers.length === 0) return [];
  const share = Math.round(100 * Math.min(...layers.map(({ dead = 0 }) => dead)));
  return [
    `${share} % of the units of ${namesOf(layers)} are dead${share < 100 && layers.length > 1 ? ", or more" : ""} ` +
      "(their ReLU is 0 everywhere): start again with a lower learning rate, or with a warm-up",
  ];
}

function brokenText(layers: readonly LayerHealth[]): string[] {
  if (layers.length === 0) return [];
  const count = layers.reduce((sum, { notFinite }) => sum + notFinite, 0);
  return [
    `${count} gradients of ${namesOf(layers)} are NaN or infinite: use a lower learning rate, a limit on the norm of ` +
      "the gradients, or precision f32, and check the images for extreme values",
  ];
}

/** "a", "a and b", "a, b and 3 more layers". */
function namesOf(layers: readonly LayerHealth[]): string {
  const names = layers.map(({ name }) => name);
  if (names.length > 3) names.splice(2, Infinity, `${names.length - 2} more layers`);
  const last = names.pop();
  return names.length > 0 ? `${names.join(", ")} and ${last}` : `${last}`;
}
