import { test } from "uvu";
import * as assert from "uvu/assert";
import { trainCommand } from "../../app/src/outputs/command.js";
import { emptyProject, runConfig } from "../../app/src/state/project.js";
import {
  DATA_SETTINGS,
  SAMPLE_SETTINGS,
  type Settings,
  SHOWN_OPTIONS,
  settingsOf,
  variantOf,
} from "../../app/src/state/settings.js";
import { AUGMENTATIONS } from "../../src/data/augmentation-config.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";

test("the form shows the options that have a label in their row", () => {
  const labels = new Map(SHOWN_OPTIONS.map(({ key, row }) => [key, row.label]));
  assert.is(labels.get("base"), "Channels in first layer");
  assert.is(labels.get("validateEvery"), "Steps between validations");
  assert.is(labels.get("schedule"), "Learning rate schedule");
  assert.is(labels.get("precision"), "16-bit floats: less memory, slower");
  assert.not.ok([...labels.keys()].some((key) => ["ema", "channels", "dropout"].includes(key)));
});

test("a project starts with the command line's defaults, but validates more often", () => {
  const usual = { batch: 1, schedule: "constant", seed: 1, precision: "f32" } as const;
  const data = { base: 16, depth: 4, dropout: 0, tile: 284, steps: 2000, learningRate: 0.001 };
  const sample = { ...data, base: 8, depth: 2, tile: 124, steps: 300, learningRate: 0.005 };
  const { flips, paper } = AUGMENTATIONS;
  const has = (settings: Settings, expected: Partial<Settings>) =>
    assert.equal({ ...settings, ...expected }, settings);
  has(DATA_SETTINGS, { ...data, ...usual, validateEvery: 50, augmentation: paper });
  has(SAMPLE_SETTINGS, { ...sample, ...usual, validateEvery: 25, augmentation: flips });
});

test("variants of the U-Net become a network, and are kept by a network that came as a file", () => {
  const variant = { padding: "same", norm: "batch", residual: true, widths: "4,6,8" } as const;
  const project = emptyProject("a", "A");
  const settings = { ...project.settings, depth: 2, tile: 64, ...variant };
  const { model, training } = runConfig({ ...project, settings });
  assert.equal({ ...model, ...variant }, model);
  assert.equal(settingsOf(model, training), settings);
  assert.is("norm" in runConfig(project).model, false, "the paper's are not stored");
  const command = trainCommand({ ...project, settings });
  assert.match(command, / --padding same --norm batch --residual --widths 4,6,8/);
  assert.not.match(command, /--upsampling|--norm-first/);
  assert.equal(variantOf(runConfig(project).model), variantOf());
});

test("settings become a network and a training configuration, and can be derived from them", () => {
  const settings = settingsOf(
    modelConfig({ base: 4, dropout: 0.5 }),
    trainingConfig({ tile: 188, precision: "f16", ema: 0.9, w0: 5, sigma: 3 }),
  );
  const { model, training } = runConfig({ ...emptyProject("a", "A"), settings });
  assert.equal(settingsOf(model, training), settings);
  assert.equal([model.base, model.dropout, training.precision], [4, 0.5, "f16"]);
  // Those for single cells are kept without a row in the form; the others have their defaults.
  assert.equal([training.ema, training.w0, training.sigma], [0.9, 5, 5]);
});

test.run();
