// Station 2: the images, which of them are labelled, and which are held out.

import { isLabelled } from "../state/project.js";
import type { ProjectImage } from "../state/types.js";
import { useApp, useProject } from "./context.js";
import { countText } from "./format.js";
import { Thumbnail } from "./thumbnail.js";

export function ImagesStation() {
  const app = useApp();
  const { images } = useProject();
  const labels = images.filter(isLabelled);
  const held = labels.filter(({ role }) => role === "validation").length;
  return (
    <div class="page">
      <div class="page-head">
        <h1>Images</h1>
        <p class="summary">
          {countText(images.length, "image")}, {labels.length} labelled, {held} held out to check
          what is learnt
        </p>
        <button
          type="button"
          class="primary"
          onClick={() => app.dispatch({ type: "go", station: "train" })}
        >
          Go on
        </button>
      </div>
      <ul class="grid">
        {images.map((image) => (
          <ImageCard key={image.name} image={image} />
        ))}
      </ul>
    </div>
  );
}

function ImageCard({ image }: { readonly image: ProjectImage }) {
  const app = useApp();
  const { name, raw, role } = image;
  const labels = isLabelled(image);
  return (
    <li class="card image-card">
      <Thumbnail image={image} />
      <div class="image-card-text">
        <strong>{name}</strong>
        <span class="faint">
          {raw.width} × {raw.height}
          {raw.channels > 1 ? `, ${raw.channels} channels` : ""}
        </span>
        {labels ? (
          <label class="choice">
            <input
              type="checkbox"
              checked={role === "validation"}
              onChange={({ currentTarget }) =>
                app.dispatch({
                  type: "role",
                  name,
                  role: currentTarget.checked ? "validation" : "training",
                })
              }
            />
            held out
          </label>
        ) : (
          <span class="faint">not labelled</span>
        )}
      </div>
    </li>
  );
}
