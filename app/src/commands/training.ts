// Runs: starting, pausing, continuing.

import { verdictOf } from "../../../src/index.js";
import type { Engine, EngineEvent } from "../engine/client.js";
import { openingTrain } from "../engine/jobs.js";
import type { Failure } from "../engine/messages.js";
import { type FetchStart, fetchStart as fetchFromSite } from "../networks/starting-networks.js";
import { newId } from "../state/project.js";
import type { Project, StoredCheckpoint } from "../state/project-types.js";
import { remedyOf, slower, smallerTile } from "../state/remedies.js";
import type { Store } from "../state/store.js";
import type { Question } from "../state/types.js";
import { countText } from "../state/words.js";
import { checkpointFacts } from "../storage/checkpoint-facts.js";
import type { Ask } from "./asking.js";
import { messageOf } from "./message-of.js";

export interface Training {
  /**
   * Starts a run, or continues the paused one. Asks before a new run replaces a network that came as a
   * file.
   */
  train(): void;
  /** Pauses the run after the step in flight; `train` continues it. */
  pause(): void;
  /** Ends the run after the step in flight; the best checkpoint is kept. */
  finish(): void;
  /** Pauses a run in progress. Resolves when its last checkpoint is available. */
  endRun(): Promise<void>;
  /** Handles an event of the engine. */
  take(event: EngineEvent): void;
}

export interface TrainingParts {
  /** Without it every run starts from the beginning. */
  readonly ask?: Ask | undefined;
  readonly fetchStart?: FetchStart | undefined;
}

export function createTraining(
  store: Store,
  engine: Engine,
  { ask, fetchStart = fetchFromSite }: TrainingParts = {},
): Training {
  const { dispatch } = store;
  const state = () => store.state.peek();
  /** The id of the newest run, which is also the number of runs. */
  let run = "";
  let runs = 0;

  /** The file with the weights that the run started from. */
  let from: Uint8Array | undefined;

  const begin = async () => {
    try {
      const { startFrom, training } = state().project ?? {};
      if (startFrom && !training?.last && !from) {
        dispatch({ type: "run", status: { kind: "preparing" } });
        from = await fetchStart(startFrom);
        if (state().run.kind !== "preparing") {
          dispatch({ type: "run", status: { kind: "idle" } });
          return;
        }
      }
      const job = openingTrain(state(), from);
      run = newId(`run-${++runs}`);
      dispatch({ type: "run", status: { kind: "preparing" } });
      engine.train(job);
    } catch (error) {
      if (state().run.kind === "preparing") dispatch({ type: "run", status: { kind: "idle" } });
      dispatch({ type: "notice", kind: "error", topic: "training", text: messageOf(error) });
    }
  };
  const train = () => {
    const { project } = state();
    const best = project?.training.last ? undefined : project?.training.best;
    from = undefined;
    if (!project || !best || !ask) return void begin();
    startQuestion(project, best)
      .then(ask)
      .then((answer) => {
        if (answer === undefined || state().project?.id !== project.id) return;
        if (answer === "weights") from = best.bytes;
        void begin();
      });
  };
  const stop = (then: "paused" | "done") => {
    dispatch({ type: "run", status: { kind: "stopping", then } });
    engine.stop();
  };

  function failed({ kind, message, proposals }: Failure): void {
    const { last } = state().project?.training ?? {};
    dispatch({ type: "run", status: { kind: last ? "paused" : "idle" } });
    if (kind === "memory") sayMemory(message, proposals);
    else if (/\bdiverged\b/.test(message)) sayDiverged(message);
    else dispatch({ type: "notice", kind: "error", topic: "training", text: message });
  }

  /** Checkpoints are of steps before, from which the run can go on more slowly. */
  function sayDiverged(message: string): void {
    const { project } = state();
    const text = `${message[0].toUpperCase()}${message.slice(1)}.`;
    const remedy = project && slower(project.settings);
    dispatch({ type: "notice", kind: "error", topic: "training", text, remedy });
  }

  /** The estimate's message, if it predicted the problem: it is plainer than the engine's. */
  function sayMemory(message: string, proposals: Failure["proposals"] = []): void {
    const { project, estimate } = state();
    const foreseen = estimate?.problem ? estimate : undefined;
    const remedy =
      foreseen?.remedy ?? remedyOf(proposals) ?? (project && smallerTile(project.settings));
    const text = `Not enough GPU memory. ${foreseen?.problem ?? message}`;
    dispatch({ type: "notice", kind: "error", topic: "training", text, remedy });
  }

  return {
    train,
    pause: () => stop("paused"),
    finish: () => stop("done"),
    async endRun() {
      const isBusy = () => ["preparing", "running", "stopping"].includes(state().run.kind);
      if (isBusy() && state().run.kind !== "stopping") stop("paused");
      while (isBusy()) await nextChange(store);
    },
    take(event) {
      if (event.type === "train-failed") failed(event.failure);
      else change(event, run, store);
    },
  };
}

/** Asks how to start a run if the project's network came as a file that cannot be continued from. */
async function startQuestion(
  project: Project,
  { bytes, step, fileName }: StoredCheckpoint,
): Promise<Question> {
  const name = fileName ?? "The network of this project";
  const { size } = await checkpointFacts(bytes, name);
  const { base, depth } = project.settings;
  // The layers of a network of another program stay as they are.
  const fits = !size || (size.base === base && size.depth === depth);
  const hint = fits
    ? ""
    : ` To start from its weights, set ${size.base} channels in the first layer and a depth of ${size.depth}.`;
  return {
    title: "How should training start?",
    text: `${name} (${countText(step, "step")}) will be replaced by the newly trained network: keep a copy of its file.${hint}`,
    answers: [
      ...(fits ? [{ id: "weights", label: "Start from its weights" }] : []),
      { id: "new", label: "Train a new network", deletes: true },
    ],
    cancel: "Cancel",
  };
}

const nextChange = ({ state }: Store) =>
  new Promise<void>((resolve) => {
    const before = state.peek();
    const end = state.subscribe((now) => {
      if (now !== before) resolve(queueMicrotask(() => end()));
    });
  });

/** The action for an event of the run with this id. */
function change(
  event: Exclude<EngineEvent, { type: "train-failed" }>,
  run: string,
  store: Store,
): void {
  const { dispatch } = store;
  switch (event.type) {
    case "device":
      dispatch({ type: "device", status: { kind: "ready", description: event.description } });
      break;
    case "no-device": {
      const { message: reason } = event.failure;
      dispatch({ type: "device", status: { kind: "missing", reason } });
      break;
    }
    case "faults":
      dispatch({ type: "doctor", status: { kind: "done", examination: event.examination } });
      dispatch({ type: "notice", kind: "error", text: verdictOf(event.examination) });
      break;
    case "training":
      dispatch(event);
      for (const one of event.events) {
        if (one.type === "health") {
          const sentences = one.warnings.map((warning) => `Step ${one.step}: ${warning}.`);
          dispatch({ type: "notices", topic: "health", kind: "warning", sentences });
        }
        if (one.type !== "lost") continue;
        const from = one.step > 0 ? `step ${one.step}` : "the beginning";
        const text = `The GPU connection was lost and restored. Training continues from ${from}.`;
        dispatch({ type: "notice", kind: "info", text });
      }
      break;
    case "checkpoint": {
      const { kind, bytes, step, figures, data } = event;
      const checkpoint = { bytes, step, figures, run: { id: run, data } };
      dispatch({ type: "checkpoint", kind, checkpoint });
      break;
    }
    case "predictions":
      for (const { name, prediction } of event.predictions) {
        dispatch({
          type: "live",
          name,
          prediction: { ...prediction, step: event.step, run },
        });
      }
      break;
    case "train-cancelled": {
      const { last } = store.state.peek().project?.training ?? {};
      dispatch({ type: "run", status: { kind: last ? "paused" : "idle" } });
      break;
    }
    case "trained": {
      const { run } = store.state.peek();
      const kind = run.kind === "stopping" ? run.then : "done";
      dispatch({ type: "run", status: { kind } });
    }
  }
}
