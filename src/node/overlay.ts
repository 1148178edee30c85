// The picture of one held-out image: what the network saw, should have said, said, and got wrong.

import { outlines } from "../data/outlines.js";
import { IGNORED, type Image, type LabelMap } from "../data/types.js";
import { predictedClasses } from "../metrics/pixels.js";
import type { Prediction, SamplePrediction } from "../train/types.js";
import { drawText, LETTER_WIDTH } from "./lettering.js";
import type { PngImage } from "./png.js";

type Colour = readonly [number, number, number];

// Told apart by colour-blind readers too (Okabe and Ito), class by class from 1.
const OUTLINES: readonly Colour[] = [
  [255, 176, 0],
  [86, 180, 233],
  [0, 200, 140],
  [240, 228, 66],
  [204, 121, 167],
];
const MISSED: Colour = [235, 95, 20];
const FALSE: Colour = [60, 150, 240];
const PAPER: Colour = [255, 255, 255];
const INK: Colour = [40, 40, 40];
const GAP = 6;
/** Smaller images are enlarged by a whole factor, until a panel is about this wide. */
const PANEL_WIDTH = 280;

/** Class indices [height][width]. */
type ClassMap = Pick<LabelMap, "width" | "height" | "data">;

interface Caption {
  readonly text: string;
  readonly colour: Colour;
}

interface Panel {
  readonly captions: readonly Caption[];
  colour(pixel: number): Colour;
}

/**
 * A row of four panels: image | outline of the label over the image | probability | errors over the
 * dimmed image. With two classes the errors are missed membrane (orange) and false membrane (blue).
 */
export function overlayPicture({ sample, prediction }: SamplePrediction): PngImage {
  const { image, label } = sample;
  const { width, height } = image;
  const scale = Math.max(1, Math.round(PANEL_WIDTH / width));
  const lettering = width * scale >= 400 ? 2 : 1;
  const strip = 8 * lettering + 8;
  const panels = panelsOf(image, label, prediction);
  const canvas = blank(
    panels.length * width * scale + (panels.length + 1) * GAP,
    height * scale + strip + 2 * GAP,
  );
  panels.forEach((panel, index) => {
    const left = GAP + index * (width * scale + GAP);
    drawCaptions(canvas, panel.captions, left, GAP, lettering);
    for (let y = 0; y < height * scale; y++) {
      const row = Math.floor(y / scale) * width;
      for (let x = 0; x < width * scale; x++) {
        paint(canvas, left + x, GAP + strip + y, panel.colour(row + Math.floor(x / scale)));
      }
    }
  });
  return canvas;
}

function panelsOf(image: Image, label: LabelMap, prediction: Prediction): Panel[] {
  const { classes, probabilities } = prediction;
  const pixels = image.width * image.height;
  const seen = displayed(image);
  const predicted = predictedClasses(probabilities, classes);
  const dimmed = (pixel: number): Colour => {
    const [r, g, b] = seen(pixel);
    const grey = 30 + 0.45 * ((r + g + b) / 3);
    return [grey, grey, grey];
  };
  const probability = (pixel: number): Colour => {
    // More than two classes: the probability of the class that was chosen.
    const index = classes === 2 ? 1 : predicted[pixel];
    const grey = 255 * probabilities[index * pixels + pixel];
    return [grey, grey, grey];
  };
  const error = (pixel: number): Colour => {
    const truth = label.data[pixel];
    if (truth === IGNORED || truth === predicted[pixel]) return dimmed(pixel);
    return classes > 2 || truth === 0 ? MISSED : FALSE;
  };
  const errors: Caption[] =
    classes > 2
      ? [{ text: "wrong class", colour: MISSED }]
      : [
          { text: "missed membrane", colour: MISSED },
          { text: "false membrane", colour: FALSE },
        ];
  return [
    { captions: [{ text: "image", colour: INK }], colour: seen },
    { captions: [{ text: "label", colour: INK }], colour: outlined(seen, label) },
    {
      captions: [{ text: classes === 2 ? "probability of cell" : "probability", colour: INK }],
      colour: probability,
    },
    { captions: errors, colour: error },
  ];
}

/** The image's colours, stretched so that all but the darkest and brightest hundredth fill 0..255. */
function displayed({ width, height, channels, data }: Image): (pixel: number) => Colour {
  const sorted = data.slice().sort();
  const low = sorted[Math.floor(0.005 * (sorted.length - 1))];
  const high = sorted[Math.ceil(0.995 * (sorted.length - 1))];
  const stretch = (value: number) => (255 * (value - low)) / Math.max(high - low, 1e-6);
  const count = width * height;
  return (pixel) => {
    const first = stretch(data[pixel]);
    if (channels < 3) return [first, first, first];
    return [first, stretch(data[count + pixel]), stretch(data[2 * count + pixel])];
  };
}

/** Pixels of class 1 and above that touch another class get the colour of their class. */
function outlined(seen: (pixel: number) => Colour, label: ClassMap): (pixel: number) => Colour {
  const { width, height, data } = label;
  const isEdge = outlines(data, width, height, IGNORED);
  return (pixel) => (isEdge[pixel] ? OUTLINES[(data[pixel] - 1) % OUTLINES.length] : seen(pixel));
}

/** The image, stretched to its range of grey, with the outlines of a class map drawn over it. */
export function outlinePicture(image: Image, map: ClassMap): PngImage {
  const { width, height } = image;
  const canvas = blank(width, height);
  const colour = outlined(displayed(image), map);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const x = pixel % width;
    paint(canvas, x, (pixel - x) / width, colour(pixel));
  }
  return canvas;
}

function drawCaptions(
  canvas: PngImage,
  captions: readonly Caption[],
  left: number,
  top: number,
  scale: number,
): void {
  let x = left;
  for (const { text, colour } of captions) {
    drawText(text, scale, (dx, dy) => paint(canvas, x + dx, top + dy, colour));
    x += (text.length + 2) * LETTER_WIDTH * scale;
  }
}

function blank(width: number, height: number): PngImage {
  const data = new Uint8Array(3 * width * height).fill(PAPER[0]);
  return { width, height, channels: 3, bitDepth: 8, data };
}

function paint({ width, height, data }: PngImage, x: number, y: number, colour: Colour): void {
  if (x >= width || y >= height) return;
  const target = data as Uint8Array;
  for (let channel = 0; channel < 3; channel++) {
    target[channel * width * height + y * width + x] = Math.max(
      0,
      Math.min(255, Math.round(colour[channel])),
    );
  }
}
