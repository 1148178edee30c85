// The pictures of a gallery and of a report, each with a caption.

import type { Augmentation } from "../../data/augmentation-config.js";
import type { ClassLegend } from "../../data/classes.js";
import type { Sample } from "../../data/image-types.js";
import { weightMap } from "../../data/weight-map.js";
import { confusion, predictedClasses, wrongPixels } from "../../metrics/pixels.js";
import type { Model } from "../../model/model.js";
import type { ObjectFigures } from "../../objects/object-figures.js";
import { augmentationPanels } from "../../pictures/augmentation-panels.js";
import { overlapTilePanels } from "../../pictures/overlap-tile.js";
import type { Panel } from "../../pictures/panel.js";
import { type ProbabilityMap, predictionPanels } from "../../pictures/prediction.js";
import { scalarPicture } from "../../pictures/scalar-map.js";
import { dataPanels } from "../../pictures/sheet.js";
import { predictedSize } from "../../predict/tile-graph.js";
import { figure } from "./chart.js";

/** Panels that belong together. */
export interface Figure {
  /** Name of its file in a gallery, without extension. */
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly panels: readonly Panel[];
  /** Panels per row in a gallery's file. By default all in one row. */
  readonly columns?: number | undefined;
}

/** Shows images next to their labels, the first of `all`. */
export function dataFigure(shown: readonly Sample[], all: number, legend: ClassLegend): Figure {
  const rest = all > shown.length ? `, ${shown.length} of ${all}` : "";
  return {
    name: "data",
    title: `Images and labels${rest}`,
    caption:
      legend.names.length === 2
        ? "Each object of a label, a 4-connected component, in a different colour."
        : "Each pixel of a label in the colour of its class.",
    columns: 4,
    panels: dataPanels(shown, legend),
  };
}

/**
 * Shows the overlap-tile strategy with the run's tile. A network that pads its maps with zeros is
 * trained on whole tiles but keeps less of each when predicting, so the figure shows a prediction,
 * whose tiles overlap, with at least as many pixels as the run's tile.
 */
export function overlapTileFigure(
  { image, label }: Sample,
  model: Model,
  tile: number,
  { colours }: ClassLegend,
): Figure {
  const { halo } = model;
  const read = halo > 0 ? model.inputFor(tile + 2 * halo) : tile;
  const output = predictedSize(model, read);
  const padding =
    halo > 0
      ? `The network pads its maps with zeros; prediction cuts the ${halo} pixels per side of its ` +
        "output that they affect. "
      : "";
  return {
    name: "overlap-tile",
    title: "Overlapping tiles",
    caption:
      `${padding}To classify the ${output} x ${output} pixels of the yellow square the network ` +
      `reads the ${read} x ${read} of the blue one. Where its margin of ${(read - output) / 2} ` +
      "pixels extends past the image, the image is mirrored (pale).",
    panels: overlapTilePanels(image, label, { input: read, output, colours }),
  };
}

/**
 * Shows the weight of each pixel in the loss, with the balance of all labels (`classBalance`);
 * undefined if all weights are equal.
 */
export function weightFigure(
  sample: Sample,
  balance: readonly number[],
  weights: { classWeights: "balanced" | "equal"; w0: number; sigma: number },
): Figure | undefined {
  if (weights.classWeights === "equal" && weights.w0 === 0) return undefined;
  const used = weights.classWeights === "balanced" ? balance : balance.map(() => 1);
  const picture = scalarPicture(weightMap(sample.label, used, weights), sample.label);
  const { w0, sigma } = weights;
  return {
    name: "weight-map",
    title: "Weight map",
    caption:
      `The weight of each pixel in the loss: ${weights.classWeights} classes` +
      (w0 > 0 ? `, and more between close cells (w0 ${w0}, sigma ${sigma} pixels).` : "."),
    panels: [{ title: `weight of each pixel, ${sample.name}`, keys: [], picture }],
  };
}

/** Shows each kind of augmentation and all of them at once; undefined if there is none. */
export function augmentationFigure(
  sample: Sample,
  tile: number,
  augmentation: Augmentation,
  { colours }: ClassLegend,
): Figure | undefined {
  const panels = augmentationPanels(sample, tile, augmentation, 4, colours);
  if (panels.length === 1) return undefined;
  return {
    name: "augmentation",
    title: "Augmentation",
    caption:
      `How training changes ${tile} x ${tile} pixels: image, the label's outlines and a grid are ` +
      "transformed together. First each kind separately, then tiles with all of them.",
    columns: 4,
    panels,
  };
}

/** "51 cells found, AP50 0.93" */
function cellsFound({ predicted, ap50 }: ObjectFigures): string {
  return `${predicted} cells found, AP50 ${figure(ap50)}`;
}

/** Shows a held-out image and its prediction, and describes the errors. */
export function predictionFigure(
  sample: Sample,
  prediction: ProbabilityMap,
  legend: ClassLegend,
): Figure {
  const { panels, objects, figures } = predictionPanels(sample, prediction, legend);
  const { split, merged, missed, mergers } = objects;
  const predicted = predictedClasses(prediction.probabilities, prediction.classes);
  const wrong = figure(wrongPixels(confusion(predicted, sample.label)), true);
  const counted = (count: number, one: string, more = `${one}s`) =>
    `${count} ${count === 1 ? one : more}`;
  return {
    name: `prediction-${sample.name}`,
    title: sample.name,
    caption:
      `${wrong} wrong pixels; of ${counted(objects.truth.count, "labelled object")} ` +
      `${split.size} split, ${merged.size} merged (${counted(mergers, "merger")}), ` +
      `${missed.size} missed${figures ? `; ${cellsFound(figures)}` : ""}.`,
    panels,
    ...(panels.length > 5 ? { columns: 3 } : {}),
  };
}
