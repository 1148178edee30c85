// Page 2: the images, which of them are labelled, and which are kept for validation.

import { networkInUse } from "../state/network.js";
import { pixelSizeOf } from "../state/pixel-size.js";
import { hasNetwork, isLabelled } from "../state/project.js";
import type { Project, ProjectImage } from "../state/project-types.js";
import { countText, numbersText, pixelSizeText } from "../state/words.js";
import { useApp, useProject } from "./context.js";
import { ContrastSliders } from "./contrast-sliders.js";
import { DropZone, FileButton } from "./drop-zone.js";
import { ClassLegend } from "./legend.js";
import { NetworkCard } from "./network-card.js";
import { PixelSizeInput } from "./pixel-size.js";
import { ProjectName } from "./project-name.js";
import { Thumbnail } from "./thumbnail.js";

export function ImagesPage() {
  const app = useApp();
  const project = useProject();
  const { images, name } = project;
  const labels = images.filter(isLabelled);
  const held = labels.filter(({ role }) => role === "validation").length;
  const next = nextPage(project);
  return (
    <DropZone class="page">
      <div class="page-head">
        <ProjectName name={name} />
        <p class="summary">
          {countText(images.length, "image")}, {labels.length} labelled, {held} kept for validation
        </p>
        <FileButton>Add files</FileButton>
        <FileButton folder>Add a folder</FileButton>
        <button
          type="button"
          class="primary"
          disabled={images.length === 0}
          onClick={() => app.dispatch({ type: "go", page: next })}
        >
          {NEXT[next]}
        </button>
      </div>
      {images.length > 0 ? <Contrast /> : null}
      <NetworkCard />
      <ul class="grid">
        {images.map((image) => (
          <ImageCard key={image.name} image={image} />
        ))}
      </ul>
    </DropZone>
  );
}

/** How the images are displayed, the size of their pixels, and the legend of their colours. */
function Contrast() {
  const project = useProject();
  return (
    <div class="contrast">
      <ContrastSliders />
      <p class="faint">Display only: training uses the original values.</p>
      <PixelSizeInput />
      {project.images.some(isLabelled) || hasNetwork(project) ? <ClassLegend /> : null}
    </div>
  );
}

/** Labels of the button that leads to the next page. */
const NEXT = {
  train: "Continue to training",
  segment: "Continue to segmentation",
  label: "Continue to labelling",
} as const;

/** Users who bring a network and images without labels want to segment them. */
function nextPage({ images, training }: Project): keyof typeof NEXT {
  if (images.some(isLabelled)) return "train";
  return networkInUse(training)?.checkpoint.fileName ? "segment" : "label";
}

function ImageCard({ image }: { readonly image: ProjectImage }) {
  const app = useApp();
  const { name, raw, role, source } = image;
  const size = pixelSizeOf(useProject(), image);
  const paint = () => {
    app.dispatch({ type: "view", changes: { image: name } });
    app.dispatch({ type: "go", page: "label" });
  };
  return (
    <li class="card image-card">
      <button type="button" class="picture" aria-label={`Label ${name}`} onClick={paint}>
        <Thumbnail image={image} />
      </button>
      <div class="image-card-text">
        <strong title={source?.path ?? name}>{name}</strong>
        <button
          type="button"
          class="quiet"
          aria-label={`Remove ${name}`}
          onClick={() => app.dispatch({ type: "remove-image", name })}
        >
          ×
        </button>
        <span class="faint">
          {raw.width} × {raw.height}
          {raw.channels > 1 ? `, ${raw.channels} channels` : ""}
          {numbersText(raw)}
          {size ? `, ${pixelSizeText(size)}` : ""}
        </span>
        {isLabelled(image) ? (
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
            for validation
          </label>
        ) : (
          <span class="tag">not labelled</span>
        )}
      </div>
    </li>
  );
}
