// How the events of a run change the state.

import type { TrainingEvent } from "../../../src/index.js";
import type { Action } from "./actions.js";
import type { Training } from "./project-types.js";
import type { AppState, RunStatus } from "./types.js";

/** The state after events of a run, or after a checkpoint. */
export function trained(
  state: AppState,
  action: Extract<Action, { type: "training" | "checkpoint" }>,
): AppState {
  const { project } = state;
  if (!project) return state;
  if (action.type === "checkpoint") {
    const training = { ...project.training, [action.kind]: action.checkpoint };
    return { ...state, project: { ...project, training } };
  }
  const { events } = action;
  const run = events.reduce(
    (before, event) => runAfter(before, event, project.settings),
    state.run,
  );
  const training = figuresAfter(project.training, events);
  return { ...state, run, project: { ...project, training } };
}

function runAfter(
  run: RunStatus,
  event: TrainingEvent,
  { steps, batch }: { readonly steps: number; readonly batch: number },
): RunStatus {
  // After a request to stop, the run is no longer shown as running.
  if (run.kind === "stopping") return run;
  if (event.type === "start") {
    const { step, planBytes } = event;
    return { kind: "running", step, steps, stepsPerSecond: 0, remainingMs: 0, planBytes };
  }
  if (event.type !== "progress" || run.kind !== "running") return run;
  const stepsPerSecond = event.imagesPerSecond / batch;
  const { step, remainingMs } = event;
  return { ...run, step, steps: event.steps, stepsPerSecond, remainingMs };
}

function figuresAfter(training: Training, events: readonly TrainingEvent[]): Training {
  const start = events.find((event) => event.type === "start");
  // A run that continues from an earlier step reports some steps again.
  const before = <T extends { readonly step: number }>(points: readonly T[]) =>
    start ? points.filter(({ step }) => step <= start.step) : points;
  const losses = events.flatMap((event) =>
    event.type === "step" ? [{ step: event.step, loss: event.loss }] : [],
  );
  const validations = events.flatMap((event) => {
    if (event.type !== "validation") return [];
    const { step, loss, wrongPixels } = event;
    return [{ step, loss, wrongPixels }];
  });
  return {
    ...training,
    losses: [...before(training.losses), ...losses],
    validations: [...before(training.validations), ...validations],
  };
}
