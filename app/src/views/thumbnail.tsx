// A small picture of an image, with its colours over it where there are some.

import { useLayoutEffect, useRef } from "preact/hooks";
import { classPixels, imagePixels, usualRange } from "../canvas/layers.js";
import type { ProjectImage } from "../state/types.js";
import { useProject } from "./context.js";

interface ThumbnailProps {
  readonly image: ProjectImage;
  /** Whether the label's colours lie over it. */
  readonly labelled?: boolean;
}

export function Thumbnail({ image, labelled = true }: ThumbnailProps) {
  const { name, raw, label } = image;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { classes } = useProject();
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    const { width, height } = raw;
    canvas.current.width = width;
    canvas.current.height = height;
    context.putImageData(new ImageData(imagePixels(raw, usualRange(raw)), width, height), 0, 0);
    if (!label || !labelled) return;
    const area = { x: 0, y: 0, width, height };
    const colours = classes.map(({ colour }) => colour);
    const pixels = classPixels(label.data, width, colours, area);
    for (let alpha = 3; alpha < pixels.length; alpha += 4) pixels[alpha] *= 0.4;
    const over = new OffscreenCanvas(width, height);
    over.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
    context.drawImage(over, 0, 0);
  }, [raw, label, labelled, classes]);
  return <canvas class="thumbnail" ref={canvas} role="img" aria-label={`Image ${name}`} />;
}
