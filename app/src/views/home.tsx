// Station 7: what there is to take home.

import { useState } from "preact/hooks";
import { predictCommand, trainCommand } from "../outputs/command.js";
import { KINDS } from "../outputs/pictures.js";
import { hasNetwork } from "../state/project.js";
import { CommandLines } from "./command-lines.js";
import { useApp, useAppState, useProject } from "./context.js";

export function HomeStation() {
  const app = useApp();
  const isTrained = hasNetwork(useProject());
  return (
    <div class="page narrow">
      <div class="page-head">
        <h1>Take home</h1>
      </div>
      <div class="columns">
        <section class="card">
          <h2>The network</h2>
          <p class="faint">
            A checkpoint for this app and for <code>micrograph predict</code>; its weights have
            PyTorch's shapes.
          </p>
          <button type="button" disabled={!isTrained} onClick={app.takeCheckpoint}>
            Download the checkpoint
          </button>
        </section>
        <section class="card">
          <h2>The report</h2>
          <p class="faint">
            Curves, pictures with their errors, settings: one HTML file that opens without a
            network.
          </p>
          <button type="button" disabled={!isTrained} onClick={app.takeReport}>
            Download the report
          </button>
        </section>
        <section class="card">
          <h2>The project</h2>
          <p class="faint">
            Images, labels, settings and checkpoints in one file. It opens here again; unpacked, it
            is a folder for the command line.
          </p>
          <button type="button" onClick={app.takeProject}>
            Download the project
          </button>
        </section>
      </div>
      <SegmentedCard />
      <CommandCard />
    </div>
  );
}

/** What does the same without the app. */
function CommandCard() {
  const project = useProject();
  const { view } = useAppState();
  const [said, setSaid] = useState("Copy");
  const lines = [trainCommand(project), predictCommand(project, view.threshold)];
  const copy = () =>
    navigator.clipboard.writeText(lines.join("\n")).then(
      () => setSaid("Copied"),
      () => setSaid("The clipboard is closed"),
    );
  return (
    <section class="card">
      <div class="card-head">
        <h2>The same from the command line</h2>
        <button type="button" class="small" onClick={copy}>
          {said}
        </button>
      </div>
      <p class="faint">In the folder where the project file was unpacked as {project.id}:</p>
      <CommandLines lines={lines} />
    </section>
  );
}

function SegmentedCard() {
  const { images } = useProject();
  const app = useApp();
  const { predictions } = useAppState();
  const segmented = images.filter(({ name }) => predictions[name]);
  return (
    <section class="card">
      <div class="card-head">
        <h2>Segmented images</h2>
        <button
          type="button"
          class="primary"
          disabled={segmented.length === 0}
          onClick={app.takeAllPictures}
        >
          Download all
        </button>
      </div>
      {segmented.length === 0 ? (
        <p class="faint">None in this session yet: segment some first.</p>
      ) : (
        <p class="faint">
          Mask: the class of each pixel. Probability: in 16 bits. Components: objects by number.
          Overlay: outlines on the image.
        </p>
      )}
      <ul class="plain">
        {segmented.map(({ name }) => (
          <li key={name} class="row">
            <strong>{name}</strong>
            {KINDS.map((kind) => (
              <button
                key={kind}
                type="button"
                class="small"
                aria-label={`Download the ${kind} of ${name}`}
                onClick={() => app.takePicture(kind, name)}
              >
                {kind}
              </button>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
