// Page 1: open files, a project or the sample; shows the GPU.

import { useState } from "preact/hooks";
import type { SampleKind } from "../state/project.js";
import { useApp, useAppState } from "./context.js";
import { DeviceCard } from "./device.js";
import { DropZone, FileButton } from "./drop-zone.js";
import { SavedProjects } from "./saved-projects.js";
import { SlideCard } from "./slide/open-slide.js";

export function StartPage() {
  const { saved, run } = useAppState();
  const isBusy = run.kind === "running" || run.kind === "preparing" || run.kind === "stopping";
  return (
    <div class="start">
      <section class="hero">
        <h1>Teach a network to see your cells</h1>
        <p class="lead">
          Paint a few labels, train a U-Net on this computer's GPU, download the masks.
          <br />
          Nothing leaves this computer.
        </p>
      </section>
      <fieldset class="start-columns" disabled={isBusy}>
        <DropZone class="card">
          <svg class="drop-icon" viewBox="0 0 48 48" aria-hidden="true">
            <path d="M24 30V10m-8 8 8-8 8 8M8 30v8h32v-8" />
          </svg>
          <p class="drop-title">Drop images, labels or a project here</p>
          <p class="faint">
            PNG, TIFF (also stacks) or JPEG with any number of channels. Images and labels are
            matched by folder (<code>images</code>, <code>labels</code>) or by name (
            <code>cell1.png</code>, <code>cell1_mask.png</code>). Labels may be black and white, one
            grey value or colour per class, or one number per cell.
          </p>
          <div class="row centred">
            <FileButton>Choose files</FileButton>
            <FileButton folder>Choose a folder</FileButton>
            <NewProjectButton />
          </div>
        </DropZone>
        <div class="start-side">
          <section class="card">
            <h2>First time here?</h2>
            <p class="faint">A trained network finds nuclei in an image that it has not seen.</p>
            <DemoButton />
            <p class="faint">Train one: 12 example images, 10 already labelled, in a minute.</p>
            <SampleButton kind="membranes">Try the sample</SampleButton>
            <p class="faint">
              Or nuclei that touch each other: train for some minutes, then count and measure them.
            </p>
            <SampleButton kind="nuclei">Try the nuclei</SampleButton>
          </section>
          {saved.length > 0 ? <SavedProjects saved={saved} /> : null}
          <SlideCard />
          <DeviceCard />
        </div>
      </fieldset>
      {isBusy ? <p class="faint">Training is running. Pause it to open another project.</p> : null}
    </div>
  );
}

function NewProjectButton() {
  const app = useApp();
  return (
    <button type="button" onClick={app.newProject}>
      New project
    </button>
  );
}

function DemoButton() {
  const app = useApp();
  const [isOpening, setOpening] = useState(false);
  const open = () => {
    setOpening(true);
    app.openDemo().finally(() => setOpening(false));
  };
  return (
    <button type="button" disabled={isOpening} onClick={open}>
      {isOpening ? "Preparing the demo…" : "See a prediction"}
    </button>
  );
}

function SampleButton({
  kind,
  children,
}: {
  readonly kind: SampleKind;
  readonly children: string;
}) {
  const app = useApp();
  const [isDrawing, setDrawing] = useState(false);
  const draw = () => {
    setDrawing(true);
    app.openSample(kind).finally(() => setDrawing(false));
  };
  return (
    <button
      type="button"
      class={kind === "membranes" ? "primary" : ""}
      disabled={isDrawing}
      onClick={draw}
    >
      {isDrawing ? "Preparing the sample…" : children}
    </button>
  );
}
