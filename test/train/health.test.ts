// What a run reports of its health: gradients, dead units, predictions that have collapsed.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import type { InitialValues } from "../../src/model/own-initial-values.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { createWarnings, type Health } from "../../src/train/health.js";
import { train } from "../../src/train/train.js";
import type { Checkpoint, TrainingEvent } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

const sampleOf = (seed: number) => {
  return { name: `cells ${seed}`, ...syntheticSample({ seed, width: 40, height: 40 }) };
};
const data = { training: [sampleOf(1)], validation: [sampleOf(2)] };

/** The reports of a run of six steps with three validations. */
async function reports(initial: InitialValues, learningRate = 1e-6) {
  const events: TrainingEvent[] = [];
  const given = { tile: 28, steps: 6, validateEvery: 2, learningRate };
  await train(await testDevice(), data, modelConfig({ base: 4, depth: 1 }), trainingConfig(given), {
    initial,
    task: { classNames: ["ground", "cell"] },
    onEvent: (event) => void events.push(event),
  });
  return events.flatMap((event) => (event.type === "health" ? [event] : []));
}

test("dead units are counted by layer, and told of at the second validation, once", async () => {
  const found = await reports({ "encoder1.conv2.bias": -1e3 });
  assert.equal(
    found.map(({ step }) => step),
    [2, 4, 6],
  );
  const [{ layers, gradientNorm }] = found;
  const deadOf = (name: string) => layers.find((layer) => layer.name === name)?.dead;
  assert.is(deadOf("encoder1.conv2"), 1);
  assert.is(deadOf("head"), 0);
  assert.ok(gradientNorm > 0);
  const squares = layers.reduce((sum, layer) => sum + layer.gradientNorm ** 2, 0);
  assert.ok(Math.abs(Math.sqrt(squares) - gradientNorm) <= 1e-9 * gradientNorm); // 64 bits
  const told = found.map(({ warnings }) =>
    warnings.filter((text) => text.includes("encoder1.conv2")),
  );
  assert.equal(
    told.map(({ length }) => length),
    [0, 1, 0],
  );
  assert.match(told[1][0], /^100 % of the units of .*encoder1\.conv2.* are dead/);
});

test("an output that is constant is told of, with the class and what to do", async () => {
  const found = await reports({ "head.bias": () => [50, -50] });
  const told = found.map(({ warnings }) => warnings.filter((text) => /every pixel/.test(text)));
  assert.equal(
    told.map(({ length }) => length),
    [0, 1, 0],
  );
  assert.match(told[1][0], /is predicted as ground: train longer, use a lower learning rate/);
});

const health: Health = { gradientNorm: 1, layers: [] };
const figures = (precision: number, recall: number) => ({ iou: 0, dice: 0, precision, recall });

test("a class that is never predicted is told of, unless no label has it or it is found after all", () => {
  const seen = figures(0.5, 0.5);
  const missed = figures(Number.NaN, 0);
  const absent = figures(Number.NaN, Number.NaN);
  const warnings = createWarnings({ classes: 3, classNames: ["ground", "cell", "nucleus"] });
  assert.equal(warnings(health, [seen, seen, missed]), []);
  assert.equal(warnings(health, [seen, seen, seen]), []);
  assert.equal(warnings(health, [seen, seen, missed]), []);
  const [text] = warnings(health, [seen, seen, missed]);
  assert.match(
    text,
    /^no pixel of the held-out images is predicted as nucleus, which is in their labels/,
  );
  assert.equal(warnings(health, [seen, seen, missed]), []);
  const other = createWarnings({ classes: 3 });
  for (let i = 0; i < 3; i++) assert.equal(other(health, [seen, seen, absent]), []);
  // Classes without names are called as the legend calls them.
  const usual = createWarnings({ classes: 2 });
  usual(health, [seen, missed]);
  assert.match(usual(health, [seen, missed])[0], "is predicted as membrane: train longer");
  // NaN in gradients, by layer.
  const bad = {
    gradientNorm: Number.NaN,
    layers: [{ name: "head", gradientNorm: 1, notFinite: 3 }],
  };
  other(bad, [seen]);
  const [broken] = other(bad, [seen]);
  assert.match(broken, /^3 gradients of head are NaN or infinite: use a lower learning rate/);
});

test("several layers make one warning", () => {
  const layers = ["a", "b", "c", "d"].map((name, i) => {
    return { name, gradientNorm: 1, dead: 1 - i / 50, notFinite: i < 2 ? 1 : 0 };
  });
  const warnings = createWarnings({ classes: 3 });
  const seen = figures(0.5, 0.5);
  warnings({ gradientNorm: 1, layers }, [seen]);
  const [dead, broken, ...others] = warnings({ gradientNorm: 1, layers }, [seen]);
  assert.match(dead, /^94 % of the units of a, b and 2 more layers are dead, or more \(/);
  assert.match(broken, /^2 gradients of a and b are NaN/);
  assert.equal(others, []);
  assert.equal(warnings({ gradientNorm: 1, layers }, [seen]), []);
});

test("a run that is resumed at its end reports no gradients, of which it has none", async () => {
  const config = trainingConfig({ tile: 28, steps: 2, validateEvery: 2 });
  const model = modelConfig({ base: 4, depth: 1 });
  const device = await testDevice();
  let resume: Checkpoint | undefined;
  const seen: string[] = [];
  await train(device, data, model, config, {
    onCheckpoint: (_kind, checkpoint) => {
      resume = checkpoint;
    },
  });
  const onEvent = ({ type }: TrainingEvent) => void seen.push(type);
  await train(device, data, model, config, { resume: resume as Checkpoint, onEvent });
  assert.equal(seen, ["start", "validation", "end"]);
});

test("a run that diverges ends with advice, and its last checkpoint is of a step before", async () => {
  const steps: (number | undefined)[] = [];
  let isGood = true;
  const config = trainingConfig({ tile: 28, steps: 200, validateEvery: 2, learningRate: 1e-3 });
  const run = train(await testDevice(), data, modelConfig({ base: 4, depth: 1 }), config, {
    rate: (step) => (step < 5 ? 1e-3 : 1e18),
    onCheckpoint(_kind, { metadata, tensors }) {
      steps.push(metadata.progress?.step);
      for (const { data } of tensors.values()) isGood &&= data.every(Number.isFinite);
    },
  });
  assert.match(await rejectionOf(run), /diverged[:;] use a learning rate below 0\.001/);
  assert.ok(isGood && steps.length > 0 && (steps.at(-1) as number) < 20, `saved at ${steps}`);
});

test.run();
