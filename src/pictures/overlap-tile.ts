// "Overlap-tile strategy for seamless segmentation of arbitrary large images" (Ronneberger et al.
// 2015, figure 2): the area that the network reads to classify a part of the image.

import { checkKeys } from "../arguments/keys.js";
import type { LabelMap, StoredImage } from "../data/image-types.js";
import { cutTile, mirrorIndex, type Tile } from "../data/mirror.js";
import type { Panel } from "./panel.js";
import {
  type Colour,
  drawFrame,
  mixed,
  PAPER,
  type Picture,
  pictureOf,
  resized,
} from "./picture.js";
import { displayed, labelPicture } from "./views.js";

/** Which tiles are drawn. */
export interface OverlapTileOptions {
  /** Side of the input tile in pixels. */
  readonly input: number;
  /** Side of the output tile, at the centre of the input tile. */
  readonly output: number;
  /** Approximate width of each of the two panels in pixels. */
  readonly panelWidth?: number | undefined;
  /** Colours of the classes, if there are more than two. By default the default colours. */
  readonly colours?: readonly Colour[] | undefined;
}

const INPUT: Colour = [60, 150, 240];
const OUTPUT: Colour = [255, 200, 40];

/**
 * Returns two panels: the image with its mirrored margin, pale, with the frames of the input tile
 * (blue) and the output tile (yellow); and the label of the same area, with the output tiles that
 * cover it. It shows the image's first tile, which reads the most of the margin.
 */
export function overlapTilePanels(
  image: StoredImage,
  label: LabelMap,
  options: OverlapTileOptions,
): readonly Panel[] {
  checkKeys("overlapTilePanels", options, { input: 1, output: 1, panelWidth: 1, colours: 1 });
  const { input, output, panelWidth = 480, colours } = options;
  const margin = (input - output) / 2;
  if (!Number.isInteger(margin) || margin < 0 || output < 1) {
    throw new RangeError(
      `overlapTilePanels: got tiles of ${input} in and ${output} out, expected an even margin`,
    );
  }
  // A tile may be larger than image and margin.
  const outer: Tile = {
    x: -margin,
    y: -margin,
    width: Math.max(image.width + 2 * margin, input),
    height: Math.max(image.height + 2 * margin, input),
  };
  const data = cutTile(image, outer);
  const seen = displayed({ ...outer, channels: image.channels, data });
  const isInside = (pixel: number) => {
    const [x, y] = [(pixel % outer.width) - margin, Math.floor(pixel / outer.width) - margin];
    return mirrorIndex(x, image.width) === x && mirrorIndex(y, image.height) === y;
  };
  const mirrored = pictureOf(outer.width, outer.height, (pixel) =>
    isInside(pixel) ? seen(pixel) : mixed(seen(pixel), PAPER, 0.45),
  );
  const left = resized(mirrored, panelWidth);
  const scale = left.width / outer.width;
  const framed = (picture: Picture, tile: Tile, colour: Colour, thickness?: number) =>
    drawFrame(picture, scaled(tile, scale), colour, thickness);
  framed(left, { x: 0, y: 0, width: input, height: input }, INPUT, 3);
  framed(left, { x: margin, y: margin, width: output, height: output }, OUTPUT, 3);

  const seenLabel = labelPicture(image, label, colours);
  const right = resized(
    pictureOf(outer.width, outer.height, (pixel) => {
      if (!isInside(pixel)) return PAPER;
      const x = (pixel % outer.width) - margin;
      const from = 4 * ((Math.floor(pixel / outer.width) - margin) * image.width + x);
      return [seenLabel.data[from], seenLabel.data[from + 1], seenLabel.data[from + 2]];
    }),
    panelWidth,
  );
  // Classes may be white, objects over an image are not.
  const grid: Colour = label.classes === 2 ? PAPER : [128, 128, 128];
  for (let y = 0; y < image.height; y += output) {
    for (let x = 0; x < image.width; x += output) {
      const width = Math.min(output, image.width - x);
      const height = Math.min(output, image.height - y);
      framed(right, { x: x + margin, y: y + margin, width, height }, grid, 1);
    }
  }
  framed(right, { x: margin, y: margin, width: output, height: output }, OUTPUT, 3);
  return [
    {
      title: "",
      keys: [
        { text: `input ${input} x ${input}`, colour: INPUT },
        { text: "mirrored", colour: [214, 216, 220] },
      ],
      picture: left,
    },
    {
      title: "",
      keys: [{ text: `output ${output} x ${output}`, colour: OUTPUT }],
      picture: right,
    },
  ];
}

function scaled({ x, y, width, height }: Tile, scale: number): Tile {
  const [left, top] = [Math.round(x * scale), Math.round(y * scale)];
  return {
    x: left,
    y: top,
    width: Math.round((x + width) * scale) - left,
    height: Math.round((y + height) * scale) - top,
  };
}
