// What the engine does in the Worker: a run, a prediction.

import {
  type Checkpoint,
  classLegend,
  createPredictor,
  type Device,
  decodeSafetensors,
  encodeSafetensors,
  IGNORED,
  type Prediction,
  type TrainingEvent,
  type TrainingResult,
  train,
} from "../../../src/index.js";
import { meanEntropy } from "../correct/uncertainty.js";
import type { LabelledImage, PredictJob, RatedPrediction, Reply, TrainJob } from "./messages.js";

/** Trains; what comes of it is posted as it comes. */
export async function trainOn(
  device: Device,
  job: TrainJob,
  signal: AbortSignal,
  post: (reply: Reply) => void,
): Promise<TrainingResult> {
  const data = { training: job.training.map(sampleOf), validation: job.validation.map(sampleOf) };
  checkClasses(job);
  const resume = job.resume && decodeSafetensors(job.resume, "last.safetensors");
  const tell = gathered((events) => post({ type: "training", events }));
  let isStarted = false;
  const stoppedBefore = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => {
      if (!isStarted) reject(signal.reason);
    });
  });
  const trained = train(device, data, job.model, job.config, {
    signal,
    ...(resume ? { resume } : {}),
    onEvent(event) {
      // Of a run that was stopped while the GPU was made ready, nothing is wanted.
      if (!isStarted) signal.throwIfAborted();
      isStarted = true;
      tell(event);
    },
    async onCheckpoint(kind, checkpoint) {
      const { step, best } = progressOf(checkpoint);
      const figures = kind === "best" ? best : undefined;
      post({ type: "checkpoint", kind, bytes: encodeSafetensors(checkpoint), step, figures });
      if (kind === "last" && job.watched && job.validation.length === 0) {
        const { name, raw } = job.watched;
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

/** Throws where all that is labelled is of one class: nothing could be learnt. */
export function checkClasses({ training, model }: Pick<TrainJob, "training" | "model">): void {
  let found: number | undefined;
  for (const { label } of training) {
    for (const value of label.data) {
      if (value === IGNORED || value === found) continue;
      if (found !== undefined) return;
      found = value;
    }
  }
  const { names } = classLegend(model);
  throw new Error(
    `All labels for training are ${names[found ?? 0]}: label some pixels of another class too. ` +
      "If the labels came from files, check that they are the right ones.",
  );
}

export async function predictOn(
  device: Device,
  { name, raw, checkpoint: bytes, tile }: PredictJob,
  onTile: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<{ prediction: RatedPrediction; step: number }> {
  const checkpoint = decodeSafetensors(bytes, "checkpoint");
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
  // As stored: of 8 bits a quarter of the memory that values would take.
  return { name, image: raw, label };
}

/** Hands events on by the second: steps wait for the event that is none. */
function gathered(tell: (events: TrainingEvent[]) => void): (event: TrainingEvent) => void {
  let waiting: TrainingEvent[] = [];
  return (event) => {
    waiting.push(event);
    if (event.type === "step") return;
    tell(waiting);
    waiting = [];
  };
}
