// Arranges panels in rows in one picture, each with its title.

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

/** How panels are laid out. */
export interface SheetOptions {
  /** Panels per row. By default all of them in one row. */
  readonly columns?: number | undefined;
  /** Approximate width of a panel in pixels; small panels are enlarged by whole factors. */
  readonly panelWidth?: number | undefined;
}

const GAP = 8;
/** Side of a key's square, and distance between lines of text. */
const SQUARE = 7;
const LINE = LETTER_HEIGHT + 3;
/** The frame around panels with classes, whose colour may be that of the background. */
const EDGE: Colour = [170, 172, 176];

/** Returns a sheet of panels in rows from the left. Keys replace the title. */
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
  /** Distance from the left end of the text. */
  readonly x: number;
  readonly line: number;
}

/** Places the words of a panel on as many lines as needed; a word longer than a line is cut. */
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
 * Returns a contact sheet of samples: each image next to its label, with a colour per object, or
 * per class if there are more than two classes.
 */
export function dataSheet(
  samples: readonly Sample[],
  options: SheetOptions & { readonly legend?: ClassLegend } = {},
): Picture {
  const panels = dataPanels(samples, options.legend);
  return sheet(panels, { columns: 4, panelWidth: 240, ...options });
}

/** Returns the panels of `dataSheet`. */
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

/** Returns the panels of a prediction in a row (`predictionPanels`). */
export function predictionRow(
  sample: Sample,
  prediction: ProbabilityMap,
  legend?: ClassLegend,
): Picture {
  const { panels } = predictionPanels(sample, prediction, legend);
  return sheet(panels, { panelWidth: Math.max(ROW_PANEL, sample.image.width) });
}

/**
 * Returns one sample segmented by several networks, the panels of each prediction in a row with its
 * name.
 */
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
