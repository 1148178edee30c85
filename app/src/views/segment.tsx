// Page 6: segment any image of the project.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { Prediction } from "../../../src/index.js";
import { predictionLayer } from "../canvas/overlay.js";
import type { PixelFigures } from "../files/work.js";
import { isCurrent, networkInUse } from "../state/network.js";
import type { Training } from "../state/project-types.js";
import type { StepPrediction } from "../state/types.js";
import { numberText, percentText } from "../state/words.js";
import { useApp, useAppState, useProject, useShownImage } from "./context.js";
import { FileButton } from "./drop-zone.js";
import { ImagePicker } from "./image-picker.js";
import { ImageStage } from "./image-stage.js";
import { ClassToggles } from "./legend.js";
import { OverlaySliders } from "./overlay-sliders.js";
import { SegmentProgress } from "./segment-progress.js";
import { SlideCard } from "./slide/open-slide.js";
import { useSecondView } from "./use-second-view.js";

export function SegmentPage() {
  return (
    <div class="split">
      <h1 class="unseen">Segment</h1>
      <SegmentStage />
      <aside class="side">
        <SegmentCard />
        <ImageList />
        <SlideCard />
      </aside>
    </div>
  );
}

function SegmentStage() {
  const { classes, images, training } = useProject();
  const { view, predictions } = useAppState();
  const image = useShownImage();
  const prediction = image && predictions[image.name];
  const secondView = useSecondView(image);
  const layer = useMemo(() => {
    const colours = classes.map(({ colour }) => colour);
    return prediction && predictionLayer(prediction, view.threshold, colours, view.look);
  }, [prediction, view.threshold, view.look, classes]);
  if (!image) return <div class="stage" />;
  return (
    <div class="stage-column">
      <ImageStage
        raw={image.raw}
        layer={layer}
        opacity={view.opacity}
        secondView={secondView}
        label={`Image ${image.name}${prediction ? " with its segmentation" : ""}`}
      >
        <ImagePicker images={images} />
        {prediction && !isCurrent(prediction, training) ? (
          <span class="tag">outdated: step {prediction.step}</span>
        ) : null}
        {prediction ? <ClassToggles /> : null}
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
      {segmenting ? <SegmentProgress segmenting={segmenting} /> : <ShownFigures />}
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
          Segment this image
        </button>
      </div>
    </section>
  );
}

/** Objects and shares of the classes in the selected image. */
function ShownFigures() {
  const app = useApp();
  const { classes, training } = useProject();
  const { predictions, view } = useAppState();
  const prediction = view.image ? predictions[view.image] : undefined;
  const [found, setFound] = useState<PixelFigures & { readonly of: Prediction }>();
  useEffect(() => {
    if (!prediction) return;
    let isWanted = true;
    app.figures(prediction, view.threshold).then((figures) => {
      if (isWanted) setFound({ ...figures, of: prediction });
    });
    return () => {
      isWanted = false;
    };
  }, [app, prediction, view.threshold]);
  if (!prediction) return <p class="faint">Not segmented yet.</p>;
  const two = classes.length === 2;
  // The figures of the former threshold are shown until those of this one are known.
  const figures = found?.of === prediction ? found : undefined;
  const inUse = networkInUse(training)?.checkpoint;
  if (!isCurrent(prediction, training)) {
    return (
      <p class="problem">
        Outdated: this is the segmentation of step {prediction.step}, and the network in use is of
        step {inUse?.step}. Segment again.
      </p>
    );
  }
  return (
    <dl class="figures">
      <div>
        <dt>Objects ({two ? classes[1].name : `without ${classes[0].name}`})</dt>
        <dd>{figures ? numberText(figures.objects) : "–"}</dd>
      </div>
      {classes.map(({ name, colour }, k) => (
        <div key={k}>
          <dt>
            <span class="swatch" style={{ background: colour }} /> {name} area
          </dt>
          <dd>{figures ? percentText(figures.shares[k]) : "–"}</dd>
        </div>
      ))}
    </dl>
  );
}

function ImageList() {
  const app = useApp();
  const { images, training } = useProject();
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
              <span class="faint">{segmentedText(predictions[name], training)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function segmentedText(prediction: StepPrediction | undefined, training: Training): string {
  if (!prediction) return "";
  if (isCurrent(prediction, training)) return "segmented";
  return `outdated (step ${prediction.step})`;
}
