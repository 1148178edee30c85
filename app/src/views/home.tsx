// Station 7: what there is to take home.

import { useState } from "preact/hooks";
import { predictCommand, trainCommand } from "../outputs/command.js";
import { download } from "../outputs/download.js";
import { KINDS, type Kind, predictionFiles } from "../outputs/pictures.js";
import { reportHtml } from "../outputs/report.js";
import { zipFiles, zipProject } from "../storage/zip.js";
import { useAppState, useProject } from "./context.js";

export function HomeStation() {
  const project = useProject();
  const { training, id } = project;
  const { predictions, view, device } = useAppState();
  const checkpoint = training.best ?? training.last;
  const downloadReport = () => {
    const adapter = device.kind === "ready" ? device.description.adapter : "none";
    const html = reportHtml({ project, predictions, threshold: view.threshold, adapter });
    download({ path: `${id}-report.html`, bytes: new TextEncoder().encode(html) });
  };
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
          <button
            type="button"
            disabled={!checkpoint}
            onClick={() =>
              checkpoint && download({ path: "best.safetensors", bytes: checkpoint.bytes })
            }
          >
            Download the checkpoint
          </button>
        </section>
        <section class="card">
          <h2>The report</h2>
          <p class="faint">
            Curves, pictures with their errors, settings: one HTML file that opens without a
            network.
          </p>
          <button type="button" disabled={!checkpoint} onClick={downloadReport}>
            Download the report
          </button>
        </section>
        <section class="card">
          <h2>The project</h2>
          <p class="faint">
            Images, labels, settings and checkpoints in one file. It opens here again; unpacked, it
            is a folder for the command line.
          </p>
          <button
            type="button"
            onClick={() => download({ path: `${id}.zip`, bytes: zipProject(project) })}
          >
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
  const text = `${trainCommand(project)}\n${predictCommand(project, view.threshold)}`;
  const copy = () =>
    navigator.clipboard.writeText(text).then(
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
      <pre>{text}</pre>
    </section>
  );
}

function SegmentedCard() {
  const { images } = useProject();
  const { predictions, view } = useAppState();
  const segmented = images.filter(({ name }) => predictions[name]);
  const filesOf = (kind: Kind, name: string) => {
    const image = images.find((one) => one.name === name);
    return image ? predictionFiles(kind, name, image.raw, predictions[name], view.threshold) : [];
  };
  const downloadAll = () => {
    const files = segmented.flatMap(({ name }) => KINDS.flatMap((kind) => filesOf(kind, name)));
    download({ path: "segmentation.zip", bytes: zipFiles(files) });
  };
  return (
    <section class="card">
      <div class="card-head">
        <h2>Segmented images</h2>
        <button
          type="button"
          class="primary"
          disabled={segmented.length === 0}
          onClick={downloadAll}
        >
          Download all
        </button>
      </div>
      {segmented.length === 0 ? (
        <p class="faint">None in this session yet: segment some first.</p>
      ) : null}
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
                onClick={() => filesOf(kind, name).forEach(download)}
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
