import { test } from "uvu";
import * as assert from "uvu/assert";
import { trainingConfig } from "../../src/train/config.js";
import { createSchedule, learningRateAt } from "../../src/train/schedule.js";
import type { TrainingConfig } from "../../src/train/training-types.js";

const config = (changes: Partial<TrainingConfig>) =>
  trainingConfig({ learningRate: 0.1, steps: 100, ...changes });

/** The rates of the first `count` steps, rounded to a millionth. */
function rates(changes: Partial<TrainingConfig>, count: number): number[] {
  const schedule = createSchedule(config(changes), 0, 0);
  return Array.from({ length: count }, (_, step) => round(schedule.rate(step, 0)));
}

const round = (value: number) => Math.round(value * 1e6) / 1e6;

test("a warm-up rises in a line to the learning rate, which then is constant", () => {
  assert.equal(rates({ warmup: 4 }, 6), [0.025, 0.05, 0.075, 0.1, 0.1, 0.1]);
  assert.equal(rates({}, 2), [0.1, 0.1]);
});

test("steps multiply by the factor after every so many steps", () => {
  const changes = { schedule: "step", decayEvery: 2, decayFactor: 0.5 } as const;
  assert.equal(rates(changes, 5), [0.1, 0.1, 0.05, 0.05, 0.025]);
});

test("a cosine falls from the learning rate by a half in the middle to near 0", () => {
  const all = rates({ schedule: "cosine" }, 100);
  assert.equal([all[0], all[50]], [0.1, 0.05]);
  assert.ok(all[99] > 0 && all[99] < 0.0001);
  assert.equal(
    all,
    [...all].sort((a, b) => b - a),
  );
  // Half of the cosine is left, and the warm-up is over.
  assert.is(round(learningRateAt(config({ schedule: "cosine", warmup: 4 }), 50, 0.5)), 0.05);
});

test("a resumed run has the same rates as one that was not stopped", () => {
  for (const schedule of ["constant", "step", "cosine"] as const) {
    const whole = createSchedule(config({ schedule, warmup: 9, decayEvery: 30 }), 0, 0);
    const rest = createSchedule(config({ schedule, warmup: 9, decayEvery: 30 }), 1e9, 40);
    for (let step = 40; step < 100; step++) assert.is(rest.rate(step, 0), whole.rate(step, 0));
  }
});

test("a cosine over time ends with the budget, or with the steps if there are fewer", () => {
  const changes = { schedule: "cosine-time", steps: 1000, maxMinutes: 10 } as const;
  const minutesAgo = (minutes: number) => performance.now() - minutes * 60_000;
  const near = (value: number, expected: number) =>
    assert.ok(Math.abs(value - expected) < 1e-4, `${value}, expected ${expected}`);
  near(createSchedule(config(changes), minutesAgo(5), 0).rate(3, 0), 0.05);
  // The time reserved for the last validation counts as spent.
  near(createSchedule(config(changes), minutesAgo(4), 0).rate(3, 60_000), 0.05);
  near(createSchedule(config(changes), minutesAgo(0), 0).rate(500, 0), 0.05);
  near(createSchedule(config(changes), minutesAgo(11), 0).rate(3, 0), 0);
  // A run that is resumed halfway has its whole budget for the other half.
  const rest = createSchedule(config(changes), minutesAgo(0), 100, 0.5);
  near(rest.rate(100, 0), 0.05);
  near(rest.share, 0.5);
  near(createSchedule(config(changes), minutesAgo(5), 100, 0.5).rate(100, 0), 0.05 * 0.292893);
});

test("a schedule that cannot be is refused", () => {
  assert.throws(
    () => config({ schedule: "linear" as "step" }),
    /schedule must be constant or step/,
  );
  assert.throws(() => config({ schedule: "cosine-time" }), /give maxMinutes/);
  assert.throws(() => config({ warmup: -1 }), /warmup must be a whole number from 0, got -1/);
  assert.throws(
    () => config({ decayFactor: 0 }),
    /decayFactor must be a number above 0 to 1, got 0/,
  );
  assert.throws(() => config({ decayEvery: 0 }), /decayEvery must be a whole number from 1, got 0/);
});

test.run();
