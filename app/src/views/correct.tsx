// Page 5: the images that the network is least certain of, to accept or to edit.

import { useMemo, useState } from "preact/hooks";
import { doubtLayer, predictionLayer } from "../canvas/overlay.js";
import { labelledShare } from "../label/figures.js";
import { accepted, byUncertainty } from "../outputs/uncertainty.js";
import { currentPredictions, isCurrent } from "../state/network.js";
import { trainText } from "../state/project.js";
import type { ProjectImage } from "../state/project-types.js";
import { percentText } from "../state/words.js";
import {
  useApp,
  useAppState,
  useCurrentPredictions,
  useProject,
  useShownImage,
} from "./context.js";
import { ImagePicker } from "./image-picker.js";
import { ImageStage } from "./image-stage.js";
import { ClassToggles, DoubtLegend } from "./legend.js";
import { OverlaySliders } from "./overlay-sliders.js";
import { SegmentProgress } from "./segment-progress.js";
import { UndoButtons, useUndoKeys } from "./undo.js";
import { useSecondView } from "./use-second-view.js";

/** An image is done when nearly all of it is labelled. */
const DONE = 0.999;

export function CorrectPage() {
  const { images } = useProject();
  // Predictions of an earlier network say little about this one.
  const predictions = useCurrentPredictions();
  const open = useMemo(() => images.filter((image) => labelledShare(image.label) < DONE), [images]);
  const ranked = useMemo(() => byUncertainty(open, predictions), [open, predictions]);
  useUndoKeys();
  const isFound = open.length > 0 && open.every(({ name }) => predictions[name]);
  return (
    <div class="split">
      <h1 class="unseen">Correct</h1>
      <CorrectStage />
      <aside class="side">
        <UnsureCard open={open} isFound={isFound} />
        <AcceptCard isNext={isFound} />
        <section class="card list">
          <h2>Most uncertain first</h2>
          <p class="faint">
            {open.length === 0
              ? "Every image is labelled."
              : "0 %: certain everywhere. 100 %: guessing everywhere."}
          </p>
          <ul>
            {ranked.map(({ image, uncertainty }) => (
              <RankedEntry key={image.name} image={image} uncertainty={uncertainty} />
            ))}
          </ul>
        </section>
      </aside>
    </div>
  );
}

function CorrectStage() {
  const { classes, images } = useProject();
  const { view, predictions } = useAppState();
  const [showsDoubt, setShowsDoubt] = useState(false);
  const image = useShownImage();
  const prediction = image && predictions[image.name];
  const secondView = useSecondView(image);
  const layer = useMemo(() => {
    if (!prediction) return undefined;
    if (showsDoubt) return doubtLayer(prediction);
    const colours = classes.map(({ colour }) => colour);
    return predictionLayer(prediction, view.threshold, colours, view.look);
  }, [prediction, view.threshold, view.look, classes, showsDoubt]);
  if (!image) return <div class="stage-column" />;
  return (
    <div class="stage-column">
      <ImageStage
        raw={image.raw}
        layer={layer}
        opacity={view.opacity}
        secondView={secondView}
        label={`Image ${image.name} with ${showsDoubt ? "its uncertainty" : "its prediction"}`}
      >
        <ImagePicker images={images} />
        <label class="choice">
          <input
            type="checkbox"
            checked={showsDoubt}
            onChange={({ currentTarget }) => setShowsDoubt(currentTarget.checked)}
          />
          Show uncertainty
        </label>
        {prediction && showsDoubt ? <DoubtLegend /> : null}
        {prediction && !showsDoubt ? <ClassToggles /> : null}
      </ImageStage>
      <OverlaySliders />
    </div>
  );
}

interface UnsureProps {
  readonly open: readonly ProjectImage[];
  /** Whether the network has predicted all of them. */
  readonly isFound: boolean;
}

function UnsureCard({ open, isFound }: UnsureProps) {
  const app = useApp();
  const project = useProject();
  const { segmenting, run } = useAppState();
  const isBusy = run.kind !== "idle" && run.kind !== "paused" && run.kind !== "done";
  const find = async () => {
    await app.segment(open.map(({ name }) => name));
    const { predictions, project } = app.state.peek();
    if (!project) return;
    const [first] = byUncertainty(open, currentPredictions(predictions, project.training));
    if (first) app.dispatch({ type: "view", changes: { image: first.image.name } });
  };
  return (
    <section class="card">
      <h2>Correct</h2>
      {segmenting ? (
        <SegmentProgress segmenting={segmenting} />
      ) : (
        <p class="faint">
          Find the images that the network is least certain of, and correct those first.
        </p>
      )}
      <div class="row">
        <button
          type="button"
          class={open.length > 0 && !isFound ? "primary" : ""}
          disabled={segmenting !== undefined || open.length === 0}
          onClick={find}
        >
          Find uncertain images
        </button>
        <button
          type="button"
          class={open.length > 0 ? "" : "primary"}
          disabled={isBusy}
          onClick={() => {
            app.dispatch({ type: "go", page: "train" });
            app.train();
          }}
        >
          {trainText(project)}
        </button>
      </div>
    </section>
  );
}

function AcceptCard({ isNext }: { readonly isNext: boolean }) {
  const app = useApp();
  const { training } = useProject();
  const { predictions, view } = useAppState();
  const image = useShownImage();
  const prediction = image && predictions[image.name];
  if (!image || !prediction) return null;
  const accept = () =>
    app.dispatch({
      type: "label",
      name: image.name,
      label: accepted(image, prediction, view.threshold),
    });
  return (
    <section class="card">
      <h2>{image.name}</h2>
      <p class="faint">
        Prediction of step {prediction.step}
        {isCurrent(prediction, training) ? "" : " (outdated: another network is in use)"}. Accept
        fills every pixel that you have not painted.
      </p>
      <div class="row">
        <button type="button" class={isNext ? "primary" : ""} onClick={accept}>
          Accept
        </button>
        <button
          type="button"
          onClick={() => {
            accept();
            app.dispatch({ type: "go", page: "label" });
          }}
        >
          Accept and edit
        </button>
      </div>
      <div class="row">
        <UndoButtons />
      </div>
    </section>
  );
}

interface EntryProps {
  readonly image: ProjectImage;
  readonly uncertainty: number | undefined;
}

function RankedEntry({ image, uncertainty }: EntryProps) {
  const app = useApp();
  const { view } = useAppState();
  const { name } = image;
  const doubt =
    uncertainty === undefined ? "not checked yet" : `${percentText(uncertainty)} uncertain`;
  return (
    <li>
      <button
        type="button"
        class="entry"
        aria-pressed={name === view.image}
        onClick={() => app.dispatch({ type: "view", changes: { image: name } })}
      >
        <span>{name}</span>
        <span class="faint">{doubt}</span>
      </button>
    </li>
  );
}
