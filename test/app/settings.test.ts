import { test } from "uvu";
import * as assert from "uvu/assert";
import { emptyProject, runConfig } from "../../app/src/state/project.js";
import {
  DATA_SETTINGS,
  SAMPLE_SETTINGS,
  SHOWN_OPTIONS,
  settingsOf,
} from "../../app/src/state/settings.js";
import { AUGMENTATIONS } from "../../src/data/augmentation-config.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";

test("the form shows the options whose rows have a label, in the order of a run's configuration", () => {
  assert.is(
    SHOWN_OPTIONS.map(({ key, row }) => `${key}: ${row.label}`).join("; "),
    "base: Channels in first layer; depth: Depth; tile: Tile size (px); batch: Batch size; " +
      "steps: Steps; learningRate: Learning rate; schedule: Learning rate schedule; " +
      "seed: Random seed; validateEvery: Steps between validations; " +
      "precision: 16-bit floats: less memory, slower",
  );
});

test("a project begins with the command line's defaults, validated more often", () => {
  const usual = { batch: 1, schedule: "constant", seed: 1, precision: "f32" } as const;
  const data = { base: 16, depth: 4, dropout: 0, tile: 284, steps: 2000, learningRate: 0.001 };
  const sample = { ...data, base: 8, depth: 2, tile: 124, steps: 300, learningRate: 0.005 };
  const { flips, paper } = AUGMENTATIONS;
  assert.equal(DATA_SETTINGS, { ...data, ...usual, validateEvery: 50, augmentation: paper });
  assert.equal(SAMPLE_SETTINGS, { ...sample, ...usual, validateEvery: 25, augmentation: flips });
});

test("settings make a network and a training, and are found again in them", () => {
  const settings = settingsOf(
    modelConfig({ base: 4, dropout: 0.5 }),
    trainingConfig({ tile: 188, precision: "f16", ema: 0.9 }),
  );
  const { model, training } = runConfig({ ...emptyProject("a", "A"), settings });
  assert.equal(settingsOf(model, training), settings);
  assert.equal([model.base, model.dropout, training.precision], [4, 0.5, "f16"]);
  // What the form does not show stays at its default.
  assert.is(training.ema, 0);
});

test.run();
