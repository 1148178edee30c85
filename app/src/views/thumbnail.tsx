// A small picture of an image, with its label over it if there is one.

import { useEffect, useRef } from "preact/hooks";
import type { RawImage } from "../../../src/index.js";
import { type SmallImage, smallImage, thumbnail } from "../canvas/thumbnails.js";
import type { ProjectImage } from "../state/project-types.js";
import { nextTask } from "../threads/next-task.js";
import { useAppState, useProject } from "./context.js";

/** In pixels: a card's width on a screen with two device pixels per CSS pixel. */
const SIDE = 360;

export function Thumbnail({ image }: { readonly image: ProjectImage }) {
  const { name, raw, label } = image;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { classes } = useProject();
  const { contrast } = useAppState().view;
  // Made once per image: the contrast is drawn many times while a slider moves.
  const made = useRef<{ readonly raw: RawImage; readonly small: Promise<SmallImage> }>(undefined);
  useEffect(() => {
    let isCurrent = true;
    const draw = async () => {
      // Its own task for each, so that a click does not wait for all of them.
      await nextTask();
      if (!isCurrent) return;
      if (made.current?.raw !== raw) {
        made.current = { raw, small: smallImage(raw, SIDE, nextTask) };
      }
      const small = await made.current.small;
      const context = canvas.current?.getContext("2d");
      if (!isCurrent || !context) return;
      const colours = classes.map(({ colour }) => colour);
      const { width, height, pixels } = thumbnail(small, label, colours, contrast);
      context.canvas.width = width;
      context.canvas.height = height;
      context.putImageData(new ImageData(pixels, width, height), 0, 0);
    };
    void draw();
    return () => {
      isCurrent = false;
    };
  }, [raw, label, classes, contrast]);
  return <canvas class="thumbnail" ref={canvas} role="img" aria-label={`Image ${name}`} />;
}
