import { test } from "uvu";
import * as assert from "uvu/assert";
import { TRAINING_OPTIONS } from "../../src/options/training.js";
import { isBetter, isStale, type SelectionName } from "../../src/train/selection.js";

const figures = {
  loss: 0.3,
  wrongPixels: 0.1,
  iou: 0.8,
  dice: 0.9,
  vRand: 0.95,
  vInfo: 0.97,
  ap50: 0.9,
};

test("errors are better when low, overlaps when high", () => {
  const names = (TRAINING_OPTIONS.best.choices ?? []) as readonly SelectionName[];
  assert.is(names.length, 7);
  for (const name of names) {
    const rising = Object.fromEntries(
      Object.entries(figures).map(([field, value]) => [field, value + 0.01]),
    ) as typeof figures;
    const isError = name === "loss" || name === "wrong-pixels";
    assert.is(isBetter(name, rising, figures), !isError, name);
    assert.is(isBetter(name, figures, rising), isError, name);
    assert.is(isBetter(name, figures, figures), false, name);
    assert.is(isBetter(name, figures, undefined), true);
  }
});

test("NaN gives way to any number, and never replaces one", () => {
  const none = { ...figures, loss: Number.NaN };
  assert.is(isBetter("loss", figures, none), true);
  assert.is(isBetter("loss", none, figures), false);
  // A run that started with another figure has no such number.
  assert.is(isBetter("v-rand", figures, { loss: 0.1, wrongPixels: 0.1 }), true);
});

test("patience counts validations since the best one", () => {
  const config = { patience: 3, validateEvery: 50 };
  assert.is(isStale(config, 250, { step: 150 }), false);
  assert.is(isStale(config, 300, { step: 150 }), true);
  assert.is(isStale({ ...config, patience: 0 }, 9000, { step: 50 }), false);
  assert.is(isStale(config, 9000, undefined), false);
});

test.run();
