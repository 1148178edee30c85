// Single ops: the 3x3 convolutions of the U-Net with both gradients, and what stands between them.

import type { Engine, LayerCase, LayerRunner } from "./engines/types.js";
import { timeInTurn } from "./measure.js";
import { noise, relativeDifference } from "./network.js";
import { rowOf } from "./report.js";
import { lineOf, type Session } from "./session.js";
import type { Size } from "./step.js";

const TOLERANCE = 1e-4;

export async function benchLayers(session: Session, size: Size, rounds = 3): Promise<void> {
  for (const layer of layersOf(size)) await benchLayer(session, layer, size, rounds);
}

async function benchLayer(session: Session, layer: LayerCase, size: Size, rounds: number) {
  session.say(layer.work);
  const runners: { engine: Engine; runner: LayerRunner; difference: number | undefined }[] = [];
  let expected: Float32Array | undefined;
  for (const engine of session.engines) {
    try {
      const runner = await engine.layer?.(layer);
      if (!runner) continue;
      const result = await runner.result();
      const difference = expected && relativeDifference(result, expected);
      if (difference !== undefined && !(difference <= TOLERANCE)) {
        throw new Error(`the result differs by ${difference} from micrograph's`);
      }
      if (engine.name === "micrograph") expected = result;
      runners.push({ engine, runner, difference });
    } catch (error) {
      session.remarks.push(`${engine.name}, ${layer.work}: ${lineOf(error)}`);
    }
  }
  const works = runners.map(({ runner }) => runner);
  const times = await timeInTurn(works, rounds, session.measurePeak);
  for (const [i, { engine, runner, difference }] of runners.entries()) {
    const row = rowOf(layer.work, engine.name, size, times[i], layer.multiplyAdds);
    const shareOfPeak = layer.multiplyAdds > 0 ? row.gflops / session.peak() : undefined;
    session.rows.push({ ...row, difference, shareOfPeak });
    runner.close();
  }
}

/** Layers of the network, and 64 -> 64 channels on 128 x 128 pixels, known from other engines. */
function layersOf({ width, tile }: Size): LayerCase[] {
  const layers = convolutions(64, 64, 128);
  let side = tile; // of a level's input
  for (let level = 0; level < 5; level++) {
    const channels = width * 2 ** level;
    layers.push(...convolutions(channels, channels, side - 2));
    if (level < 4) layers.push(...poolings(channels, side - 4));
    if (level < 4) side = (side - 4) / 2;
  }
  const bottom = side - 4; // output of the bottleneck
  return [...layers, upConvolution(width * 16, bottom), lossGradient(bottom * 16 - 60)];
}

function image(shape: readonly number[], seed: number) {
  return { shape, values: noise(shape, seed), isImage: true };
}

function weight(shape: readonly number[], seed: number) {
  return { shape, values: noise(shape, seed), isImage: false };
}

function convolutions(ins: number, outs: number, side: number): LayerCase[] {
  const multiplyAdds = (side - 2) ** 2 * ins * outs * 9;
  const name = `${ins} -> ${outs}, ${side} x ${side}`;
  const x = image([1, ins, side, side], 1);
  const dy = image([1, outs, side - 2, side - 2], 2);
  const w = weight([outs, ins, 3, 3], 3);
  return [
    { work: `convolution ${name}`, kind: "convolution", inputs: [x, w], multiplyAdds },
    {
      work: `input gradient ${name}`,
      kind: "convolution input gradient",
      inputs: [dy, w],
      multiplyAdds,
    },
    {
      work: `weight gradient ${name}`,
      kind: "convolution weight gradient",
      inputs: [x, dy],
      multiplyAdds,
    },
  ];
}

function poolings(channels: number, side: number): LayerCase[] {
  const x = image([1, channels, side, side], 4);
  const dy = image([1, channels, side >> 1, side >> 1], 5);
  const name = `${channels}, ${side} x ${side}`;
  return [
    { work: `max-pool ${name}`, kind: "max-pool", inputs: [x], multiplyAdds: 0 },
    {
      work: `max-pool gradient ${name}`,
      kind: "max-pool gradient",
      inputs: [x, dy],
      multiplyAdds: 0,
    },
  ];
}

function upConvolution(ins: number, side: number): LayerCase {
  const outs = ins / 2;
  return {
    work: `up-convolution ${ins} -> ${outs}, ${side} x ${side}`,
    kind: "up-convolution",
    inputs: [image([1, ins, side, side], 6), weight([ins, outs, 2, 2], 7)],
    multiplyAdds: side * side * ins * outs * 4,
  };
}

function lossGradient(side: number): LayerCase {
  const label = image([1, 1, side, side], 8);
  const map = image([1, 1, side, side], 9);
  return {
    work: `loss and its gradient ${side} x ${side}`,
    kind: "loss gradient",
    inputs: [
      image([1, 2, side, side], 10),
      { ...label, values: label.values.map((value) => Number(value > 0)) },
      { ...map, values: map.values.map(Math.abs) },
    ],
    multiplyAdds: 0,
  };
}
