// The engine's side: one GPU, opened when it is first needed and again after it was lost; one run at
// a time; predictions.

import {
  AdapterError,
  type Checkpoint,
  createPredictor,
  type Device,
  decodeSafetensors,
  encodeSafetensors,
  imageFromRaw,
  MemoryError,
  requestDevice,
  syntheticSample,
  type TrainingEvent,
  train,
} from "../../../src/index.js";
import type { Failure, LabelledImage, PredictJob, Reply, Request, TrainJob } from "./messages.js";

/** Answers requests by `post`, until the Worker ends. */
export function createSession(post: (reply: Reply) => void): (request: Request) => void {
  let opened: Promise<Device> | undefined;
  let abort = new AbortController();

  const open = () => {
    opened ??= requestDevice().then(
      (device) => {
        post({ type: "device", description: device.describe() });
        device.lost.then(() => {
          opened = undefined;
        });
        return device;
      },
      (error) => {
        opened = undefined;
        post({ type: "no-device", failure: failureOf(error) });
        throw error;
      },
    );
    return opened;
  };

  const runTraining = async (job: TrainJob) => {
    abort = new AbortController();
    const { signal } = abort;
    try {
      const device = await open();
      const result = await trainOn(device, job, signal, post);
      post({ type: "trained", result });
    } catch (error) {
      post({ type: "train-failed", failure: failureOf(error) });
    }
  };

  const runPrediction = async (id: number, job: PredictJob) => {
    try {
      const answer = await predictOn(await open(), job, (done, total) =>
        post({ type: "predicting", id, done, total }),
      );
      post({ type: "predicted", id, answer });
    } catch (error) {
      post({ type: "failed", id, failure: failureOf(error) });
    }
  };

  return (request) => {
    if (request.type === "open")
      open().catch(() => {}); // told by `no-device`
    else if (request.type === "train") runTraining(request.job);
    else if (request.type === "stop") abort.abort();
    else if (request.type === "predict") runPrediction(request.id, request.job);
    else post({ type: "drawn", id: request.id, answer: syntheticSample(request.options) });
  };
}

async function trainOn(
  device: Device,
  job: TrainJob,
  signal: AbortSignal,
  post: (reply: Reply) => void,
) {
  const data = { training: job.training.map(sampleOf), validation: job.validation.map(sampleOf) };
  const resume = job.resume && decodeSafetensors(job.resume, "last.safetensors");
  const tell = gathered((events) => post({ type: "training", events }));
  return train(device, data, job.model, job.config, {
    signal,
    ...(resume ? { resume } : {}),
    onEvent: tell,
    async onCheckpoint(kind, checkpoint) {
      const { step, best } = progressOf(checkpoint);
      const figures = kind === "best" ? best : undefined;
      post({ type: "checkpoint", kind, bytes: encodeSafetensors(checkpoint), step, figures });
      if (kind === "last" && job.watched && job.validation.length === 0) {
        const { name, raw } = job.watched;
        const prediction = await predictWith(device, checkpoint, imageFromRaw(raw), name);
        post({ type: "predictions", step, predictions: [{ name, prediction }] });
      }
    },
    onPredictions(step, predictions) {
      const named = predictions.map(({ sample, prediction }) => ({
        name: sample.name,
        prediction,
      }));
      post({ type: "predictions", step, predictions: named });
    },
  });
}

async function predictOn(
  device: Device,
  { name, raw, checkpoint: bytes, tile }: PredictJob,
  onTile: (done: number, total: number) => void,
) {
  const checkpoint = decodeSafetensors(bytes, "checkpoint");
  const prediction = await predictWith(device, checkpoint, imageFromRaw(raw), name, tile, onTile);
  return { prediction, step: progressOf(checkpoint).step };
}

async function predictWith(
  device: Device,
  checkpoint: Checkpoint,
  image: ReturnType<typeof imageFromRaw>,
  name: string,
  tile?: number,
  onTile?: (done: number, total: number) => void,
) {
  const predictor = await createPredictor(device, checkpoint, { tile, onTile });
  try {
    return await predictor.predict(image, name);
  } finally {
    predictor.close();
  }
}

function progressOf({ metadata }: Checkpoint) {
  return metadata.progress ?? { step: 0, best: undefined };
}

function sampleOf({ name, raw, label }: LabelledImage) {
  return { name, image: imageFromRaw(raw), label };
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

function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof AdapterError) return { kind: "adapter", message };
  if (error instanceof MemoryError || /out of memory/i.test(message)) {
    return { kind: "memory", message };
  }
  return { kind: /device was lost/.test(message) ? "lost" : "other", message };
}
