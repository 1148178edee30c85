import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/node/png.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/safetensors.js";
import { fakeServices } from "./fakes.js";
import { inFolder, type Outcome, runCli } from "./run.js";

async function fails(args: readonly string[], code: number, expected: RegExp): Promise<Outcome> {
  const outcome = await runCli(args);
  assert.is(outcome.code, code, outcome.stderr);
  assert.match(outcome.stderr, expected);
  assert.match(outcome.stderr, /^micrograph: [^\n]+\n$/, "one line");
  assert.is(outcome.log.opened, 0, "said before the GPU is opened");
  return outcome;
}

async function writePairs(names: readonly string[]): Promise<void> {
  const size = 32;
  const data = Uint8Array.from({ length: size * size }, (_, i) => (i % 7 === 0 ? 0 : 255));
  const png = encodePng({ width: size, height: size, channels: 1, bitDepth: 8, data });
  for (const folder of ["em/images", "em/labels"]) {
    await mkdir(folder, { recursive: true });
    for (const name of names) await writeFile(`${folder}/${name}.png`, png);
  }
}

const RUN_LOGS = ["config.json", "metrics.csv", "events.jsonl"];
const small = ["--steps", "4", "--validate-every", "2"];

test("train without data says so, fills a run folder and gives a command to paste", async () => {
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
    assert.match(stdout, /calling everything cell: \d+\.\d %/);
    const next = stdout.match(/npx micrograph (predict .*)/)?.[1] as string;
    assert.is((await runCli(next.split(" "))).code, 0, next);
    assert.is((await readdir("predictions")).length, 4);
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
    assert.match(again.stderr, /^micrograph: out: it holds a run already.*--resume out/);
  });
});

test("a resumed run splits and reads its data as before, whatever the names and the labels", async () => {
  await inFolder(async () => {
    await writePairs(["a,b", "c*", "cd"]);
    const png = (data: Uint8Array) =>
      encodePng({ width: 32, height: 32, channels: 1, bitDepth: 8, data });
    // 0 and 1, and a stripe that nobody labelled.
    const label = Uint8Array.from({ length: 1024 }, (_, i) => (i < 100 ? 255 : i % 2));
    for (const name of ["a,b", "c*", "cd"]) await writeFile(`em/labels/${name}.png`, png(label));
    await fails(["train", "em", ...small], 1, /255 \(100 pixels\).*--ignore 255/);
    const size = ["--tile", "28", "--depth", "1"];
    const args = ["train", "em", "-o", "out", "--validation", "a?b", "--ignore", "255"];
    const first = await runCli([...args, ...small, ...size]);
    assert.is(first.code, 0, first.stderr);
    const config = JSON.parse(await readFile("out/config.json", "utf8"));
    assert.equal([config.validation, config.ignore], [["a,b"], 255]);
    const more = await runCli(["train", "--resume", "out", "--steps", "6"]);
    assert.is(more.code, 0, more.stderr);
    const again = JSON.parse(await readFile("out/config.json", "utf8"));
    assert.equal([again.validation, again.ignore], [["a,b"], 255]);
    await fails(["train", "--resume", "out", "--ignore", "3"], 1, /leave out --ignore/);
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
    await fails(other, 1, /--model: the run to resume has fcn8s, got unet: it cannot change/);
    assert.is((await runCli(["train", "--resume", "out", "--steps", "6"])).code, 0);
    const predict = ["predict", "--checkpoint", "out/best.safetensors", "--input", "em/images"];
    const tiles = [...predict, "-o", "p", "--tile"];
    await fails([...tiles, "284"], 1, /--tile: .* FCN-8s: the nearest valid sizes are 256 and 288/);
    await fails([...tiles, "288"], 1, /--tile: .* 181 pixels a side are cut: the smallest is 384/);
  });
  await fails(["train", "--model", "fcn8s", "--tile", "284", ...small], 1, /256 and 288/);
  await fails(["train", "--model", "fcn8s", "--depth", "4", ...small], 1, /5 poolings, got 4/);
  await fails(["train", "--model", "vgg", ...small], 2, /Allowed choices are unet, fcn8s/);
});

test("what is said of one class for all names the class that is the commonest", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1"]);
    const size = ["--tile", "28", "--depth", "1"];
    const bright = await runCli(["train", "em", ...small, ...size]);
    assert.match(bright.stdout, /calling everything cell: 14\.4 %/);
    const data = Uint8Array.from({ length: 1024 }, (_, i) => (i % 4 === 0 ? 255 : 0));
    const dark = encodePng({ width: 32, height: 32, channels: 1, bitDepth: 8, data });
    for (const name of ["0", "1"]) await writeFile(`em/labels/${name}.png`, dark);
    const outcome = await runCli(["train", "em", ...small, ...size]);
    assert.match(outcome.stdout, /calling everything background: 25\.0 %/);
  });
});

test("recipe and augmentation are what was typed, over what is named, over the defaults", async () => {
  await inFolder(async () => {
    const recipe = [
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
    const { clipNorm, weightDecay, ema, patience, best } = config;
    assert.equal([clipNorm, weightDecay, ema, patience, best], [1, 0.01, 0.99, 5, "v-rand"]);
    const { elastic, rotation, elasticAlpha, flips } = config.augmentation;
    assert.equal([elastic, rotation, elasticAlpha, flips], ["simard", 20, 50, true]);
    const more = ["train", "--resume", "out", "--steps", "6"];
    await fails([...more, "--ema", "0"], 1, /--ema: the run to resume has 0.99, got 0/);
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
    await fails(both, 1, /--no-augment: it is --augmentation none/);
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
    assert.match(stdout, /Profile on fake: 1\.5 ms a step, 10\.0 GFLOP\/s, 10\.0 % of P/);
    assert.match(stdout, /\nencoder1\.conv1 +conv2d buffer +2 +1\.500 +100\.0 % +10\.0/);
    assert.is(JSON.parse(await readFile("out/profile.json", "utf8")).nodes[0].ms, 1.5);
    const [head, first] = (await readFile("out/profile.csv", "utf8")).split("\n");
    assert.match(head, /^node,kernel,dispatches,ms,/);
    assert.is(first, '"encoder1.conv1",conv2d buffer,2,1.5,1,10,0.1,2');
  });
});

test("a run that is older than a setting goes on with its default, or with what is typed", async () => {
  await inFolder(async () => {
    await runCli(["train", "-o", "out", ...small]);
    const written = async () => JSON.parse(await readFile("out/config.json", "utf8"));
    const { config, ...rest } = await written();
    assert.equal([config.schedule, config.warmup], ["constant", 0]);
    const { schedule: _schedule, warmup: _warmup, ...older } = config;
    await writeFile("out/config.json", JSON.stringify({ ...rest, config: older }));
    const args = ["train", "--resume", "out", "--steps", "6", "--schedule", "cosine"];
    assert.is((await runCli(args)).code, 0);
    const { config: now } = await written();
    assert.equal([now.schedule, now.warmup], ["cosine", 0]);
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
    await fails([...more, "--preset", "paper"], 1, /--preset: the run to resume has its settings/);
    assert.is((await runCli(["train", "--preset", "paper", ...small, "-o", "paper"])).code, 0);
    const paper = JSON.parse(await readFile("paper/config.json", "utf8"));
    assert.equal([paper.model.base, paper.model.dropout], [64, 0.5]);
    assert.equal([paper.config.tile, paper.config.momentum, paper.config.w0], [572, 0.99, 10]);
    await fails(["train", "--preset", "huge"], 2, /Allowed choices are paper, small/);
  });
});

test("--precision is f32 or f16, is kept by a run that goes on, and cannot change then", async () => {
  await inFolder(async () => {
    const precision = async () =>
      JSON.parse(await readFile("out/config.json", "utf8")).config.precision;
    await runCli(["train", "-o", "out", ...small, "--precision", "f16"]);
    assert.is(await precision(), "f16");
    const more = ["train", "--resume", "out", "--steps", "6"];
    await fails(
      [...more, "--precision", "f32"],
      1,
      /--precision: the run to resume has f16, got f32/,
    );
    assert.is((await runCli(more)).code, 0);
    assert.is(await precision(), "f16");
    await fails(["train", "--precision", "f8"], 2, /Allowed choices are f32, f16/);
  });
});

test("--recompute is kept by a run that goes on, and may be turned on then", async () => {
  await inFolder(async () => {
    const recomputes = async () =>
      JSON.parse(await readFile("out/config.json", "utf8")).config.recompute;
    await runCli(["train", "-o", "out", ...small]);
    assert.is(await recomputes(), false);
    await runCli(["train", "--resume", "out", "--steps", "6", "--recompute"]);
    assert.is(await recomputes(), true);
    await runCli(["train", "--resume", "out", "--steps", "8"]);
    assert.is(await recomputes(), true);
  });
});

test("a first Ctrl-C saves, says how to go on, and the run goes on", async () => {
  await inFolder(async () => {
    const fake = fakeServices((step) => {
      if (step === 3) process.emit("SIGINT");
    });
    const { code, stdout } = await runCli(["train", "-o", "out", ...small], fake);
    assert.is(code, 130);
    assert.match(stdout, /npx micrograph train --resume out/);
    assert.is(process.listenerCount("SIGINT"), 0);
    const last = decodeSafetensors(await readFile("out/last.safetensors"), "last");
    assert.is(last.metadata.progress?.step, 3);

    const resumed = await runCli(["train", "--resume", "out"]);
    assert.is(resumed.code, 0, resumed.stderr);
    assert.is(resumed.log.resumedAt, 3);
    const csv = await readFile("out/metrics.csv", "utf8");
    const steps = csv
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[0]);
    assert.equal(steps, ["1", "2", "3", "4"]);

    const done = await runCli(["train", "--resume", "out"]);
    assert.is(done.code, 1);
    assert.match(done.stderr, /has done 4 steps of 4; to go on, give a larger --steps/);
    const changed = await runCli(["train", "--resume", "out", "--steps", "6", "--base", "4"]);
    assert.match(changed.stderr, /--base: the run to resume has 8, got 4/);
    assert.is((await runCli(["train", "--resume", "out", "--steps", "6"])).code, 0);
  });
});

test("a checkpoint that is not the run's is refused by name, and the run's files stay", async () => {
  await inFolder(async () => {
    const { code } = await runCli(["train", "-o", "other", ...small, "--base", "4"]);
    assert.is(code, 0);
    await runCli(["train", "-o", "out", ...small]);
    const before = await Promise.all(RUN_LOGS.map((file) => readFile(`out/${file}`, "utf8")));
    const more = ["train", "--resume", "out", "--steps", "8"];
    await writeFile("out/last.safetensors", await readFile("other/last.safetensors"));
    await fails(more, 1, /out\/last\.safetensors: .* its base is 4, but the run has 8/);
    const { tensors, metadata } = decodeSafetensors(await readFile("out/best.safetensors"), "best");
    const weights = new Map([...tensors].filter(([name]) => !name.startsWith("optimizer.")));
    await writeFile("out/last.safetensors", encodeSafetensors({ tensors: weights, metadata }));
    await fails(more, 1, /out\/last\.safetensors: .* no state of the optimiser/);
    const after = await Promise.all(RUN_LOGS.map((file) => readFile(`out/${file}`, "utf8")));
    assert.equal(after, before);
  });
});

test("a run that failed before its first checkpoint leaves its folder free", async () => {
  await inFolder(async () => {
    const failing = fakeServices(() => {
      throw new Error("the device is lost");
    });
    assert.is((await runCli(["train", "-o", "out", ...small], failing)).code, 1);
    assert.is((await runCli(["train", "-o", "out", ...small])).code, 0);
    const csv = await readFile("out/metrics.csv", "utf8");
    assert.is(csv.trim().split("\n").length, 5);
  });
});

test("values that make no sense are refused in one line, exit code 1", async () => {
  await inFolder(async () => {
    await fails(["train", "--learning-rate", "NaN"], 1, /--learning-rate: got NaN, expected/);
    await fails(["train", "--steps", "-5"], 1, /--steps: got -5, expected a whole number from 1/);
    await fails(["train", "--steps", "1.5"], 1, /--steps: got 1.5/);
    await fails(["train", "--momentum", "1"], 1, /--momentum: got 1, expected/);
    await fails(["train", "--warmup", "0.5"], 1, /--warmup: got 0.5, expected a whole number/);
    await fails(["train", "--schedule", "cosine-time"], 1, /follows the time.* give --max-minutes/);
    await fails(["train", "--max-minutes", "0"], 1, /--max-minutes: got 0/);
    await fails(["train", "--tile", "285", "--depth", "4"], 1, /--tile: .* nearest .* 284 and 300/);
    assert.equal(await readdir("."), []);
  });
});

test("wrong usage is met with the nearest option or command, exit code 2", async () => {
  await fails(["train", "--stpes", "5"], 2, /unknown option '--stpes' \(Did you mean --steps\?\)/);
  await fails(["trian"], 2, /unknown command 'trian' \(Did you mean train\?\)/);
  await fails(["train", "--steps", "many"], 2, /'many' is invalid. not a number/);
  await fails(["train", "--optimizer", "sdg"], 2, /Allowed choices are sgd, adam/);
  await fails(["train", "a", "b"], 2, /too many arguments/);
  await fails(["predict", "--input", "a"], 2, /required option '--checkpoint <FILE>'/);
});

test("bad data is refused in one line, exit code 1", async () => {
  await inFolder(async () => {
    await fails(["train", "nowhere"], 1, /nowhere: no such folder/);
    await fails(["train", "--images", "nowhere", "--labels", "b"], 1, /nowhere/);
    await writePairs(["0", "1", "2"]);
    await writeFile("em/images/2.png", "this is text");
    await fails(["train", "em"], 1, /2\.png/);
    await writePairs(["0", "1", "2"]);
    await writeFile("em/images/3.png", await readFile("em/images/0.png"));
    await fails(["train", "em"], 1, /no label in .* \(3\)/);
    await fails(["train", "--resume", "em"], 1, /config\.json.*no such file/);
  });
});

test("an output folder that cannot be made is refused before training", async () => {
  await inFolder(async () => {
    await writeFile("file", "");
    const { code, stderr } = await runCli(["train", "-o", "file/run", ...small]);
    assert.is(code, 1);
    assert.match(stderr, /^micrograph: file\/run\S*: the folder cannot be made: .*not a folder\n$/);
  });
});

test("a full disk ends the run with one line", async () => {
  if (process.platform !== "linux") return;
  await inFolder(async (folder) => {
    const { symlink } = await import("node:fs/promises");
    await mkdir("out");
    await symlink("/dev/full", `${folder}/out/.best.safetensors.${process.pid}.tmp`);
    const { code, stderr } = await runCli(["train", "-o", "out", ...small]);
    assert.is(code, 1);
    assert.match(stderr, /^micrograph: out\/best\.safetensors: .*no space left on the device\n$/);
  });
});

test.run();
