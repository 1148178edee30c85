// Prediction of one large image with overlapping tiles, with Micrograph only.

import type { Image } from "../src/data/image-types.js";
import { cutTile } from "../src/data/mirror.js";
import { normalise } from "../src/data/normalise.js";
import { createPredictor } from "../src/predict/predict.js";
import type { Checkpoint, Prediction } from "../src/train/training-types.js";
import { micrograph } from "./engines/micrograph.js";
import { summarise } from "./measure.js";
import { createNetwork, type Network, noise, relativeDifference } from "./network.js";
import { rowOf } from "./report.js";
import { lineOf, type Session, simplestKernels } from "./session.js";

const SIDE = 4096;
const TOLERANCE = 1e-4;
/** The tile that checks a part of the image. */
const CHECKED_TILE = 284;

/** An image of `side` pixels square: first a warm-up on a part, then timed, then checked. */
export async function benchLargeImage(session: Session, width: number, side = SIDE): Promise<void> {
  const { device, bytes, rows, remarks, say } = session;
  const network = createNetwork(width, CHECKED_TILE);
  const image = imageOf(side);
  try {
    const predictor = await createPredictor(device, checkpointOf(network));
    await predictor.predict(imageOf(Math.min(side, 1024)), "warm-up");
    bytes.restart();
    say(`prediction of ${side} x ${side} pixels: micrograph computes`);
    const start = performance.now();
    const prediction = await predictor.predict(image, "large");
    const times = summarise([performance.now() - start]);
    const peakBytes = bytes.peak();
    predictor.close();
    const difference = await differenceOf(session, network, image, prediction);
    if (!(difference <= TOLERANCE)) {
      throw new Error(`its middle differs by ${difference} from that of one tile with "buffer"`);
    }
    const megapixelsPerSecond = side ** 2 / (times.medianMs * 1e3);
    const more = { megapixelsPerSecond, peakBytes, difference };
    rows.push(rowOf("large", "micrograph", { width, tile: side }, times, 0, more));
  } catch (error) {
    remarks.push(`prediction of ${side} x ${side} pixels: ${lineOf(error)}`);
  }
}

const imageOf = (side: number): Image => {
  return { width: side, height: side, channels: 1, data: noise([side, side], 9) };
};

function checkpointOf({ model, weights }: Network): Checkpoint {
  const progress = { step: 0, best: undefined };
  const metadata = { model: model.config, normalisation: { kind: "image" }, progress } as const;
  return { tensors: new Map(weights), metadata };
}

/**
 * In the middle, where tiles meet: compared with one tile that is predicted at that position with
 * other kernels.
 */
async function differenceOf(
  { device, bytes }: Session,
  network: Network,
  image: Image,
  prediction: Prediction,
): Promise<number> {
  const { model, out, tile } = network;
  // Tiles must be at multiples of the pooling grid: elsewhere a network with pooling gives other
  // pixels.
  const origin = Math.floor((image.width - out) / 2 / model.gridStep) * model.gridStep;
  const margin = (tile - out) / 2;
  const area = { x: origin - margin, y: origin - margin, width: tile, height: tile };
  const part = { ...network, image: Float32Array.from(cutTile(normalise(image), area)) };
  const runner = await micrograph(simplestKernels(device), bytes).predict?.(part);
  if (!runner) return Infinity;
  const expected = await runner.run();
  runner.close();
  const cut = new Float32Array(expected.length);
  for (let i = 0; i < cut.length; i++) {
    const x = origin + (i % out);
    const y = origin + (Math.floor(i / out) % out);
    const plane = Math.floor(i / (out * out)) * image.width * image.height;
    cut[i] = prediction.probabilities[plane + y * image.width + x];
  }
  return relativeDifference(cut, expected);
}
