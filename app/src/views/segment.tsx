// Station 6: the trained network on any image of the project.

import { useMemo } from "preact/hooks";
import { connectedComponents } from "../../../src/index.js";
import { predictionPixels } from "../canvas/layers.js";
import { classesOf } from "../outputs/pictures.js";
import { countText, percentText } from "../state/words.js";
import { useApp, useAppState, useProject, useShownImage } from "./context.js";
import { FileButton } from "./drop-zone.js";
import { ImagePicker } from "./image-picker.js";
import { ImageStage } from "./image-stage.js";
import { OverlaySliders } from "./overlay-sliders.js";

export function SegmentStation() {
  return (
    <div class="split">
      <SegmentStage />
      <aside class="side">
        <SegmentCard />
        <ImageList />
      </aside>
    </div>
  );
}

function SegmentStage() {
  const { classes, images } = useProject();
  const { view, predictions } = useAppState();
  const image = useShownImage();
  const prediction = image && predictions[image.name];
  const layer = useMemo(() => {
    const colours = classes.map(({ colour }) => colour);
    return prediction && predictionPixels(prediction, view.threshold, colours);
  }, [prediction, view.threshold, classes]);
  if (!image) return <div class="stage" />;
  return (
    <div class="stage-column">
      <ImageStage
        raw={image.raw}
        layer={layer}
        opacity={view.opacity}
        label={`Image ${image.name}${prediction ? " with its segmentation" : ""}`}
      >
        <ImagePicker images={images} />
      </ImageStage>
      <OverlaySliders />
    </div>
  );
}

function SegmentCard() {
  const app = useApp();
  const { images } = useProject();
  const { segmenting, view } = useAppState();
  return (
    <section class="card">
      <h2>Segment</h2>
      {segmenting ? (
        <>
          <p role="status">
            {segmenting.name}: tile {segmenting.done} of {segmenting.total}
          </p>
          <progress value={segmenting.done} max={segmenting.total} aria-label="Tiles done" />
        </>
      ) : (
        <ShownFigures />
      )}
      <div class="row">
        <button
          type="button"
          class="primary"
          disabled={segmenting !== undefined}
          onClick={() => app.segment(images.map(({ name }) => name))}
        >
          Segment all images
        </button>
        <button
          type="button"
          disabled={segmenting !== undefined || !view.image}
          onClick={() => view.image && app.segment([view.image])}
        >
          Only this one
        </button>
      </div>
    </section>
  );
}

/** Objects and shares of the classes in the image on show. */
function ShownFigures() {
  const { classes } = useProject();
  const { predictions, view } = useAppState();
  const prediction = view.image ? predictions[view.image] : undefined;
  const figures = useMemo(() => {
    if (!prediction) return undefined;
    const indices = classesOf(prediction, view.threshold);
    const { count } = connectedComponents(indices, prediction.width, prediction.height);
    const shares = classes.map((_, k) => indices.filter((i) => i === k).length / indices.length);
    return { count, shares };
  }, [prediction, view.threshold, classes]);
  if (!figures) return <p class="faint">This image has not been segmented yet.</p>;
  return (
    <dl class="figures">
      <div>
        <dt>connected objects</dt>
        <dd>{countText(figures.count, "object").split(" ")[0]}</dd>
      </div>
      {classes.map(({ name, colour }, k) => (
        <div key={name}>
          <dt>
            <span class="swatch" style={{ background: colour }} /> {name}
          </dt>
          <dd>{percentText(figures.shares[k])}</dd>
        </div>
      ))}
    </dl>
  );
}

function ImageList() {
  const app = useApp();
  const { images } = useProject();
  const { predictions, view } = useAppState();
  return (
    <section class="card list">
      <div class="card-head">
        <h2>Images</h2>
        <FileButton>Add images</FileButton>
      </div>
      <ul>
        {images.map(({ name }) => (
          <li key={name}>
            <button
              type="button"
              class="entry"
              aria-pressed={name === view.image}
              onClick={() => app.dispatch({ type: "view", changes: { image: name } })}
            >
              <span>{name}</span>
              <span class="faint">{predictions[name] ? "segmented" : ""}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
