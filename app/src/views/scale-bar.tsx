// The scale bar in a corner of the stage.

import type { RawImage } from "../../../src/index.js";
import { scaleBar } from "../canvas/scale-bar.js";
import { pixelSizeOf } from "../state/pixel-size.js";
import { useProject } from "./context.js";

/** Of the screen, in pixels. */
const LONGEST = 120;

/** Nothing if the size of the image's pixels is not known. `scale`: pixels of the screen for one of the image. */
export function ScaleBar({ raw, scale }: { readonly raw: RawImage; readonly scale: number }) {
  const project = useProject();
  const image = project.images.find((one) => one.raw === raw);
  return <ScaleBarOf size={image && pixelSizeOf(project, image)?.x} scale={scale} />;
}

/** Nothing without `size`, the micrometres of a pixel. */
export function ScaleBarOf({
  size,
  scale,
}: {
  readonly size: number | undefined;
  readonly scale: number;
}) {
  if (!size) return null;
  const { length, text } = scaleBar(size / scale, LONGEST);
  return (
    <div class="scale-bar" role="img" aria-label={`Scale bar: ${text}`}>
      <span>{text}</span>
      <i style={{ width: `${length}px` }} />
    </div>
  );
}
