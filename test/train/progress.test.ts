import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { createProgress } from "../../src/train/progress.js";
import type { StepFigures, Trainer } from "../../src/train/step.js";
import { train } from "../../src/train/train.js";
import type { TrainingEvent } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";

type ProgressEvent = TrainingEvent & { readonly type: "progress" };

/** A trainer that computes nothing: each loss is 1. */
function countingTrainer(): Trainer & { stepCount: number } {
  let read = 0;
  const trainer = {
    stepCount: 0,
    async losses(): Promise<StepFigures[]> {
      const first = read;
      read = trainer.stepCount;
      return Array.from({ length: read - first }, (_, i) => {
        return { step: first + i + 1, loss: 1, learningRate: 0.1 };
      });
    },
    lossScale: async () => undefined,
  };
  return trainer as unknown as Trainer & { stepCount: number };
}

/** Returns what a progress with a simulated clock reports; `spend` lets milliseconds pass. */
async function told(
  work: (
    progress: ReturnType<typeof createProgress>,
    trainer: { stepCount: number },
    spend: (ms: number) => void,
  ) => Promise<void>,
): Promise<ProgressEvent[]> {
  const events: ProgressEvent[] = [];
  const clock = performance.now;
  let now = 0;
  performance.now = () => now;
  try {
    const trainer = countingTrainer();
    const config = trainingConfig({ steps: 101, batch: 2 });
    const onEvent = (event: TrainingEvent) => {
      if (event.type === "progress") events.push(event);
    };
    const progress = createProgress({ config, trainer, options: { onEvent }, startedMs: 0 });
    await work(progress, trainer, (ms) => {
      now += ms;
    });
    return events;
  } finally {
    performance.now = clock;
  }
}

test("speed and remaining time count the steps after the first, in which drivers compile", async () => {
  const [first, second] = await told(async (progress, trainer, spend) => {
    trainer.stepCount = 1;
    spend(6000);
    assert.ok(progress.isDue(1));
    progress.restart();
    assert.not(progress.isDue(1));
    trainer.stepCount = 11;
    spend(1000);
    assert.ok(progress.isDue(11));
    await progress.report();
    trainer.stepCount = 21;
    spend(3000);
    await progress.report();
  });
  assert.equal([first.step, first.imagesPerSecond, first.remainingMs], [11, 20, 90 * 100]);
  assert.is(second.remainingMs, 80 * 200);
});

test("a report of only the first step uses its time", async () => {
  const [only] = await told(async (progress, trainer, spend) => {
    trainer.stepCount = 1;
    spend(500);
    await progress.report();
  });
  assert.equal([only.step, only.imagesPerSecond, only.remainingMs], [1, 4, 100 * 500]);
});

test("a run with a slow first step estimates the remaining time from the others", async () => {
  const device = await testDevice();
  let events = 0;
  let isFirstWait = false;
  const first: { event?: ProgressEvent; atMs?: number } = {};
  const slow: typeof device = {
    ...device,
    async wait(pending) {
      const delayMs = isFirstWait ? 1500 : 0;
      isFirstWait = false;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      return device.wait(pending);
    },
  };
  const sample = { name: "a", ...syntheticSample({ seed: 1, width: 64, height: 64 }) };
  const training = trainingConfig({ tile: 20, batch: 1, steps: 400 });
  await train(
    slow,
    { training: [sample], validation: [] },
    modelConfig({ base: 2, depth: 1 }),
    training,
    {
      onEvent(event) {
        if (event.type === "start") isFirstWait = true;
        if (event.type !== "progress") return;
        events++;
        if (!first.event) Object.assign(first, { event, atMs: performance.now() });
      },
    },
  );
  const { event, atMs = 0 } = first;
  assert.ok(event && events > 1);
  // With the first step among 33 it would be 17 s and more.
  const tookMs = performance.now() - atMs;
  assert.ok(
    event.remainingMs < 3 * tookMs + 1000,
    `reported at step ${event.step}: ${event.remainingMs} ms, but it took ${tookMs}`,
  );
});

test("a run of one step reports its speed and that nothing remains", async () => {
  const sample = { name: "a", ...syntheticSample({ seed: 1, width: 64, height: 64 }) };
  const events: ProgressEvent[] = [];
  await train(
    await testDevice(),
    { training: [sample], validation: [] },
    modelConfig({ base: 2, depth: 1 }),
    trainingConfig({ tile: 20, batch: 1, steps: 1 }),
    {
      onEvent(event) {
        if (event.type === "progress") events.push(event);
      },
    },
  );
  assert.is(events.length, 1);
  assert.is(events[0].remainingMs, 0);
  assert.ok(events[0].imagesPerSecond > 0);
});

test.run();
