import { readdir, readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/node/png-files.js";
import { inFolder, runCli } from "./run.js";
import { fails, small, writePairs } from "./train-runs.js";

test("train without data uses the sample and says so, fills a run folder and prints a command to paste", async () => {
  await inFolder(async () => {
    const { code, stdout, log } = await runCli(["train", ...small]);
    assert.is(code, 0);
    assert.match(stdout, /No data given: training on the embedded sample/);
    const [run] = await readdir("runs");
    assert.match(run, /^\d{4}-\d\d-\d\d-\d{6}-sample$/);
    const files = (await readdir(`runs/${run}`)).sort();
    const expected = ["best.safetensors", "config.json", "events.jsonl", "last.safetensors"];
    assert.equal(files, [...expected, "loss.svg", "metrics.csv", "report.html", "samples"]);
    assert.match(stdout, /this network, best at step 4: 10\.0 %/);
    assert.match(stdout, /best threshold .*: \d+\.\d %/);
    assert.match(stdout, /everything cell: \d+\.\d %/);
    const next = stdout.match(/npx micrograph (predict .*)/)?.[1] as string;
    assert.is((await runCli(next.split(" "))).code, 0, next);
    // Two masks, two probabilities and classes.json.
    assert.is((await readdir("predictions")).length, 5);
    const judge = stdout.match(/npx micrograph (evaluate .*)/)?.[1] as string;
    const judged = await runCli([...judge.split(" "), "--json"]);
    assert.is(judged.code, 0, judged.stderr);
    const slices = Object.keys(JSON.parse(judged.stdout).slices);
    assert.equal(slices, ["synthetic-09", "synthetic-10"]);
    assert.equal([log.opened, log.closed], [1, 1]);
  });
});

test("train on folders holds out the last fifth and records the names", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2", "3", "10"]);
    const size = ["--tile", "28", "--depth", "1"];
    const { code, stderr } = await runCli(["train", "em", "-o", "out", ...small, ...size]);
    assert.is(code, 0, stderr);
    const config = JSON.parse(await readFile("out/config.json", "utf8"));
    assert.equal(config.training, ["0", "1", "2", "3"]);
    assert.equal(config.validation, ["10"]);
    assert.is(config.name, "em");
    assert.is(config.config.tile, 28);
    assert.is(config.model.depth, 1);
    const again = await runCli(["train", "em", "-o", "out", ...small, ...size]);
    assert.is(again.code, 1);
    assert.match(again.stderr, /^micrograph: out: it contains a run already.*--resume out/);
  });
});

test("train --model takes another network, with a tile that fits it", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2"]);
    const { code, stdout, stderr } = await runCli(
      ["train", "em", "--model", "fcn8s", "-o", "out", ...small].concat(["--base", "4"]),
    );
    assert.is(code, 0, stderr);
    assert.match(stdout, /FCN-8s of base 4; 4 steps of 1 tile of 288 x 288 pixels/);
    const { model, config } = JSON.parse(await readFile("out/config.json", "utf8"));
    assert.equal([model.architecture, model.base, model.depth], ["fcn8s", 4, 5]);
    assert.is(config.tile, 288);
    const other = ["train", "--resume", "out", "--steps", "6", "--model", "unet"];
    await fails(other, 1, /--model: the resumed run has fcn8s, got unet: it cannot change/);
    assert.is((await runCli(["train", "--resume", "out", "--steps", "6"])).code, 0);
    const predict = ["predict", "--checkpoint", "out/best.safetensors", "--input", "em/images"];
    const tiles = [...predict, "-o", "p", "--tile"];
    await fails([...tiles, "284"], 1, /--tile: .* FCN-8s: the nearest valid sizes are 256 and 288/);
    await fails(
      [...tiles, "288"],
      1,
      /--tile: .* 181 pixels are cut per side: the smallest is 384/,
    );
  });
  await fails(["train", "--model", "fcn8s", "--tile", "284", ...small], 1, /256 and 288/);
  await fails(["train", "--model", "fcn8s", "--depth", "4", ...small], 1, /5 poolings, got 4/);
  await fails(["train", "--model", "vgg", ...small], 2, /Allowed choices are unet, fcn8s/);
});

test("train takes U-Nets that differ from the paper's, which a resumed run keeps", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2"]);
    const other = ["--padding", "same", "--norm", "batch", "--residual", "--widths", "2,4"];
    const args = ["train", "em", "-o", "out", ...small, "--depth", "1", ...other];
    const { code, stdout, stderr } = await runCli(args);
    assert.is(code, 0, stderr);
    assert.match(stdout, /padding same, norm batch, residual, widths 2,4; 4 steps of 1 tile/);
    const { model } = JSON.parse(await readFile("out/config.json", "utf8"));
    const { padding, norm, residual, widths } = model;
    assert.equal([padding, norm, residual, widths], ["same", "batch", true, "2,4"]);
    assert.not.ok("activation" in model, "what is as in the paper is not stored");
    const again = ["train", "--resume", "out", "--steps", "6"];
    await fails([...again, "--norm", "group"], 1, /--norm: the resumed run has batch, got group/);
    await fails([...again, "--activation", "elu"], 1, /--activation: the resumed run has relu/);
    assert.is((await runCli(again)).code, 0);
    const predict = ["predict", "--checkpoint", "out/best.safetensors", "--input", "em/images"];
    assert.is((await runCli([...predict, "-o", "p"])).code, 0);
  });
  await fails(["train", "--norm", "layer", ...small], 2, /Allowed choices are none, batch/);
  await fails(["train", "--widths", "8;16", ...small], 1, /--widths: got 8;16, expected whole/);
  const fcn = ["train", "--model", "fcn8s", "--norm", "batch", ...small];
  await fails(fcn, 1, /only a U-Net has norm/);
});

test("what is said of one class for all names the class that is the commonest", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1"]);
    const size = ["--tile", "28", "--depth", "1"];
    const bright = await runCli(["train", "em", ...small, ...size]);
    assert.match(bright.stdout, /everything cell: 14\.4 %/);
    const data = Uint8Array.from({ length: 1024 }, (_, i) => (i % 4 === 0 ? 255 : 0));
    const dark = encodePng({ width: 32, height: 32, channels: 1, bitDepth: 8, data });
    for (const name of ["0", "1"]) await writeFile(`em/labels/${name}.png`, dark);
    const outcome = await runCli(["train", "em", ...small, ...size]);
    assert.match(outcome.stdout, /everything background: 25\.0 %/);
  });
});

test("recipe and augmentation are what was typed, over what is named, over the defaults", async () => {
  await inFolder(async () => {
    const recipe = [
      "--accumulate",
      "2",
      "--clip-norm",
      "1",
      "--weight-decay",
      "0.01",
      "--ema",
      "0.99",
      "--patience",
      "5",
    ];
    const tiles = ["--augmentation", "paper", "--elastic", "simard", "--rotation", "20"];
    await runCli(["train", "-o", "out", ...recipe, "--best", "v-rand", ...tiles, ...small]);
    const { config } = JSON.parse(await readFile("out/config.json", "utf8"));
    const { accumulate, clipNorm, weightDecay, ema, patience, best } = config;
    assert.is(accumulate, 2);
    assert.equal([clipNorm, weightDecay, ema, patience, best], [1, 0.01, 0.99, 5, "v-rand"]);
    const { elastic, rotation, elasticAlpha, flips } = config.augmentation;
    assert.equal([elastic, rotation, elasticAlpha, flips], ["simard", 20, 50, true]);
    const more = ["train", "--resume", "out", "--steps", "6"];
    await fails([...more, "--ema", "0"], 1, /--ema: the resumed run has 0.99, got 0/);
    assert.is((await runCli([...more, "--no-flips"])).code, 0);
    const resumed = JSON.parse(await readFile("out/config.json", "utf8")).config.augmentation;
    assert.equal([resumed.flips, resumed.elastic], [false, "simard"]);

    await fails(["train", "--ema", "1"], 1, /--ema: got 1, expected a number from 0 and below 1/);
    await fails(
      ["train", "--best", "luck"],
      2,
      /Allowed choices are loss, wrong-pixels, iou, dice/,
    );
    await fails(["train", "--rotation", "270"], 1, /--rotation: got 270, expected .* 0 to 180/);
    await fails(["train", "--elastic", "much"], 2, /Allowed choices are none, grid, simard/);
    const both = ["train", "--no-augment", "--augmentation", "flips"];
    await fails(both, 1, /--no-augment means --augmentation none/);
  });
});

test("with --json standard output is one JSON value", async () => {
  await inFolder(async () => {
    const { stdout, stderr } = await runCli(["train", "--json", ...small]);
    const result = JSON.parse(stdout);
    assert.is(result.best.wrongPixels, 0.1);
    assert.is(result.steps, 4);
    assert.ok(result.baselines.oneClass > 0 && result.baselines.threshold.wrongPixels > 0);
    assert.match(stderr, /No data given/);
  });
});

test("train --profile prints the table and writes it into the run folder", async () => {
  await inFolder(async () => {
    const { code, stdout } = await runCli(["train", "-o", "out", "--profile", ...small]);
    assert.is(code, 0);
    assert.match(stdout, /Profile on fake: 1\.5 ms per step, 10\.0 GFLOP\/s, 10\.0 % of the peak/);
    assert.match(stdout, /\nencoder1\.conv1 +conv2d buffer +2 +1\.500 +100\.0 % +10\.0/);
    assert.is(JSON.parse(await readFile("out/profile.json", "utf8")).nodes[0].ms, 1.5);
    const [head, first] = (await readFile("out/profile.csv", "utf8")).split("\n");
    assert.match(head, /^node,kernel,dispatches,ms,/);
    assert.is(first, '"encoder1.conv1",conv2d buffer,2,1.5,1,10,0.1,2');
  });
});

test("a preset gives the defaults, which options override, and is recorded", async () => {
  await inFolder(async () => {
    const args = ["train", "--preset", "small", ...small, "--tile", "284", "-o", "out"];
    assert.is((await runCli(args)).code, 0);
    const written = async () => JSON.parse(await readFile("out/config.json", "utf8"));
    const { preset, model, config } = await written();
    assert.equal([preset, model.base, config.schedule, config.w0], ["small", 16, "cosine-time", 1]);
    assert.equal([config.tile, config.steps, config.maxMinutes], [284, 4, 30]);
    const more = ["train", "--resume", "out", "--steps", "6"];
    assert.is((await runCli(more)).code, 0);
    const resumed = await written();
    assert.equal([resumed.preset, resumed.config.schedule], ["small", "cosine-time"]);
    await fails([...more, "--preset", "paper"], 1, /--preset: a resumed run keeps its settings/);
    assert.is((await runCli(["train", "--preset", "paper", ...small, "-o", "paper"])).code, 0);
    const paper = JSON.parse(await readFile("paper/config.json", "utf8"));
    assert.equal([paper.model.base, paper.model.dropout], [64, 0.5]);
    assert.equal([paper.config.tile, paper.config.momentum, paper.config.w0], [572, 0.99, 10]);
    await fails(["train", "--preset", "huge"], 2, /Allowed choices are paper, small/);
  });
});

test.run();
