// A small picture of an image, with its label's colours over it where there is one.

import { useEffect, useRef } from "preact/hooks";
import type { RawImage } from "../../../src/index.js";
import { type SmallImage, smallImage, thumbnail } from "../canvas/thumbnails.js";
import type { ProjectImage } from "../state/types.js";
import { useAppState, useProject } from "./context.js";

/** In pixels: a card's width on a screen of two pixels a point. */
const SIDE = 360;

export function Thumbnail({ image }: { readonly image: ProjectImage }) {
  const { name, raw, label } = image;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { classes } = useProject();
  const { contrast } = useAppState().view;
  // Made once for each image: a contrast is drawn many times while a slider moves.
  const made = useRef<{ readonly raw: RawImage; readonly small: SmallImage }>(undefined);
  useEffect(() => {
    // A task of its own for each, so that a click need not wait for all of them.
    const timer = setTimeout(() => {
      const context = canvas.current?.getContext("2d");
      if (!context) return;
      const colours = classes.map(({ colour }) => colour);
      if (made.current?.raw !== raw) made.current = { raw, small: smallImage(raw, SIDE) };
      const { small } = made.current;
      const { width, height, pixels } = thumbnail(small, label, colours, contrast);
      context.canvas.width = width;
      context.canvas.height = height;
      context.putImageData(new ImageData(pixels, width, height), 0, 0);
    });
    return () => clearTimeout(timer);
  }, [raw, label, classes, contrast]);
  return <canvas class="thumbnail" ref={canvas} role="img" aria-label={`Image ${name}`} />;
}
