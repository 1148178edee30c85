// The weight map of the loss in colour, with its scale.

import { scaleColour } from "./colours.js";
import { drawText, textWidth } from "./lettering.js";
import {
  blankPicture,
  fillRectangle,
  INK,
  type Picture,
  paste,
  pictureOf,
  resized,
} from "./picture.js";

const BAR = 14;
const GAP = 8;
const TICKS = 5;

/**
 * Shows values [height][width] in colour, the smallest dark and the largest bright, next to a scale
 * bar with numbers. `width` in the options: the approximate width of the map in pixels.
 */
export function scalarPicture(
  values: Float32Array,
  size: { readonly width: number; readonly height: number },
  options: { readonly width?: number } = {},
): Picture {
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const share = (value: number) => (value - low) / Math.max(high - low, 1e-12);
  const whole = pictureOf(size.width, size.height, (i) => scaleColour(share(values[i])));
  const map = resized(whole, options.width ?? Math.max(480, size.width));
  const scale = map.height >= 300 ? 2 : 1;
  const ticks = high > low ? TICKS : 1;
  const texts = Array.from({ length: ticks }, (_, i) =>
    tickText(low + ((high - low) * i) / Math.max(1, ticks - 1)),
  );
  const words = Math.max(...texts.map((text) => textWidth(text, scale)));
  const left = GAP + map.width + GAP;
  const canvas = blankPicture(left + BAR + GAP + words + GAP, map.height + 2 * GAP);
  paste(canvas, map, [GAP, GAP]);
  for (let y = 0; y < map.height; y++) {
    const colour = scaleColour(high > low ? 1 - y / (map.height - 1) : 0);
    fillRectangle(canvas, { x: left, y: GAP + y, width: BAR, height: 1 }, colour);
  }
  texts.forEach((text, i) => {
    const down = ticks === 1 ? 0.5 : 1 - i / (ticks - 1);
    const y = Math.round(GAP + down * (map.height - 7 * scale));
    drawText(canvas, text, [left + BAR + GAP, y], INK, scale);
  });
  return canvas;
}

function tickText(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
