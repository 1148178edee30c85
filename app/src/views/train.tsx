// Page 4: one button, and the network's progress.

import { useMemo } from "preact/hooks";
import { predictionLayer } from "../canvas/overlay.js";
import { labelled } from "../state/project.js";
import { useAppState, useProject, useShownImage } from "./context.js";
import { Curves } from "./curves.js";
import { ImagePicker } from "./image-picker.js";
import { ImageStage } from "./image-stage.js";
import { ClassToggles } from "./legend.js";
import { OverlaySliders } from "./overlay-sliders.js";
import { QualityCard } from "./quality.js";
import { RunCard } from "./run-card.js";
import { SettingsForm } from "./settings.js";
import { useSecondView } from "./use-second-view.js";

export function TrainPage() {
  const { training } = useProject();
  return (
    <div class="split">
      <h1 class="unseen">Train</h1>
      <TrainingStage />
      <aside class="side">
        <RunCard />
        <QualityCard />
        <section class="card">
          <div class="card-head">
            <h2>Loss by step</h2>
            <p class="legend" aria-hidden="true">
              <span>training</span>
              <span class="held">validation</span>
            </p>
          </div>
          {training.losses.length > 0 ? (
            <Curves training={training} />
          ) : (
            <p class="faint">
              The curves appear here as the network learns, and its prediction on the image.
            </p>
          )}
        </section>
        <SettingsForm />
      </aside>
    </div>
  );
}

/** The live prediction over one of the images for validation. */
function TrainingStage() {
  const project = useProject();
  const { view, predictions, live } = useAppState();
  const held = labelled(project, "validation");
  const shown = useShownImage();
  const image = held.length > 0 && !held.some(({ name }) => name === shown?.name) ? held[0] : shown;
  const prediction = image && (live[image.name] ?? predictions[image.name]);
  const secondView = useSecondView(image);
  const layer = useMemo(() => {
    const colours = project.classes.map(({ colour }) => colour);
    return prediction && predictionLayer(prediction, view.threshold, colours, view.look);
  }, [prediction, view.threshold, view.look, project.classes]);
  if (!image) return <div class="stage" />;
  const choices =
    held.length > 0 ? held : project.images.filter((one) => one === image || live[one.name]);
  return (
    <div class="stage-column">
      <ImageStage
        raw={image.raw}
        layer={layer}
        opacity={view.opacity}
        secondView={secondView}
        label={`Image ${image.name} with its prediction`}
      >
        <ImagePicker images={choices} shown={image.name} />
        <span class="faint">
          {prediction ? `prediction of step ${prediction.step}` : "no prediction yet"}
        </span>
        {prediction ? <ClassToggles /> : null}
      </ImageStage>
      <OverlaySliders />
    </div>
  );
}
