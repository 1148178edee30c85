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
  const size = image && pixelSizeOf(project, image);
  if (!size) return null;
  const { length, text } = scaleBar(size.x / scale, LONGEST);
  return (
    <div class="scale-bar" role="img" aria-label={`Scale bar: ${text}`}>
      <span>{text}</span>
      <i style={{ width: `${length}px` }} />
    </div>
  );
}
