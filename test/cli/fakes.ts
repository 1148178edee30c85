// A replacement for the GPU engine: it sends the events of a run, in the order of the real loop.

import { Writable } from "node:stream";
import type { Examination } from "../../src/check/examine.js";
import type { Services } from "../../src/cli/services.js";
import { imageFromRaw } from "../../src/data/float-image.js";
import { readSample } from "../../src/data/survey.js";
import type { Task } from "../../src/data/task.js";
import type { Profile } from "../../src/gpu/profile.js";
import type { TunedLayer } from "../../src/gpu/tune.js";
import { isModel } from "../../src/model/model.js";
import type { MemoryReport } from "../../src/train/memory-report.js";
import type {
  Checkpoint,
  ModelConfig,
  Prediction,
  Sample,
  TrainingConfig,
} from "../../src/train/training-types.js";

export function fakeCheckpoint(
  model: ModelConfig,
  training: TrainingConfig,
  step: number,
  task?: Task,
): Checkpoint {
  const best = { step, loss: 0.5, wrongPixels: 0.1 };
  return {
    tensors: new Map([
      ["head.bias", { shape: [2], data: Float32Array.of(step, 1) }],
      ["optimizer.mean.head.bias", { shape: [2], data: Float32Array.of(0, 0) }],
    ]),
    metadata: {
      model,
      ...(task?.objects ? { task } : {}),
      normalisation: { kind: "image" },
      training,
      progress: { step, best },
    },
  };
}

/**
 * Probability of class 1: the image itself; for more classes: equal shares, but all of class k
 * where the image is 100 k of 255.
 */
export function fakePrediction(image: Sample["image"], classes: number): Prediction {
  const { width, height, data } = imageFromRaw(image);
  const count = width * height;
  const probabilities = new Float32Array(classes * count).fill(1 / classes);
  if (classes === 2) {
    for (let i = 0; i < count; i++) {
      probabilities[i] = 1 - data[i];
      probabilities[count + i] = data[i];
    }
  }
  for (let i = 0; i < count && classes > 2; i++) {
    const index = (data[i] * 255) / 100;
    if (index === 0 || Math.abs(index - Math.round(index)) > 1e-6) continue;
    for (let k = 0; k < classes; k++)
      probabilities[k * count + i] = Number(k === Math.round(index));
  }
  return { width, height, classes, probabilities };
}

const row = { kernel: "conv2d buffer", dispatches: 2, ms: 1.5, share: 1, gflops: 10 };

export const fakeProfile: Profile = {
  adapter: "fake",
  method: "timestamps",
  resolutionMs: 0.00001,
  repeats: 10,
  peakGflops: 100,
  ms: 1.5,
  gflops: 10,
  shareOfPeak: 0.1,
  nodes: [{ ...row, name: "encoder1.conv1", shareOfPeak: 0.1, gigabytesPerSecond: 2 }],
  kernels: [{ ...row, name: "conv2d", shareOfPeak: 0.1, gigabytesPerSecond: 2 }],
};

const fakeLayer = (key: string): TunedLayer => ({
  key,
  node: "encoder1.conv2",
  count: 2,
  shapes: [
    [1, 16, 30, 30],
    [16, 16, 3, 3],
  ],
  multiplyAdds: 1e6,
  candidates: [
    { kernel: "texture", ms: 2, dropped: undefined },
    { kernel: "buffer", ms: 1, dropped: undefined },
    { kernel: "winograd", ms: undefined, dropped: "its answer is off by 1" },
  ],
  default: "texture",
  winner: "buffer",
});

function fakeMemory(tile: number, activations: number): MemoryReport {
  const zero = { gradients: 0, moments: 0, losses: 0, inputs: 0, records: 0, gaps: 0 };
  const none = { activationGradients: 0, recomputed: 0, scratch: 0, textures: 0 };
  const bytes = {
    ...zero,
    ...none,
    parameters: 2 ** 20,
    activations,
    total: activations + 2 ** 20,
  };
  const largest = { name: "encoder1.conv1", shape: [1, 2, 3, 4], bytes: activations };
  return { tile, bytes, largest, bindingLimit: 2 ** 21, dispatches: 50, multiplyAdds: 1e6 };
}

export const fakeExamination: Examination = {
  adapter: "fake",
  kind: "cpu",
  backend: "system",
  limits: { maxBufferSize: 2 ** 28 },
  features: [],
  driver: { vendor: "", architecture: "", device: "fake", description: "fake 1.0" },
  version: "0.0.0",
  scope: "normal",
  passed: true,
  elapsedMs: 1500,
  leftOut: 0,
  next: undefined,
  cases: [
    {
      name: "relu 1,2,3,4",
      ms: 5,
      rows: [
        {
          ...{ what: "forward", op: "relu", kernel: "relu", error: 2e-6, tolerance: 1e-5 },
          ...{ passed: true, problem: undefined },
        },
      ],
    },
  ],
  hazards: [{ name: "unary minus", verdict: "passed", detail: "all right", ms: 1 }],
  avoided: {},
  proven: [],
  unusable: [],
};

/** Services without a GPU. `onStep` is called after each step, before the signal is checked. */
export function fakeServices(onStep: (step: number) => void | Promise<void> = () => {}) {
  const log = {
    opened: 0,
    closed: 0,
    resumedAt: undefined as number | undefined,
    /** The checkpoint that the last run started from. */
    from: undefined as Checkpoint | undefined,
    /** Of each predictor that was created. */
    symmetries: [] as (number | undefined)[],
  };
  let known: [string, string][] = [];
  const services: Services = {
    async openDevice() {
      log.opened++;
      return {
        describe: () => ({
          adapter: "fake",
          kind: "cpu" as const,
          backend: "system",
          limits: { maxBufferSize: 2 ** 28 },
          features: [],
        }),
        choices: new Map(known),
        close: () => {
          log.closed++;
        },
      };
    },
    lossOf: async () => undefined,
    async train(_device, { validation }, model, training, options) {
      const { steps, validateEvery } = training;
      const first = options.resume?.metadata.progress?.step ?? 0;
      log.from = options.from;
      log.resumedAt = options.resume?.metadata.progress?.step;
      const plan = { parameterCount: 1886, pipelines: 24, dispatches: 50, planBytes: 2 ** 20 };
      await options.onEvent?.({ type: "start", ...plan, step: first, readyMs: 10 });
      let step = first;
      let reason: "steps" | "aborted" = "steps";
      let best: { step: number; loss: number; wrongPixels: number } | undefined;
      const config = isModel(model) ? model.config : model;
      if (options.profile) await options.onProfile?.(fakeProfile);
      while (step < steps) {
        step++;
        const { learningRate } = training;
        await options.onEvent?.({ type: "step", step, loss: 1 / step, learningRate });
        const rate = { imagesPerSecond: 4, waitMs: 1, remainingMs: 1000 };
        await options.onEvent?.({ type: "progress", step, steps, loss: 1 / step, ...rate });
        await onStep(step);
        if (options.signal?.aborted) {
          reason = "aborted";
          await options.onCheckpoint?.(
            "last",
            fakeCheckpoint(config, training, step, options.task),
          );
          break;
        }
        if (step % validateEvery !== 0 && step !== steps) continue;
        const figures = { loss: 1 / step + 0.1, wrongPixels: 0.1 };
        best = { step, ...figures };
        const images = validation.map(({ name }) => ({ name, ...figures }));
        await options.onEvent?.({ type: "validation", step, best: true, images, ...figures });
        await options.onCheckpoint?.("best", fakeCheckpoint(config, training, step, options.task));
        await options.onCheckpoint?.("last", fakeCheckpoint(config, training, step, options.task));
        for (const [index, one] of validation.entries()) {
          const sample = await readSample(one);
          const prediction = fakePrediction(sample.image, config.classes);
          await options.onPrediction?.(step, { sample, prediction }, index);
        }
      }
      const result = { steps: step, reason, best, elapsedMs: 1234 };
      await options.onEvent?.({ type: "end", result });
      return result;
    },
    examine: async (_device, { scope = "normal" }) => ({ ...fakeExamination, scope }),
    keepExamination: async () => "kernels-doctor.json",
    examineFirst: async () => undefined,
    testPackage: async () => {
      const tolerance = { absolute: 1e-3, relative: 1e-3 };
      const one = { shape: [1, 1, 8, 8], worst: 0.25, off: 0.5 };
      return { ...one, passed: false, tolerance, outputs: [{ id: "out", ...one }], remarks: [] };
    },
    async exportPackage(_device, _checkpoint, { name, image }) {
      const text = `${name}, ${image.width} x ${image.height}`;
      const files = [{ path: "bioimageio.yaml", bytes: new TextEncoder().encode(text) }];
      return { files, smallest: 16, step: 4, halo: 4 };
    },
    async tune(device, _network, { again, onLayer }) {
      const key = "conv2d 1";
      const layers: TunedLayer[] = device.choices.has(key) && !again ? [] : [fakeLayer(key)];
      for (const layer of layers) {
        device.choices.set(key, layer.winner);
        onLayer?.(layer, 1, 1);
      }
      return { layers, leftOut: 2, elapsedMs: 1500 };
    },
    async keepChoices(device) {
      known = [...device.choices];
      return "kernels.json";
    },
    async planMemory(_device, { training }, predictionTile = 700) {
      const proposals = [{ changes: { tile: 44 }, bytes: 2 ** 20 }];
      const refusal = { message: "tensor encoder1.conv1 needs more: use tile 44", proposals };
      return {
        training: { ...fakeMemory(training.tile, 3 * 2 ** 20), refusal },
        prediction: { ...fakeMemory(predictionTile, 2 ** 20), refusal: undefined },
      };
    },
    async createPredictor(_device, checkpoint, { symmetries }) {
      log.symmetries.push(symmetries);
      return {
        predict: async (image) => fakePrediction(image, checkpoint.metadata.model.classes),
        close() {},
      };
    },
  };
  return { services, log };
}

/** A stream that keeps its text. */
export function collector() {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return Object.assign(stream, { text: () => text });
}
