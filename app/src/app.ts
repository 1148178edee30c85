// What a person can do, in verbs: each changes the state by actions, asks the engine, or both.

import { type Engine, EngineError, type EngineEvent } from "./engine/client.js";
import { openingTrain } from "./engine/jobs.js";
import type { Failure } from "./engine/messages.js";
import { sampleProject } from "./state/project.js";
import type { Store } from "./state/store.js";
import type { AppState, Project, Station } from "./state/types.js";

export interface App extends Store {
  openSample(): void;
  openProject(project: Project, station: Station): void;
  /** Starts a run, or goes on with the one that was paused. */
  train(): void;
  /** Ends the run after the step in flight; `train` goes on with it. */
  pause(): void;
  /** The same for good: the best checkpoint stays. */
  finish(): void;
  /** Predicts images of the project with the best checkpoint. */
  segment(names: readonly string[]): Promise<void>;
}

/** How often in a row a lost GPU is opened again without a step in between. */
const REOPENINGS = 3;

export function createApp(
  store: Store,
  connect: (onEvent: (event: EngineEvent) => void) => Engine,
): App {
  const { dispatch } = store;
  const state = () => store.state.peek();
  let reopenings = 0;

  const engine = connect((event) => {
    if (event.type === "training" && event.events.some(({ type }) => type === "progress")) {
      reopenings = 0;
    }
    if (event.type === "train-failed") failed(event.failure);
    else take(event, store);
  });

  const start = () => {
    try {
      const job = openingTrain(state());
      dispatch({ type: "run", status: { kind: "preparing" } });
      engine.train(job);
    } catch (error) {
      notice(messageOf(error));
    }
  };
  const stop = (then: "paused" | "done") => {
    dispatch({ type: "run", status: { kind: "stopping", then } });
    engine.stop();
  };
  const notice = (text: string, kind: "error" | "info" = "error") =>
    dispatch({ type: "notice", kind, text });

  function failed({ kind, message }: Failure): void {
    const wasStopping = state().run.kind === "stopping";
    const { last } = state().project?.training ?? {};
    if (kind === "lost" && !wasStopping && reopenings++ < REOPENINGS) {
      const from = last ? `step ${last.step}` : "the beginning";
      notice(`The GPU was lost and is open again: training goes on from ${from}.`, "info");
      start();
      return;
    }
    dispatch({ type: "run", status: { kind: last ? "paused" : "idle" } });
    notice(message);
  }

  engine.open();
  return {
    ...store,
    openSample: () => dispatch({ type: "open", project: sampleProject(), station: "images" }),
    openProject: (project, station) => dispatch({ type: "open", project, station }),
    train: start,
    pause: () => stop("paused"),
    finish: () => stop("done"),
    async segment(names) {
      for (const name of names) {
        const job = predictJob(state(), name);
        if (!job) return;
        try {
          const progress = (done: number, total: number) =>
            dispatch({ type: "segmenting", progress: { name, done, total } });
          progress(0, 1);
          const { prediction, step } = await engine.predict(job, progress);
          dispatch({ type: "prediction", name, prediction: { ...prediction, step } });
        } catch (error) {
          notice(error instanceof EngineError ? error.message : messageOf(error));
          break;
        } finally {
          dispatch({ type: "segmenting", progress: undefined });
        }
      }
    },
  };
}

/** What an event of the engine makes of the state. */
function take(event: Exclude<EngineEvent, { type: "train-failed" }>, store: Store): void {
  const { dispatch } = store;
  switch (event.type) {
    case "device":
      dispatch({ type: "device", status: { kind: "ready", ...event } });
      break;
    case "no-device": {
      const { message: reason } = event.failure;
      dispatch({ type: "device", status: { kind: "missing", reason } });
      break;
    }
    case "training":
      dispatch(event);
      break;
    case "checkpoint": {
      const { kind, bytes, step, figures } = event;
      dispatch({ type: "checkpoint", kind, checkpoint: { bytes, step, figures } });
      break;
    }
    case "predictions":
      for (const { name, prediction } of event.predictions) {
        dispatch({ type: "prediction", name, prediction: { ...prediction, step: event.step } });
      }
      break;
    case "trained": {
      const { run } = store.state.peek();
      const kind = run.kind === "stopping" ? run.then : "done";
      dispatch({ type: "run", status: { kind } });
    }
  }
}

function predictJob({ project }: AppState, name: string) {
  const image = project?.images.find((one) => one.name === name);
  const checkpoint = project?.training.best ?? project?.training.last;
  return image && checkpoint && { name, raw: image.raw, checkpoint: checkpoint.bytes };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
