import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { type TrainOptions, train } from "../../src/train/train.js";
import type { Checkpoint, TrainingConfig, TrainingEvent } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";

const samples = [1, 2, 3].map((seed) => ({
  name: `s${seed}`,
  ...syntheticSample({ seed, width: 64, height: 56 }),
}));
const data = { training: samples.slice(0, 2), validation: samples.slice(2) };
// Dropout, so that its random numbers are tested too.
const model = modelConfig({ base: 2, depth: 2, dropout: 0.5 });
const base = { tile: 60, batch: 2, steps: 8, validateEvery: 4, learningRate: 0.003 };

async function run(changes: Partial<TrainingConfig>, options: TrainOptions = {}) {
  const events: TrainingEvent[] = [];
  const kept: Partial<Record<"best" | "last", Checkpoint>> = {};
  const result = await train(
    await testDevice(),
    data,
    model,
    trainingConfig({ ...base, ...changes }),
    {
      ...options,
      onEvent(event) {
        events.push(event);
        options.onEvent?.(event);
      },
      onCheckpoint(kind, checkpoint) {
        kept[kind] = checkpoint;
      },
    },
  );
  return { events, kept, result };
}

test("a run ends when its figure has not become better for long, and saves what it chose", async () => {
  // The rate is so high that the first validation stays the best.
  const changes = { steps: 40, validateEvery: 2, patience: 2, learningRate: 0.3 };
  const { events, kept, result } = await run({ ...changes, best: "dice" });
  assert.is(result.reason, "patience");
  const validations = events.filter((event) => event.type === "validation");
  const dice = validations.map((event) => event.dice ?? Number.NaN);
  const best = validations[dice.indexOf(Math.max(...dice))];
  assert.is(result.best?.step, best.step);
  assert.is(result.best?.dice, best.dice);
  assert.is(result.steps, best.step + 4);
  assert.is(validations.at(-1)?.step, result.steps);
  assert.is(kept.last?.metadata.progress?.step, result.steps);
  assert.is(kept.best?.metadata.progress?.step, best.step);
  assert.is(validations[0].vRand, undefined);
});

test("a run reports every step's loss, validates and ends with the best figures", async () => {
  const { events, kept, result } = await run({});
  assert.is(events[0].type, "start");
  assert.equal(
    events.flatMap((event) => (event.type === "step" ? event.step : [])),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  const validations = events.filter((event) => event.type === "validation");
  assert.equal(
    validations.map(({ step }) => step),
    [4, 8],
  );
  const best = Math.min(...validations.map(({ loss }) => loss));
  assert.is(result.best?.loss, best);
  assert.is(result.reason, "steps");
  assert.is(kept.last?.metadata.progress?.step, 8);
  assert.ok([...(kept.last?.tensors.keys() ?? [])].some((name) => name.startsWith("optimizer.")));
  assert.not.ok([...(kept.best?.tensors.keys() ?? [])].some((n) => n.startsWith("optimizer.")));
});

test("a run that was stopped and resumed gives the checkpoint of one that was not", async () => {
  const cases: Partial<TrainingConfig>[] = [
    { optimizer: "sgd" },
    { optimizer: "adam", schedule: "cosine", warmup: 3 },
  ];
  for (const changes of cases) {
    const whole = await run(changes);
    const stop = new AbortController();
    const half = await run(changes, {
      signal: stop.signal,
      onEvent(event) {
        if (event.type === "validation") stop.abort();
      },
    });
    assert.is(half.result.reason, "aborted");
    assert.ok(half.result.steps < 8);
    const rest = await run(changes, { resume: half.kept.last });
    assert.equal(
      encodeSafetensors(rest.kept.last as Checkpoint),
      encodeSafetensors(whole.kept.last as Checkpoint),
      JSON.stringify(changes),
    );
  }
});

test("a run stopped at a step whose validation is due keeps the figures of that validation", async () => {
  const whole = await run({ validateEvery: 3 });
  let looks = 0;
  const signal = {
    get aborted() {
      return ++looks === 3;
    },
  } as AbortSignal;
  const first = await run({ validateEvery: 3 }, { signal });
  assert.equal([first.result.reason, first.result.steps], ["aborted", 3]);
  assert.is(first.result.best?.step, 3);
  const rest = await run({ validateEvery: 3 }, { resume: first.kept.last });
  assert.equal(
    encodeSafetensors(rest.kept.last as Checkpoint),
    encodeSafetensors(whole.kept.last as Checkpoint),
  );
});

test("a best loss of NaN gives way to the next validation's", async () => {
  const { kept } = await run({ steps: 4 });
  const { tensors, metadata } = kept.last as Checkpoint;
  const best = { step: 4, loss: Number.NaN, wrongPixels: Number.NaN };
  const resume = { tensors, metadata: { ...metadata, progress: { step: 4, best } } };
  const { result } = await run({ steps: 5 }, { resume });
  assert.is(result.best?.step, 5);
  assert.ok(Number.isFinite(result.best?.loss));
});

test("a time budget ends the run after a validation and a checkpoint", async () => {
  const { result, kept, events } = await run({ steps: 100_000, maxMinutes: 0.02 });
  assert.is(result.reason, "time");
  assert.ok(result.steps < 100_000);
  assert.is(kept.last?.metadata.progress?.step, result.steps);
  assert.is(events.filter(({ type }) => type === "validation").length > 0, true);
});

test("a cosine over time ends near 0 with the time, and its checkpoint stores how far it is", async () => {
  const changes = { steps: 100_000, maxMinutes: 0.02, schedule: "cosine-time" } as const;
  const { result, kept, events } = await run({ ...changes, validateEvery: 100_000 });
  assert.is(result.reason, "time");
  const rates = events.flatMap((event) => (event.type === "step" ? event.learningRate : []));
  assert.is(rates.length, result.steps);
  assert.ok((rates.at(-1) as number) < (rates.length > 1 ? rates[0] : Infinity));
  const share = kept.last?.metadata.progress?.share as number;
  assert.ok(share > 0 && share <= 1, `${share}`);
});

test("a run that diverges ends and names the step and the rate", async () => {
  try {
    await run({ optimizer: "sgd", learningRate: 1e30 });
    assert.unreachable("it must diverge");
  } catch (error) {
    assert.match((error as Error).message, /the loss became \S+ at step \d/);
    assert.match((error as Error).message, "use a learning rate below 1e+30");
  }
});

test("a configuration that cannot be is refused with the value", () => {
  assert.throws(
    () => trainingConfig({ learningRate: Number.NaN }),
    /learningRate must be a number above 0, got NaN/,
  );
  assert.throws(() => trainingConfig({ batch: 0 }), /batch must be a whole number from 1, got 0/);
  assert.throws(
    () => trainingConfig({ momentum: 1 }),
    /momentum must be a number from 0 and below 1, got 1/,
  );
  assert.throws(
    () => trainingConfig({ optimizer: "lion" as "sgd" }),
    /optimizer must be sgd or adam, got "lion"/,
  );
});

test.run();
