// What the matrix runs in each engine: the doctor, a training, a prediction, and both over a loss of
// the GPU.

import { examine } from "../../src/check/examine.js";
import {
  createPredictor,
  type Device,
  requestDevice,
  syntheticSample,
  useDevice,
} from "../../src/index.js";
import { syntheticCheckpoint } from "../browser/canvas-checkpoint.js";
import { sampleLosses } from "../browser/sample-run.js";

/** The limits with which the device is opened. */
export const LIMITS = ["highest", "default", "compatibility"] as const;
export type Limits = (typeof LIMITS)[number];

/** Those limits of compatibility mode by which kernels are chosen. */
const COMPATIBILITY: Readonly<Record<string, number>> = {
  maxComputeInvocationsPerWorkgroup: 128,
  maxComputeWorkgroupSizeX: 128,
  maxComputeWorkgroupSizeY: 128,
  maxTextureDimension2D: 4096,
  maxStorageTexturesPerShaderStage: 4,
  maxUniformBufferBindingSize: 16384,
};
const LOST_AT = 5;

/**
 * Adam divides small gradients by their size, and so enlarges roundings, which differ from kernel to
 * kernel. With seed 7 no unit comes so near to the kink of its ReLU that a rounding decides on which
 * side it is: with seed 1 one did, in the first step.
 */
export const SETTINGS = { optimizer: "sgd", learningRate: 0.05, seed: 7 } as const;

let opened: Device | undefined;

function device(): Device {
  if (!opened) throw new Error("no device is open");
  return opened;
}

/** Opens a device, closing the one before; says which adapter it has, and whether it keeps the limits. */
export async function openWith(limits: Limits) {
  opened?.close();
  let isKept = true;
  if (limits === "highest") opened = await requestDevice();
  else {
    const open = async () => {
      const isCompatible = limits === "compatibility";
      const adapter = await navigator.gpu.requestAdapter(
        isCompatible ? { featureLevel: "compatibility" } : {},
      );
      if (!adapter) throw new Error("there is no adapter");
      const gpu = await adapter.requestDevice();
      // An engine without the mode has all that a device has: only the engine's own choice is seen.
      isKept = !isCompatible || gpu.limits.maxComputeInvocationsPerWorkgroup === 128;
      return isKept ? gpu : lowered(gpu);
    };
    opened = useDevice(await open(), { reopen: open });
  }
  const { adapter, kind } = opened.describe();
  return { adapter, kind, isKept };
}

/** The device as if it had only the limits of compatibility mode. */
function lowered(gpu: GPUDevice): GPUDevice {
  const limits = new Proxy(gpu.limits, {
    get: (target, name) => COMPATIBILITY[String(name)] ?? Reflect.get(target, name, target),
  });
  return new Proxy(gpu, {
    get(target, name) {
      if (name === "limits") return limits;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The doctor's report in a few numbers. */
export async function doctor() {
  const { passed, cases, hazards, avoided, unusable, elapsedMs } = await examine(device());
  const failed = hazards.filter(({ verdict }) => verdict === "failed");
  return {
    passed,
    seconds: elapsedMs / 1000,
    cases: cases.length,
    hazards: hazards.filter(({ verdict }) => verdict !== "skipped").length,
    problems: [
      ...Object.values(avoided),
      ...unusable,
      ...failed.map(({ name, detail }) => `${name}: ${detail}`),
    ],
  };
}

/** Losses of a short training, and whether those of a training that loses the GPU are the same. */
export async function training() {
  const losses = await sampleLosses(device(), SETTINGS);
  const { renewals } = device();
  const lost = await sampleLosses(device(), SETTINGS, {
    onEvent(event) {
      if (event.type === "step" && event.step === LOST_AT) device().gpu.destroy();
    },
  });
  return { losses, lost, renewals: device().renewals - renewals };
}

/** Probabilities of a drawn picture in tiles, and of a prediction that loses the GPU. */
export async function prediction() {
  const { image } = syntheticSample({ seed: 3, width: 300, height: 260 });
  using predictor = await createPredictor(device(), syntheticCheckpoint(1, 2), { tile: 76 });
  const whole = await predictor.predict(image, "the picture");
  const { renewals } = device();
  const pending = predictor.predict(image, "the picture");
  device().gpu.destroy();
  const lost = await pending;
  return {
    probabilities: [...whole.probabilities],
    isSame: whole.probabilities.every((value, i) => value === lost.probabilities[i]),
    renewals: device().renewals - renewals,
  };
}
