// The run: its button, its figures, the expected time and memory.

import { figureInUse } from "../state/network.js";
import { lastStep, trainText } from "../state/project.js";
import type { Training } from "../state/project-types.js";
import type { RunStatus } from "../state/types.js";
import { bytesText, countText, numberText, percentText, timeText } from "../state/words.js";
import { useApp, useAppState, useProject } from "./context.js";
import { PatchesChoice } from "./patches-choice.js";
import { StartChoice } from "./start-choice.js";

export function RunCard() {
  const app = useApp();
  const { run, device, access } = useAppState();
  const project = useProject();
  const { training, settings } = project;
  const isBusy = run.kind === "preparing" || run.kind === "running" || run.kind === "stopping";
  const goesOn = training.last !== undefined;
  return (
    <section class="card run">
      <RunFigures run={run} training={training} steps={settings.steps} />
      {isBusy ? null : <StartChoice />}
      {isBusy ? null : <EstimateLine />}
      <PatchesChoice isBusy={isBusy} />
      <div class="row">
        {isBusy ? (
          <>
            <button
              type="button"
              class="primary"
              disabled={run.kind === "stopping"}
              onClick={() => app.pause()}
            >
              {run.kind === "preparing" ? "Cancel" : "Pause"}
            </button>
            <button type="button" disabled={run.kind !== "running"} onClick={() => app.finish()}>
              Finish now
            </button>
          </>
        ) : (
          <>
            <button
              type="button"
              class="primary"
              disabled={device.kind !== "ready" || access !== "write"}
              onClick={() => app.train()}
            >
              {trainText(project)}
            </button>
            {goesOn ? (
              <button type="button" onClick={() => app.dispatch({ type: "go", page: "segment" })}>
                Segment images
              </button>
            ) : null}
          </>
        )}
      </div>
    </section>
  );
}

/** Expected time and memory, or why the run is not possible. */
function EstimateLine() {
  const app = useApp();
  const { estimate, device, speed } = useAppState();
  const project = useProject();
  const { training, settings } = project;
  if (!estimate) {
    const isComing = device.kind === "ready" && project.images.length > 0;
    return isComing ? <p class="faint">Estimating time and memory…</p> : null;
  }
  const { problem, remedy, ms, bytes, isUnknown } = estimate;
  if (isUnknown) {
    return <p class="faint">A network of another program: its time is known after some steps.</p>;
  }
  const more = lastStep(project) - (training.last?.step ?? 0);
  const what = training.last ? `${countText(more, "more step")} take` : "Takes";
  const time = timeText((speed * ms * more) / settings.steps);
  const said = `${what} about ${time} and ${bytesText(bytes)} of GPU memory.`;
  // Trained weights fit only a network of this width.
  const isOffered = remedy && !(training.last && remedy.changes.base);
  return (
    <p class={problem ? "problem" : "faint"} role={problem ? "alert" : undefined}>
      {problem ?? said}{" "}
      {isOffered ? (
        <button
          type="button"
          class="small"
          onClick={() => app.dispatch({ type: "settings", changes: remedy.changes })}
        >
          {remedy.label}
        </button>
      ) : null}
    </p>
  );
}

interface FiguresProps {
  readonly run: RunStatus;
  readonly training: Training;
  readonly steps: number;
}

function RunFigures({ run, training, steps }: FiguresProps) {
  const used = figureInUse(training);
  const newest = training.validations.at(-1);
  const done = run.kind === "running" ? run.step : (training.last?.step ?? 0);
  const total = run.kind === "running" ? run.steps : Math.max(steps, done);
  return (
    <>
      <p class="status" role="status">
        {statusText(run, done)}
      </p>
      <progress value={done} max={total} aria-label="Steps done" />
      <dl class="figures">
        <Figure name="step" value={`${numberText(done)} / ${numberText(total)}`} />
        <Figure
          name={`validation error${used ? ` (step ${numberText(used.step)})` : ""}`}
          value={used ? percentText(used.wrongPixels) : "–"}
        />
        {newest && newest.step !== used?.step ? (
          <Figure
            name={`latest validation (step ${numberText(newest.step)})`}
            value={percentText(newest.wrongPixels)}
          />
        ) : null}
        {run.kind === "running" ? (
          <>
            <Figure name="steps per second" value={run.stepsPerSecond.toFixed(1)} />
            <Figure name="GPU memory" value={bytesText(run.planBytes)} />
          </>
        ) : null}
      </dl>
    </>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function statusText(run: RunStatus, done: number): string {
  switch (run.kind) {
    case "idle":
      return "Ready to train";
    case "preparing":
      return "Getting the GPU ready…";
    case "running":
      return run.remainingMs > 0 ? `Training, ${timeText(run.remainingMs)} left` : "Training";
    case "stopping":
      return "Stopping after this step";
    case "paused":
      return `Paused at step ${done}`;
    case "done":
      return `Trained for ${countText(done, "step")}`;
  }
}
