import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodePng } from "../../src/node/png-files.js";
import { readRunRecord } from "../../src/node/report/run-record.js";
import {
  createRunFolder,
  type RunConfig,
  readRunFolder,
  recordRun,
} from "../../src/node/run-folder.js";
import type { TrainingConfig, TrainingListener } from "../../src/train/training-types.js";
import { fakeCheckpoint, fakePrediction } from "../cli/fakes.js";

const test = suite<{ folder: string }>("run folder");
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "micrograph-run-"));
});
test.after.each(async ({ folder }) => rm(folder, { recursive: true }));

const config: RunConfig = {
  micrograph: "0.0.0",
  command: "micrograph train",
  name: "sample <1>",
  data: "sample",
  training: ["a"],
  validation: ["b"],
  adapter: "fake",
  model: { architecture: "unet", base: 2, depth: 2, channels: 1, classes: 2, dropout: 0 },
  config: {
    tile: 44,
    steps: 100,
    batch: 1,
    learningRate: 1,
    momentum: 0,
    seed: 1,
  } as TrainingConfig,
};

async function step(listener: TrainingListener, number: number, loss: number): Promise<void> {
  await listener.onEvent?.({ type: "step", step: number, loss, learningRate: 0.01 });
  const rate = { imagesPerSecond: 2.5, waitMs: 3.5, remainingMs: 0 };
  await listener.onEvent?.({ type: "progress", step: number, steps: 100, loss, ...rate });
}

async function validate(
  listener: TrainingListener,
  number: number,
  more: Readonly<
    Partial<Record<"ap50" | "countError" | "separation" | "cellThreshold", number>>
  > = {},
  hasHealth = false,
): Promise<void> {
  const figures = { loss: 0.5, wrongPixels: 0.125, iou: 0.75, dice: 0.875, ...more };
  await listener.onEvent?.({
    type: "validation",
    step: number,
    best: true,
    images: [],
    ...figures,
  });
  const layer = { gradientNorm: 2, notFinite: 1 };
  const layers = [
    { name: "a", dead: 0.25, ...layer },
    { name: "b", ...layer, notFinite: 2 },
  ];
  const health = { step: number, gradientNorm: 4, layers, warnings: [] };
  if (hasHealth) await listener.onEvent?.({ type: "health", ...health });
  const checkpoint = fakeCheckpoint(config.model, config.config, number);
  await listener.onCheckpoint?.("best", checkpoint);
  await listener.onCheckpoint?.("last", checkpoint);
}

test("a new folder carries date and name, and is never one that exists", async ({ folder }) => {
  const before = process.cwd();
  process.chdir(folder);
  try {
    const now = new Date(2026, 0, 31, 17, 5, 9);
    assert.is(await createRunFolder("my data/x", { now }), "runs/2026-01-31-170509-my-data-x");
    assert.is(await createRunFolder("my data/x", { now }), "runs/2026-01-31-170509-my-data-x-2");
  } finally {
    process.chdir(before);
  }
});

test("a row holds all figures of its step", async ({ folder }) => {
  const listener = await recordRun(folder, config);
  await step(listener, 1, 0.75);
  await step(listener, 2, 0.625);
  await validate(listener, 2, {}, true);
  assert.is(
    await readFile(join(folder, "metrics.csv"), "utf8"),
    "step,loss,images_per_second,validation_loss,wrong_pixels,learning_rate,wait_ms,iou,dice,v_rand,v_info,gradient_norm,dead,not_finite\n" +
      "1,0.75,2.5,,,0.01,3.5,,,,,,,\n2,0.625,2.5,0.5,0.125,0.01,3.5,0.75,0.875,,,4,0.25,3\n",
  );
  const events = (await readFile(join(folder, "events.jsonl"), "utf8")).trim().split("\n");
  assert.equal(
    events.map((line) => JSON.parse(line).type),
    ["progress", "progress", "validation", "health"],
  );
});

test("where single cells are judged a row has their figures too", async ({ folder }) => {
  const cells = { ...config, task: { objects: { kind: "gap" } } } as const;
  const listener = await recordRun(folder, cells);
  await step(listener, 1, 0.75);
  await validate(listener, 1, {
    ap50: 0.625,
    countError: -0.125,
    separation: 0.75,
    cellThreshold: 0.375,
  });
  await step(await recordRun(folder, cells, 1), 2, 0.5);
  const [head, ...rows] = (await readFile(join(folder, "metrics.csv"), "utf8")).split("\n");
  assert.match(
    head,
    /,v_info,ap50,count_error,separation,cell_threshold,gradient_norm,dead,not_finite$/,
  );
  assert.match(rows[0], /,0\.625,-0\.125,0\.75,0\.375,,,$/);
  const { columns } = await readRunRecord(folder);
  assert.equal(columns.get("ap50"), [{ step: 1, value: 0.625 }]);
});

test("a resumed run drops what follows its checkpoint", async ({ folder }) => {
  const first = await recordRun(folder, config);
  await step(first, 1, 0.75);
  await step(first, 2, 0.625);
  await validate(first, 2);
  await step(first, 3, 9);
  await step(first, 4, 9);
  await appendFile(join(folder, "metrics.csv"), "5,0.");
  await appendFile(join(folder, "events.jsonl"), '{"type":"prog');

  const { config: read, checkpoint } = await readRunFolder(folder);
  assert.equal(read, config);
  assert.is(checkpoint.metadata.progress?.step, 2);
  const second = await recordRun(folder, config, 2);
  await step(second, 3, 0.5);
  await validate(second, 3);
  const csv = await readFile(join(folder, "metrics.csv"), "utf8");
  assert.is(
    csv.split("\n").slice(1).join(" "),
    "1,0.75,2.5,,,0.01,3.5,,,,,,, 2,0.625,2.5,0.5,0.125,0.01,3.5,0.75,0.875,,,,, " +
      "3,0.5,2.5,0.5,0.125,0.01,3.5,0.75,0.875,,,,, ",
  );
  const events = (await readFile(join(folder, "events.jsonl"), "utf8")).trim().split("\n");
  assert.equal(
    events.map((line) => JSON.parse(line).step),
    [1, 2, 2, 3, 3],
  );
});

test("the log of an older run, with fewer columns, continues with the current ones", async ({
  folder,
}) => {
  const old = "step,loss,images_per_second,validation_loss,wrong_pixels\n1,0.75,2.5,0.5,0.125\n";
  await writeFile(join(folder, "metrics.csv"), old);
  await step(await recordRun(folder, config, 1), 2, 0.5);
  const [head, ...rows] = (await readFile(join(folder, "metrics.csv"), "utf8")).split("\n");
  assert.match(
    head,
    /^step,loss,images_per_second,validation_loss,wrong_pixels,learning_rate,wait_ms/,
  );
  assert.is(rows[0], "1,0.75,2.5,0.5,0.125,,,,,,,,,");
});

test("the loss picture is self-contained and escapes the run's name", async ({ folder }) => {
  const listener = await recordRun(folder, config);
  for (let i = 1; i <= 30; i++) await step(listener, i, 1 / i);
  await step(listener, 31, Number.NaN);
  await validate(listener, 31);
  const svg = await readFile(join(folder, "loss.svg"), "utf8");
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.match(svg, /sample &lt;1&gt;: U-Net of base 2/);
  assert.match(svg, /fill="white"/);
  assert.match(svg, /12\.5 % wrong pixels/);
  assert.not.match(svg, /NaN|<style|currentcolor;|href/);
});

test("a picture of a prediction shows five panels of the image", async ({ folder }) => {
  const listener = await recordRun(folder, config);
  const size = 40;
  const image = { width: size, height: size, channels: 1, data: new Float32Array(size * size) };
  image.data.fill(1, 0, 800);
  const data = Uint8Array.from(image.data, (_, i) => (i % size < 20 ? 1 : 0));
  const sample = { name: "b", image, label: { width: size, height: size, classes: 2, data } };
  const { mkdir } = await import("node:fs/promises");
  await mkdir(join(folder, "samples"));
  await listener.onPrediction?.(1, { sample, prediction: fakePrediction(image, 2) }, 0);
  assert.equal(await readdir(join(folder, "samples")), ["b.png"]);
  const picture = decodePng(await readFile(join(folder, "samples", "b.png")), "overlay");
  const enlarged = 7 * size;
  assert.is(picture.width, 5 * enlarged + 6 * 8);
  // In the fourth panel the image's quarters are right or wrong: top left is right, so dimmed.
  const at = (x: number, y: number) =>
    [0, 1, 2].map((c) => picture.data[(c * picture.height + y) * picture.width + x]);
  const left = 4 * 8 + 3 * enlarged;
  const top = picture.height - 8 - enlarged;
  const [r, g, b] = at(left + 20, top + 20);
  assert.ok(r === g && g === b);
  assert.equal(at(left + enlarged - 20, top + 20), [235, 95, 20], "missed membrane");
  assert.equal(at(left + 20, top + enlarged - 20), [60, 150, 240], "false membrane");
});

test("a folder that is no run is explained", async ({ folder }) => {
  const messageOf = (error: Error) => error.message.replaceAll(folder, "run");
  const read = () => readRunFolder(folder).then(() => "", messageOf);
  assert.match(await read(), /^run\/config\.json: .* no such file/);
  await writeFile(join(folder, "config.json"), "{");
  assert.is(await read(), "run/config.json: damaged: it is not JSON");
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  assert.match(await read(), /^run\/last\.safetensors: the checkpoint cannot be read/);
});

test.run();
