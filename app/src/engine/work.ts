// The work of the engine in the Worker: runs and predictions.

import {
  type Checkpoint,
  classFieldsOf,
  classLegend,
  createPredictor,
  type Device,
  encodeSafetensors,
  IGNORED,
  type Prediction,
  type TrainingEvent,
  type TrainingResult,
  train,
} from "../../../src/index.js";
import { decodeNetwork } from "../networks/decode-network.js";
import { meanEntropy } from "../outputs/uncertainty.js";
import type { Run, RunData } from "../state/project-types.js";
import { heldOut } from "./held-out.js";
import type { LabelledImage, PredictJob, RatedPrediction, Reply, TrainJob } from "./messages.js";
import { networkOfRun } from "./network-of-run.js";

/** Milliseconds of training that a run may lose if the page is closed. */
const CHECKPOINT_EVERY_MS = 20_000;

/** Trains, and posts the results as they arrive. */
export async function trainOn(
  device: Device,
  job: TrainJob,
  signal: AbortSignal,
  post: (reply: Reply) => void,
): Promise<TrainingResult> {
  checkClasses(job);
  const { training, validation, about } = heldOut(job);
  const data = { training: training.map(sampleOf), validation: validation.map(sampleOf) };
  const resume = job.resume && (await resumed(job.resume, job.bestRun, about));
  const from = job.from && (await decodeNetwork(job.from, "the project's network"));
  signal.throwIfAborted();
  const { model, config } = networkOfRun(resume ?? from, job.model, job.config);
  // If images are held out, one of them is shown.
  const isPredicted = validation.some(({ name }) => name === job.watched?.name);
  const watched = job.validation.length > 0 || isPredicted ? undefined : job.watched;
  const tell = gathered((events) => post({ type: "training", events }));
  let isStarted = false;
  const stoppedBefore = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => {
      if (!isStarted) reject(signal.reason);
    });
  });
  const trained = train(device, data, model, config, {
    signal,
    task: job.task,
    checkpointEveryMs: CHECKPOINT_EVERY_MS,
    ...(resume ? { resume } : {}),
    ...(from ? { from } : {}),
    onEvent(event) {
      // A run that was stopped while the GPU was prepared has no results.
      if (!isStarted) signal.throwIfAborted();
      isStarted = true;
      tell(event);
    },
    async onCheckpoint(kind, checkpoint) {
      const { step, best } = progressOf(checkpoint);
      const figures = kind === "best" ? best : undefined;
      const bytes = encodeSafetensors(checkpoint);
      post({ type: "checkpoint", kind, bytes, step, figures, data: about });
      // A checkpoint between two validations is only for a reload.
      const isCheck = step % job.config.validateEvery === 0 || step === job.config.steps;
      if (kind === "last" && watched && (isCheck || signal.aborted)) {
        const { name, raw } = watched;
        const prediction = rated(await predictWith(device, checkpoint, { raw, name }));
        post({ type: "predictions", step, predictions: [{ name, prediction }] });
      }
    },
    onPredictions(step, predictions) {
      const named = predictions.map(({ sample, prediction }) => ({
        name: sample.name,
        prediction: rated(prediction),
      }));
      post({ type: "predictions", step, predictions: named });
    },
  });
  return Promise.race([trained, stoppedBefore]);
}

/** The checkpoint to continue from, without a best one that was found on other validation data. */
async function resumed(
  bytes: Uint8Array,
  bestRun: Run | undefined,
  about: RunData,
): Promise<Checkpoint> {
  const checkpoint = await decodeNetwork(bytes, "last.safetensors");
  const { metadata } = checkpoint;
  const isSame = (key: "pixels" | "validation") =>
    String(bestRun?.data?.[key]) === String(about[key]);
  const isComparable = !bestRun || (isSame("pixels") && isSame("validation"));
  if (!metadata.progress || isComparable) return checkpoint;
  const progress = { ...metadata.progress, best: undefined };
  return { ...checkpoint, metadata: { ...metadata, progress } };
}

/** Throws if all labelled pixels are of one class, from which nothing can be learned. */
export function checkClasses({
  training,
  model,
  task,
}: Pick<TrainJob, "training" | "model" | "task">): void {
  let found: number | undefined;
  for (const { label } of training) {
    for (const value of label.data) {
      if (value === IGNORED || value === found) continue;
      if (found !== undefined) return;
      found = value;
    }
  }
  const { names } = classLegend(classFieldsOf({ model, task }));
  throw new Error(
    `All training labels are ${names[found ?? 0]}: label some pixels of another class too. ` +
      "If the labels came from files, check that they are the right ones.",
  );
}

export async function predictOn(
  device: Device,
  { name, raw, checkpoint: bytes, tile }: PredictJob,
  onTile: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<{ prediction: RatedPrediction; step: number }> {
  const checkpoint = await decodeNetwork(bytes, "checkpoint");
  const prediction = await predictWith(device, checkpoint, { raw, name, tile, onTile, signal });
  return { prediction: rated(prediction), step: progressOf(checkpoint).step };
}

async function predictWith(
  device: Device,
  checkpoint: Checkpoint,
  { raw, name, tile, onTile, signal }: PredictParts,
) {
  const predictor = await createPredictor(device, checkpoint, {
    tile,
    signal,
    onTile(done, total) {
      signal?.throwIfAborted();
      onTile?.(done, total);
    },
  });
  try {
    return await predictor.predict(raw, name);
  } finally {
    predictor.close();
  }
}

interface PredictParts extends Pick<PredictJob, "raw" | "name" | "tile"> {
  onTile?(done: number, total: number): void;
  readonly signal?: AbortSignal;
}

function rated(prediction: Prediction): RatedPrediction {
  return { ...prediction, uncertainty: meanEntropy(prediction) };
}

function progressOf({ metadata }: Checkpoint) {
  return metadata.progress ?? { step: 0, best: undefined };
}

function sampleOf({ name, raw, label }: LabelledImage) {
  // As stored: 8 bits take a quarter of the memory of floats.
  return { name, image: raw, label };
}

/** Passes events on once per second: step events wait for the next event of another kind. */
function gathered(tell: (events: TrainingEvent[]) => void): (event: TrainingEvent) => void {
  let waiting: TrainingEvent[] = [];
  return (event) => {
    waiting.push(event);
    if (event.type === "step") return;
    tell(waiting);
    waiting = [];
  };
}
