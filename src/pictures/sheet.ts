// Panels set side by side into one picture, each under its words.

import { checkKeys } from "../arguments/keys.js";
import type { ClassLegend } from "../data/classes.js";
import type { Sample } from "../data/image-types.js";
import { drawText, LETTER_HEIGHT, LETTER_WIDTH, textWidth } from "./lettering.js";
import { labelLegend, type Panel, panelWords } from "./panel.js";
import {
  blankPicture,
  type Colour,
  drawFrame,
  fillRectangle,
  INK,
  isPale,
  type Picture,
  paste,
  resized,
} from "./picture.js";
import { type ProbabilityMap, predictionPanels } from "./prediction.js";
import { imagePicture, labelPicture } from "./views.js";

export interface SheetOptions {
  /** Panels in a row; all of them in one when left out. */
  readonly columns?: number | undefined;
  /** Width of a panel in pixels, about; small panels are enlarged by whole factors. */
  readonly panelWidth?: number | undefined;
}

const GAP = 8;
/** Side of a key's square, and from one line of words to the next. */
const SQUARE = 7;
const LINE = LETTER_HEIGHT + 3;
/** Around panels among which are classes, whose colour may be that of paper. */
const EDGE: Colour = [170, 172, 176];

/** A sheet of panels in rows from the left. Keys stand in place of the title. */
export function sheet(panels: readonly Panel[], options: SheetOptions = {}): Picture {
  checkKeys("sheet", options, { columns: 1, panelWidth: 1 });
  const { columns = panels.length, panelWidth } = options;
  const cells = panels.map((panel) => {
    const { picture } = panel;
    return panelWidth === undefined ? panel : { ...panel, picture: resized(picture, panelWidth) };
  });
  const width = Math.max(...cells.map(({ picture }) => picture.width));
  const height = Math.max(...cells.map(({ picture }) => picture.height));
  const scale = width >= 400 ? 2 : 1;
  const lines = Math.max(...cells.map((panel) => placedWords(panel, scale, width).lines));
  const strip = (lines * LINE - LINE + LETTER_HEIGHT) * scale + GAP;
  const rows = Math.ceil(cells.length / columns);
  const canvas = blankPicture(
    Math.min(columns, cells.length) * (width + GAP) + GAP,
    rows * (height + strip + GAP) + GAP,
  );
  const hasClasses = cells.some(({ legend }) => legend);
  for (const [index, panel] of cells.entries()) {
    const left = GAP + (index % columns) * (width + GAP);
    const top = GAP + Math.floor(index / columns) * (height + strip + GAP);
    drawWords(canvas, panel, [left, top], { scale, width });
    if (hasClasses) {
      const { width, height } = panel.picture;
      const around = { x: left - 1, y: top + strip - 1, width: width + 2, height: height + 2 };
      drawFrame(canvas, around, EDGE, 1);
    }
    paste(canvas, panel.picture, [left, top + strip]);
  }
  return canvas;
}

interface PlacedWord {
  readonly text: string;
  readonly colour?: Colour | undefined;
  /** From the left end of the words. */
  readonly x: number;
  readonly line: number;
}

/** The words of a panel, on as many lines as they need; one that is longer than a line is cut. */
function placedWords(
  panel: Panel,
  scale: number,
  width: number,
): { readonly words: readonly PlacedWord[]; readonly lines: number } {
  let x = 0;
  let line = 0;
  const words = panelWords(panel).map(({ text = "", colour }): PlacedWord => {
    const before = colour ? (SQUARE + 4) * scale : 0;
    if (x > 0 && x + before + textWidth(text, scale) > width) {
      x = 0;
      line++;
    }
    const room = Math.floor((width - x - before) / (LETTER_WIDTH * scale));
    const shown = text.length > room ? `${text.slice(0, Math.max(0, room - 2))}..` : text;
    const word = { text: shown, colour, x, line };
    x += before + textWidth(`${shown}  `, scale);
    return word;
  });
  return { words, lines: line + 1 };
}

function drawWords(
  canvas: Picture,
  panel: Panel,
  [left, top]: readonly [number, number],
  { scale, width }: { readonly scale: number; readonly width: number },
): void {
  const side = SQUARE * scale;
  for (const { text, colour, x: from, line } of placedWords(panel, scale, width).words) {
    const [x, y] = [left + from, top + line * LINE * scale];
    if (colour) {
      fillRectangle(canvas, { x, y, width: side, height: side }, colour);
      if (isPale(colour)) drawFrame(canvas, { x, y, width: side, height: side }, INK, scale);
    }
    drawText(canvas, text, [colour ? x + side + 4 * scale : x, y], INK, scale);
  }
}

/**
 * Samples in pairs: each image beside its label, a colour for each object, or of more than two
 * classes for each class (contact sheet).
 */
export function dataSheet(
  samples: readonly Sample[],
  options: SheetOptions & { readonly legend?: ClassLegend } = {},
): Picture {
  const panels = dataPanels(samples, options.legend);
  return sheet(panels, { columns: 4, panelWidth: 240, ...options });
}

/** The panels of `dataSheet`. */
export function dataPanels(samples: readonly Sample[], legend?: ClassLegend): Panel[] {
  return samples.flatMap(({ name, image, label }): Panel[] => [
    { title: name, keys: [], picture: imagePicture(image) },
    {
      title: "label",
      keys: [],
      ...labelLegend(label, legend),
      picture: labelPicture(image, label, legend?.colours),
    },
  ]);
}

/** Width of a panel in a row: smaller images are enlarged by a whole factor, larger ones kept. */
const ROW_PANEL = 280;

/** The panels of a prediction in a row (`predictionPanels`). */
export function predictionRow(
  sample: Sample,
  prediction: ProbabilityMap,
  legend?: ClassLegend,
): Picture {
  const { panels } = predictionPanels(sample, prediction, legend);
  return sheet(panels, { panelWidth: Math.max(ROW_PANEL, sample.image.width) });
}

/** One sample by several networks, the panels of each prediction in a row under its name. */
export function comparisonSheet(
  sample: Sample,
  predictions: readonly { readonly name: string; readonly prediction: ProbabilityMap }[],
  legend?: ClassLegend,
): Picture {
  const rows = predictions.map(({ name, prediction }) => {
    const [image, ...rest] = predictionPanels(sample, prediction, legend).panels;
    return [{ ...image, title: name }, ...rest];
  });
  const panelWidth = Math.max(ROW_PANEL, sample.image.width);
  return sheet(rows.flat(), { columns: rows[0].length, panelWidth });
}
