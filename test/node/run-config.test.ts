import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type RunConfig, readRunConfig, writeRunConfig } from "../../src/node/run-config.js";
import { DEFAULT_MODEL, DEFAULT_TRAINING } from "../../src/train/config.js";

const test = suite<{ folder: string }>("run configuration");
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "micrograph-config-"));
});
test.after.each(async ({ folder }) => rm(folder, { recursive: true }));

const config: RunConfig = {
  micrograph: "0.2.0",
  command: "micrograph train",
  name: "em",
  data: "sample",
  training: ["a"],
  validation: ["b"],
  digests: { images: { a: "00", b: "01" }, labels: { a: "02", b: "03" } },
  ignore: 255,
  labels: { classes: 2, reading: "numbers", numbers: [[0], [1]], ignore: 255, remarks: [] },
  adapter: "fake",
  kernels: { layer: "buffer" },
  model: DEFAULT_MODEL,
  config: DEFAULT_TRAINING,
};

test("what is written is read again, its paths absolute", async ({ folder }) => {
  const place = (name: string) => join(folder, "..", name);
  const data = { images: place("em/images"), labels: place("em/labels") };
  const whole = { ...config, data, from: { checkpoint: place("b.safetensors"), weights: "04" } };
  await writeRunConfig(folder, whole);
  const stored = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
  assert.equal(stored.data, { images: "../em/images", labels: "../em/labels", absolute: data });
  assert.is(stored.from.checkpoint, "../b.safetensors");
  assert.equal(
    JSON.parse(JSON.stringify(await readRunConfig(folder))),
    JSON.parse(JSON.stringify(whole)),
  );
});

test("a field that is missing or damaged is one sentence that names it", async ({ folder }) => {
  const path = join(folder, "config.json");
  const read = async (changes: object) => {
    await writeFile(path, JSON.stringify({ ...config, ...changes }));
    return readRunConfig(folder).then(
      () => "",
      (error: Error) => error.message.replace(folder, "run"),
    );
  };
  assert.is(await read({}), "");
  const cases: [object, RegExp][] = [
    [{ data: undefined }, /its "data" is missing, expected "sample", "nuclei", or the paths/],
    [{ data: { images: "em" } }, /its "data" is \{"images":"em"\}, expected/],
    [{ training: undefined }, /its "training" is missing, expected a list of names/],
    [{ validation: "a,b" }, /its "validation" is "a,b", expected a list of names/],
    [{ name: 3 }, /its "name" is 3, expected a text/],
    [{ command: undefined }, /its "command" is missing, expected a text/],
    [{ micrograph: null }, /its "micrograph" is null, expected a text/],
    [{ digests: { images: {} } }, /its "digests" is \{"images":\{\}\}, expected/],
    [{ kernels: { layer: 1 } }, /its "kernels" is/],
    [{ from: "a" }, /its "from" is "a", expected a file/],
    [{ labels: 3 }, /its "labels" is 3, expected/],
    [{ labels: { classes: 2, reading: "numbers", remarks: [] } }, /its "labels" is/],
    [{ ignore: [255] }, /its "ignore" is \[255\], expected a value/],
    [{ ignore: "grey" }, /its "ignore" is "grey", expected a value or a colour/],
    [{ pages: "z" }, /its "pages" is "z", expected auto, channels, images or regions/],
    [{ model: undefined }, /its "model" is missing, expected an object/],
    [{ model: { ...DEFAULT_MODEL, base: "16" } }, /the model's base is "16"/],
    [{ model: { ...DEFAULT_MODEL, architecture: "vit" } }, /architecture is "vit"/],
    [{ config: [] }, /its "config" is \[\], expected an object/],
    [
      { config: { ...DEFAULT_TRAINING, steps: "4" } },
      /steps must be a whole number from 1, got "4"/,
    ],
    [{ format: "2" }, /its "format" is "2", expected 1 to 3/],
  ];
  for (const [changes, expected] of cases) {
    const message = await read(changes);
    assert.match(message, expected);
    assert.match(message, /^run\/config\.json: [^\n]+$/);
  }
  for (const text of ["", "{", "3", "null", "[]", "{}"]) {
    await writeFile(path, text);
    const error = await readRunConfig(folder).then(String, (error: Error) => error.message);
    assert.match(error, /config\.json: (damaged: it is not JSON|not the configuration of a run)/);
  }
});

test("a file of a later version is refused by its format, or by a setting that is unknown", async ({
  folder,
}) => {
  const read = async (changes: object) => {
    await writeFile(join(folder, "config.json"), JSON.stringify({ ...config, ...changes }));
    return readRunConfig(folder).then(String, (error: Error) => error.message);
  };
  const later = { micrograph: "9.1.0" };
  assert.match(
    await read({ ...later, format: 4 }),
    /written by a newer micrograph \(9\.1\.0, format 4; this one reads up to 3\): update micrograph/,
  );
  const unknown = /setting "lookahead" is unknown .*; version 9\.1\.0 wrote it: update micrograph/;
  const more = { lookahead: 5 };
  assert.match(await read({ ...later, config: { ...DEFAULT_TRAINING, ...more } }), unknown);
  assert.match(await read({ ...later, model: { ...DEFAULT_MODEL, ...more } }), unknown);
});

test("a file of an earlier version is read: settings that it lacks, and one that is no more", async ({
  folder,
}) => {
  const { digests, kernels, ...older } = config;
  const { schedule, ema, augmentation, ...training } = DEFAULT_TRAINING;
  const text = JSON.stringify({ ...older, config: { ...training, augment: true } });
  await writeFile(join(folder, "config.json"), text);
  assert.is((await readRunConfig(folder)).config.steps, DEFAULT_TRAINING.steps);
});

test.run();
