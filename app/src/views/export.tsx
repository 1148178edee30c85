// Page 8: downloads.

import { useState } from "preact/hooks";
import { CELL_KINDS } from "../outputs/cell-kinds.js";
import { commandNote, predictCommands, trainCommand } from "../outputs/command.js";
import { folderOf } from "../outputs/names.js";
import { OUTPUTS } from "../outputs/pictures.js";
import { figureInUse, networkInUse } from "../state/network.js";
import { hasNetwork } from "../state/project.js";
import type { Training } from "../state/project-types.js";
import { countText, numberText, percentText } from "../state/words.js";
import { CommandLines } from "./command-lines.js";
import { useApp, useAppState, useCurrentPredictions, useProject } from "./context.js";
import { NetworkExportsCard } from "./network-exports-card.js";
import { SegmentProgress } from "./segment-progress.js";

export function ExportPage() {
  const app = useApp();
  const project = useProject();
  const isTrained = hasNetwork(project);
  const { packing } = useAppState();
  return (
    <div class="page narrow">
      <div class="page-head">
        <h1>Export</h1>
      </div>
      <div class="columns">
        <section class="card">
          <h2>Network</h2>
          <p class="faint">
            The trained network in one file, for this app and for <code>micrograph predict</code>.
            Its weights have the same shapes as in PyTorch.
          </p>
          <NetworkLine training={project.training} />
          <button type="button" disabled={!isTrained} onClick={app.takeCheckpoint}>
            Download network
          </button>
        </section>
        <section class="card">
          <h2>Report</h2>
          <p class="faint">
            Curves, predictions with their errors, and all settings in one HTML file that opens
            offline.
          </p>
          <button type="button" disabled={!isTrained} onClick={app.takeReport}>
            Download report
          </button>
        </section>
        <section class="card">
          <h2>Project</h2>
          <p class="faint">
            Images, labels, settings and network in one file. Open it here again, or unpack it for
            the command line.
          </p>
          <button type="button" disabled={packing !== undefined} onClick={app.takeProject}>
            Download project
          </button>
        </section>
      </div>
      <NetworkExportsCard />
      <SegmentedCard />
      <CommandCard />
    </div>
  );
}

/** The network's step and validation error. */
function NetworkLine({ training }: { readonly training: Training }) {
  const network = networkInUse(training);
  if (!network) return null;
  const figure = figureInUse(training);
  const step = `${network.kind === "best" ? "Best" : "Last"} network, step ${numberText(network.checkpoint.step)}`;
  return (
    <p>
      {step}
      {figure ? `: validation error ${percentText(figure.wrongPixels)}` : ""}
    </p>
  );
}

/** The commands that do the same without the app. */
function CommandCard() {
  const project = useProject();
  const { view } = useAppState();
  const [said, setSaid] = useState("Copy");
  const lines = [trainCommand(project), ...predictCommands(project, view.threshold)];
  const note = commandNote(project);
  const copy = () =>
    navigator.clipboard.writeText(lines.join("\n")).then(
      () => setSaid("Copied"),
      () => setSaid("Could not copy"),
    );
  return (
    <section class="card">
      <div class="card-head">
        <h2>On the command line</h2>
        <button type="button" class="small" onClick={copy}>
          {said}
        </button>
      </div>
      <p class="faint">
        Unpack the project file into a folder called {folderOf(project)} and run, next to it:
      </p>
      <CommandLines lines={lines} />
      {note ? <p class="faint">{note}</p> : null}
    </section>
  );
}

interface ChoiceProps {
  readonly isOn: boolean;
  onChange(isOn: boolean): void;
}

/** Whether the download of all has single cells too, and their table by itself. */
function CellsChoice({ isOn, onChange }: ChoiceProps) {
  const app = useApp();
  const { packing } = useAppState();
  return (
    <div class="row">
      <label class="choice">
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
        With single cells, as on Measure: {CELL_KINDS.map(({ what }) => what).join(", ")}
      </label>
      <button
        type="button"
        class="small"
        disabled={packing !== undefined}
        onClick={app.takeCellTable}
      >
        CSV of the cells of all images
      </button>
    </div>
  );
}

/** Downloads of the cells of one image. */
function CellButtons({ image }: { readonly image: string }) {
  const app = useApp();
  return (
    <>
      {CELL_KINDS.map(({ key, title, what }) => (
        <button
          key={key}
          type="button"
          class="small"
          aria-label={`${title}: download the ${what} of the cells of ${image}`}
          onClick={() => app.takeCells(key, image)}
        >
          {title}
        </button>
      ))}
    </>
  );
}

function SegmentedCard() {
  const { images } = useProject();
  const app = useApp();
  const { predictions, segmenting, packing } = useAppState();
  const current = useCurrentPredictions();
  const [withCells, setWithCells] = useState(false);
  const segmented = images.filter(({ name }) => current[name]);
  const outdated = images.filter(({ name }) => predictions[name] && !current[name]);
  return (
    <section class="card">
      <div class="card-head">
        <h2>Segmented images</h2>
        <button
          type="button"
          class="primary"
          disabled={segmented.length === 0 || packing !== undefined}
          onClick={() => app.takeAllPictures(withCells)}
        >
          Download all
        </button>
      </div>
      {segmented.length === 0 ? (
        <p class="faint">
          {outdated.length === 0 ? "Nothing segmented yet." : "Nothing segmented by this network."}
        </p>
      ) : (
        <>
          <p class="faint">{OUTPUTS.map(({ appWords }) => appWords).join(" ")}</p>
          <CellsChoice isOn={withCells} onChange={setWithCells} />
        </>
      )}
      {segmenting ? <SegmentProgress segmenting={segmenting} /> : null}
      {outdated.length > 0 ? (
        <p class="row">
          <span>Outdated: {countText(outdated.length, "segmentation")} of an earlier network.</span>
          <button
            type="button"
            class="small"
            disabled={segmenting !== undefined}
            onClick={() => app.segment(outdated.map(({ name }) => name))}
          >
            Segment again
          </button>
        </p>
      ) : null}
      <ul class="plain">
        {segmented.map(({ name }) => (
          <li key={name} class="row">
            <strong>{name}</strong>
            {OUTPUTS.map(({ name: kind }) => (
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
            {withCells ? <CellButtons image={name} /> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
