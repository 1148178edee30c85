// A whole training step: forward, loss, backward, update. First the losses and all gradients are
// compared, then the engines are timed alternately.

import type { Engine, StepResult, StepRunner } from "./engines/types.js";
import { timeInTurn } from "./measure.js";
import { createNetwork, type Network, relativeDifference } from "./network.js";
import { rowOf } from "./report.js";
import { lineOf, type Session } from "./session.js";

/** docs/contract.md: gradients, relative in the 2-norm per tensor. */
export const TOLERANCE = 1e-4;

export interface Size {
  readonly width: number;
  readonly tile: number;
}

export async function benchStep(session: Session, size: Size, rounds = 3): Promise<void> {
  const network = createNetwork(size.width, size.tile);
  const runners: { engine: Engine; runner: StepRunner; difference: number | undefined }[] = [];
  let expected: StepResult | undefined;
  for (const engine of session.engines) {
    if (!engine.step) continue;
    session.say(`step, width ${size.width}, tile ${size.tile}: ${engine.name} computes`);
    try {
      const runner = await engine.step(network);
      const result = await runner.first();
      const difference = expected && differenceOf(result, expected);
      if (difference && difference.most > TOLERANCE) {
        throw new Error(`${difference.where} differs by ${difference.most} from micrograph's`);
      }
      if (engine.name === "micrograph") expected = result;
      runners.push({ engine, runner, difference: difference?.most });
    } catch (error) {
      session.remarks.push(`${engine.name}, step: ${lineOf(error)}`);
    }
  }
  session.say("equal within 1e-4; timing");
  const works = runners.map(({ runner }) => runner);
  const times = await timeInTurn(works, rounds, session.measurePeak);
  const multiplyAdds = multiplyAddsOfStep(network);
  for (const [i, { engine, runner, difference }] of runners.entries()) {
    const row = rowOf("step", engine.name, size, times[i], multiplyAdds);
    const shareOfPeak = row.gflops / session.peak();
    const { planBytes, liveBytes } = runner;
    const memory = { peakBytes: runner.peakBytes(), planBytes, liveBytes };
    session.rows.push({ ...row, shareOfPeak, difference, ...memory });
    runner.close();
  }
}

/** Returns the largest difference of the loss and of any gradient, and where it is. */
export function differenceOf(
  result: StepResult,
  expected: StepResult,
): { most: number; where: string } {
  let most = relativeDifference([result.loss], [expected.loss]);
  let where = "the loss";
  for (const [name, gradient] of expected.gradients) {
    const difference = relativeDifference(result.gradients.get(name) ?? [], gradient);
    // NaN counts as the largest difference.
    if (!(difference <= most)) {
      most = Number.isNaN(difference) ? Infinity : difference;
      where = `the gradient of ${name}`;
    }
  }
  return { most, where };
}

/** Of the direct method: forward, gradient of the inputs (except of the image), of the weights. */
export function multiplyAddsOfStep(network: Network): number {
  const { forward, first } = multiplyAddsOf(network);
  return 3 * forward - first;
}

/** Multiply-adds of a prediction, and those of the first layer among them. */
export function multiplyAddsOf({ model, tile, depth }: Network): {
  forward: number;
  first: number;
} {
  const { base, channels, classes } = model.config;
  let [side, ins, forward, first] = [tile, channels, 0, 0];
  const conv = (inChannels: number, outChannels: number) => {
    side -= 2;
    const products = side * side * inChannels * outChannels * 9;
    forward += products;
    if (first === 0) first = products;
  };
  for (let level = 0; level <= depth; level++) {
    const outs = base * 2 ** level;
    conv(ins, outs);
    conv(outs, outs);
    if (level < depth) side /= 2;
    ins = outs;
  }
  for (let level = depth - 1; level >= 0; level--) {
    const outs = base * 2 ** level;
    forward += side * side * 2 * outs * outs * 4;
    side *= 2;
    conv(2 * outs, outs);
    conv(outs, outs);
  }
  forward += side * side * base * classes;
  return { forward, first };
}
