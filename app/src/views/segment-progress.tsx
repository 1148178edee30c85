// The progress of predictions, and a button to cancel them.

import type { Segmenting } from "../state/types.js";
import { useApp } from "./context.js";

export function SegmentProgress({ segmenting }: { readonly segmenting: Segmenting }) {
  const app = useApp();
  const { name, done, total, image, images } = segmenting;
  return (
    <>
      {images > 1 ? (
        <p>
          Image {image + 1} of {images}
        </p>
      ) : null}
      <p class="faint" role="status">
        {name}: tile {done} of {total}
      </p>
      <progress value={image + done / total} max={images} aria-label="Images done" />
      <div class="row">
        <button type="button" onClick={app.stopSegmenting}>
          Cancel
        </button>
      </div>
    </>
  );
}
