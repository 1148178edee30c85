// Panels for one held-out image: the image, its label, the prediction, and the errors.

import { type ClassLegend, classLegend } from "../data/classes.js";
import { IGNORED, type LabelMap, type Sample } from "../data/image-types.js";
import { outlines } from "../data/outlines.js";
import type { ObjectTask } from "../data/task.js";
import { errorsOf, type ObjectErrors, objectErrors } from "../metrics/object-errors.js";
import { predictedClasses } from "../metrics/pixels.js";
import {
  type ClassProbabilities,
  cellProbability,
  cellsOfLabel,
} from "../objects/cells-of-classes.js";
import { matchObjects } from "../objects/match-objects.js";
import { type ObjectFigures, objectFigures } from "../objects/object-figures.js";
import type { ObjectLabels } from "../objects/object-labels.js";
import { separateObjects } from "../objects/separate-objects.js";
import { cellPicture } from "./cell-picture.js";
import { ERROR_COLOURS } from "./colours.js";
import { type ColourKey, labelLegend, type Panel } from "./panel.js";
import { type Colour, mixed, type Picture, pictureOf } from "./picture.js";
import {
  type Colouring,
  classPicture,
  dimmed,
  displayed,
  imagePicture,
  outlinePicture,
} from "./views.js";

/** Probabilities of each class, [classes][height][width]. */
export interface ProbabilityMap {
  /** Number of classes. */
  readonly classes: number;
  /** [classes][height][width] */
  readonly probabilities: Float32Array;
  /** For a network of single cells: the cells are separated, and compared with those of the label. */
  readonly cells?: ObjectTask | undefined;
}

/** The panels of a prediction, and what they count. */
export interface PredictionPanels {
  /** Image, label, prediction and errors, as there are. */
  readonly panels: readonly Panel[];
  /** Objects that are missed, split or merged. */
  readonly objects: ObjectErrors;
  /** Of single cells. */
  readonly figures?: ObjectFigures | undefined;
}

/**
 * Returns panels as large as the image: the image, the outlines of its label, the probability of
 * class 1, wrong pixels by kind, and split and merged objects. Two classes: false membrane is a
 * pixel of class 1 predicted as 0, missed membrane the opposite. More classes: label and prediction
 * in the class colours, and the probability of the predicted class. With `cells` also the separated
 * cells, each in a different colour.
 */
export function predictionPanels(
  { image, label }: Sample,
  { classes, probabilities, cells }: ProbabilityMap,
  legend: ClassLegend = classLegend({ classes }),
): PredictionPanels {
  const { width, height } = image;
  const predicted = predictedClasses(probabilities, classes);
  const found = cells && findCells({ width, height, classes, probabilities }, label, cells);
  const objects = found?.objects ?? objectErrors(predicted, label);
  const dark = dimmed(displayed(image));
  const picture = (colouring: Colouring) => pictureOf(width, height, colouring);
  const probability = (pixel: number): Colour => {
    const index = classes === 2 ? 1 : predicted[pixel];
    const grey = 255 * probabilities[index * width * height + pixel];
    return [grey, grey, grey];
  };
  const wrong = (pixel: number): Colour => {
    const truth = label.data[pixel];
    if (truth === IGNORED || truth === predicted[pixel]) return dark(pixel);
    return classes > 2 || truth === 0 ? ERROR_COLOURS.missed : ERROR_COLOURS.false;
  };
  const panel = (title: string, of: Picture, keys: readonly ColourKey[] = []): Panel => ({
    title,
    keys,
    picture: of,
  });
  const { names, colours } = legend;
  const map = { width, height, data: predicted };
  const said =
    classes === 2
      ? [
          panel("label", outlinePicture(image, label, colours)),
          panel(`probability of ${names[1]}`, picture(probability)),
        ]
      : [
          { ...panel("label", classPicture(label, colours)), ...labelLegend(label, legend) },
          panel("prediction", classPicture(map, colours)),
          panel("probability of the predicted class", picture(probability)),
        ];
  const separated = found ? [panel("cells", cellPicture(image, found.predicted))] : [];
  return {
    objects,
    ...(found ? { figures: found.figures } : {}),
    panels: [
      panel("image", imagePicture(image)),
      ...said,
      panel("wrong pixels", picture(wrong), pixelKeys(names)),
      ...separated,
      panel("wrong objects", picture(objectColouring(objects, width, height, dark)), OBJECT_KEYS),
    ],
  };
}

/** Separates the cells of a prediction and compares them with the label's. */
function findCells(
  prediction: ClassProbabilities,
  label: LabelMap,
  { kind, separation, threshold }: ObjectTask,
) {
  const truth = cellsOfLabel(label, kind);
  const cells = cellProbability(prediction, kind);
  const predicted = separateObjects(cells, { separation, threshold });
  const counted = label.data.map((value) => Number(value !== IGNORED));
  const components = ({ data, count }: ObjectLabels) => ({ labels: data, count });
  return {
    predicted,
    objects: errorsOf(components(truth), components(predicted)),
    figures: objectFigures([matchObjects(truth, predicted, counted)]),
  };
}

function pixelKeys(names: readonly string[]): readonly ColourKey[] {
  if (names.length > 2) return [{ text: "wrong class", colour: ERROR_COLOURS.missed }];
  return [
    { text: `missed ${names[0]}`, colour: ERROR_COLOURS.missed },
    { text: `false ${names[0]}`, colour: ERROR_COLOURS.false },
  ];
}

const OBJECT_KEYS: readonly ColourKey[] = [
  { text: "split", colour: ERROR_COLOURS.split },
  { text: "merged", colour: ERROR_COLOURS.merged },
  { text: "missed", colour: ERROR_COLOURS.absent },
];

/** The label's wrong objects filled by kind, below the outlines of the prediction. */
function objectColouring(
  { truth, predicted, split, merged, missed }: ObjectErrors,
  width: number,
  height: number,
  dark: Colouring,
): Colouring {
  const isEdge = outlines(predicted.labels, width, height);
  return (pixel) => {
    const number = truth.labels[pixel];
    const kind = merged.has(number)
      ? ERROR_COLOURS.merged
      : split.has(number)
        ? ERROR_COLOURS.split
        : missed.has(number)
          ? ERROR_COLOURS.absent
          : undefined;
    const below = kind ? mixed(dark(pixel), kind, 0.55) : dark(pixel);
    return isEdge[pixel] ? mixed(below, [255, 255, 255], 0.55) : below;
  };
}
