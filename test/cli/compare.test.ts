import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  equalised,
  resolveContenders,
  seenPixels,
} from "../../src/cli/compare/compare-networks.js";
import type { TrainOptions } from "../../src/cli/train/train-options.js";
import { readProgress } from "../../src/node/comparison-folder.js";
import { decodePng, encodePng } from "../../src/node/png-files.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { rejectionOf } from "../errors.js";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";

const side = 32;

/** Cells between stripes of membrane; the fake network returns the image as the probability. */
async function writePairs(names: readonly string[], image = (label: number) => label) {
  const label = Uint8Array.from({ length: side * side }, (_, i) => (i % 8 === 0 ? 0 : 255));
  const grey = { width: side, height: side, channels: 1, bitDepth: 8 } as const;
  await mkdir("em/images", { recursive: true });
  await mkdir("em/labels", { recursive: true });
  for (const name of names) {
    await writeFile(`em/labels/${name}.png`, encodePng({ ...grey, data: label }));
    await writeFile(`em/images/${name}.png`, encodePng({ ...grey, data: label.map(image) }));
  }
}

const small = ["--steps", "8", "--validate-every", "4", "-o", "out"];

test("compare trains each network on as many pixels, judges all and shows them side by side", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2", "10"]);
    const args = ["compare", "em", "--validation", "2,10", "--base", "4", ...small];
    const { code, stdout, stderr, log } = await runCli(args);
    assert.is(code, 0, stderr);
    assert.equal([log.opened, log.closed], [1, 1]);
    const row = (head: string, cells: string) =>
      assert.match(stdout, new RegExp(`^${head} +${cells.replaceAll(" ", " +")}$`, "m"));
    row("network", "unet fcn8s");
    row("parameters", "121,658 81,794");
    row("tile, output", "284, 100 288, 288");
    row("steps", "8 1");
    row("pixels seen", "80,000 82,944");
    row("training time", "1 s 1 s");
    row("V_rand", "1.0000 1.0000");
    row("wrong pixels", "0.0000 0.0000");
    row("iou of 0 membrane", "1.0000 1.0000");
    assert.match(stdout, /V_rand: Rand F-score of the objects/);

    const json = JSON.parse(await readFile("out/compare.json", "utf8"));
    assert.equal(json.settings.validation, ["2", "10"]);
    assert.equal(Object.keys(json.results), ["unet", "fcn8s"]);
    const { unet, fcn8s } = json.results;
    assert.equal([unet.steps, unet.seenPixels, unet.best.step], [8, 80_000, 8]);
    assert.equal([fcn8s.tile, fcn8s.output, fcn8s.all.wrongPixels], [288, 288, 0]);
    assert.equal(Object.keys(fcn8s.slices), ["2", "10"]);

    const configOf = async (name: string) =>
      JSON.parse(await readFile(`out/${name}/config.json`, "utf8"));
    const [first, second] = [await configOf("unet"), await configOf("fcn8s")];
    assert.equal([first.config.steps, second.config.steps], [8, 1]);
    for (const key of ["seed", "learningRate", "optimizer", "augmentation"]) {
      assert.equal(first.config[key], second.config[key], key);
    }
    assert.equal([first.training, first.validation], [second.training, second.validation]);
    for (const name of ["unet", "fcn8s"]) {
      const files = await readdir(`out/${name}`);
      for (const file of ["best.safetensors", "metrics.csv", "report.html"]) {
        assert.ok(files.includes(file), `${name}/${file}`);
      }
    }
    assert.equal((await readdir("out/pictures")).sort(), ["10.png", "2.png"]);
    const picture = decodePng(await readFile("out/pictures/2.png"), "2.png");
    assert.ok(picture.width > 5 * 256 && picture.height > 2 * 256, "two rows of five panels");
  });
});

test("a comparison with class names in the model, in another order, can be continued", async () => {
  const networks = [
    { name: "unet", model: modelConfig(), config: trainingConfig(), symmetries: 1 },
  ];
  const settings = { data: "sample", training: ["a"], validation: ["b"], networks } as const;
  const task = { classNames: ["wall", "cell"] };
  await inFolder(async () => {
    const turned = Object.fromEntries(Object.entries({ ...modelConfig(), ...task }).reverse());
    const before = { ...settings, networks: [{ ...networks[0], model: turned }] };
    const progress = { unet: { elapsedMs: 7 } };
    await mkdir("out");
    await writeFile("out/compare.json", JSON.stringify({ settings: before, progress }));
    const now = { ...settings, networks: [{ ...networks[0], task }] };
    assert.equal(await readProgress("out", now), progress);
    const other = { ...settings, networks: [{ ...networks[0], task: { classNames: ["a", "b"] } }] };
    assert.match(await rejectionOf(readProgress("out", other)), "a comparison with other networks");
  });
});

test("the same command continues a stopped comparison, and trains nothing twice", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1"]);
    const models = ["--models", "unet,unet@204,fcn8s@64", "--base", "2"];
    const args = ["compare", "em", ...models, ...small];
    let trained = 0;
    const stopping = fakeServices(() => {
      if (++trained === 11) process.emit("SIGINT");
    });
    const stopped = await runCli(args, stopping);
    assert.is(stopped.code, 130, stopped.stderr);
    assert.match(stopped.stdout, /Run the same command again to continue unet@204 after 3 steps/);
    assert.is(process.listenerCount("SIGINT"), 0);

    const counted = { steps: 0 };
    const going = fakeServices(() => {
      counted.steps++;
    });
    const more = await runCli(args, going);
    assert.is(more.code, 0, more.stderr);
    assert.match(more.stdout, /unet: already trained, 8 steps/);
    // Tiles of 204 have an output of 20 x 20 pixels: 8 steps of 100 x 100 pixels are 200 of theirs.
    const { results } = JSON.parse(await readFile("out/compare.json", "utf8"));
    assert.is(results["unet@204"].steps, 200);
    assert.is(results["fcn8s@64"].steps, 20);
    assert.is(counted.steps, 197 + 20);

    const again = await runCli([...args, "--json"], going);
    assert.is(again.code, 0, again.stderr);
    assert.is(counted.steps, 197 + 20);
    assert.equal(JSON.parse(again.stdout).results, results);
    assert.match(again.stderr, /fcn8s@64: already trained/);

    const other = await runCli([...args, "--seed", "7"], going);
    assert.is(other.code, 1);
    assert.match(other.stderr, /out\/compare\.json: it is a comparison with other networks/);
    const label = await readFile("em/labels/1.png");
    await writeFile("em/labels/1.png", await readFile("em/labels/0.png"));
    assert.is((await runCli(args, going)).code, 0, "an equal label");
    const data = new Uint8Array(32 * 32).fill(255, 500);
    const changed = encodePng({ width: 32, height: 32, channels: 1, bitDepth: 8, data });
    await writeFile("em/labels/1.png", changed);
    const differs = await runCli(args, going);
    assert.is(differs.code, 1);
    assert.match(
      differs.stderr,
      /out\/compare\.json: the labels of 1 changed since the comparison/,
    );
    await writeFile("em/labels/1.png", label);
    await writeFile("out/compare.json", "{");
    assert.match((await runCli(args, going)).stderr, /compare\.json: damaged/);
    await rm("out/compare.json");
    const lost = await runCli(args, going);
    assert.match(lost.stderr, /out\/unet: it does not belong to a comparison/);
  });
});

test("variants of the first network differ in what is typed; equal trainings are one run", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1"]);
    const variants = [
      "plain: --no-augment",
      "no elastic: --elastic none --rotation 20",
      "mean of 7: --symmetries 7",
      "batch of 2: --batch 2",
    ];
    const args = ["compare", "em", "--models", "unet", "--base", "2", "--validate-every", "4"];
    const typed = [
      ...args,
      "--steps",
      "8",
      "-o",
      "out",
      ...variants.flatMap((v) => ["--variant", v]),
    ];
    const counted = { steps: 0 };
    const fake = fakeServices(() => {
      counted.steps++;
    });
    const { code, stdout, stderr } = await runCli(typed, fake);
    assert.is(code, 0, stderr);
    assert.match(stdout, /^network +unet +plain +no elastic +mean of 7 +batch of 2$/m);
    assert.match(stdout, /^steps +8 +8 +8 +8 +4$/m);
    assert.is(counted.steps, 8 + 8 + 8 + 4);
    // After those of the four runs' reports.
    assert.equal(fake.log.symmetries.slice(4), [1, 1, 1, 7, 1]);
    const augmentationOf = async (name: string) =>
      JSON.parse(await readFile(`out/${name}/config.json`, "utf8")).config.augmentation;
    const [unet, plain, none] = [
      await augmentationOf("unet"),
      await augmentationOf("plain"),
      await augmentationOf("no elastic"),
    ];
    assert.equal([unet.elastic, plain.elastic, none.elastic], ["grid", "none", "none"]);
    assert.equal([unet.flips, plain.flips, none.flips], [true, false, true]);
    assert.equal([unet.rotation, none.rotation], [180, 20]);
    assert.not((await readdir("out")).includes("mean of 7"));
    const again = await runCli(typed, fake);
    assert.is(again.code, 0, again.stderr);
    assert.is(counted.steps, 28);
  });
});

test("more than two classes are judged by their pixels", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1"]);
    const label = Uint8Array.from({ length: side * side }, (_, i) => i % 3);
    const png = encodePng({ width: side, height: side, channels: 1, bitDepth: 8, data: label });
    for (const name of ["0", "1"]) await writeFile(`em/labels/${name}.png`, png);
    const args = ["compare", "em", "--classes", "3", "--base", "2", ...small];
    const { code, stdout, stderr } = await runCli(args);
    assert.is(code, 0, stderr);
    assert.match(stdout, /^iou of 2 +0\.0000 +0\.0000$/m);
    assert.not.match(stdout, /V_rand/);
  });
});

test("what cannot be compared is refused before the GPU is opened", async () => {
  const cases: [string[], RegExp][] = [
    [["--models", "unet,fcn"], /--models unet,fcn: got "fcn", expected comma-separated names/],
    [["--models", "unet@28x"], /got "unet@28x", expected comma-separated names/],
    [["--models", "unet,unet"], /unet is listed twice; .* write unet@<tile>/],
    [["--models", "fcn8s@100"], /--tile: .* FCN-8s: the nearest valid sizes are 96 and 128/],
    [["--classes", "4"], /--classes: got 4, but the embedded sample has 2 classes, or 3/],
    [["--steps", "0"], /--steps: got 0/],
    [["--variant", "--elastic none"], /--variant "--elastic none": expected a name of letters/],
    [["--variant", "unet: --seed 2"], /--variant "unet: --seed 2": unet is given twice/],
    [["--variant", "a: --elastc none"], /--variant "a: .*unknown option '--elastc'/],
    [["--variant", "a: --steps 5"], /--variant "a: .*apply to the first network/],
    [["--variant", "a: --symmetries 9"], /--variant "a: .*symmetries: got 9/],
    [["--variant", "a: --dropout 1"], /--variant "a: .*--dropout: got 1, expected/],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr, log } = await runCli(["compare", "-o", "out", ...args]);
    assert.is(code, 1, stderr);
    assert.match(stderr, expected);
    assert.is(log.opened, 0);
  }
});

test("equal pixels: steps follow the outputs, and what is counted in steps keeps its share", () => {
  const options = {
    tile: 348,
    depth: 4,
    maxMinutes: 5,
    steps: 1000,
    warmup: 100,
    validateEvery: 250,
    schedule: "cosine-time",
  } satisfies TrainOptions;
  const [unet, fcn] = resolveContenders("unet,fcn8s", options, "data", 1);
  assert.equal([unet.training.tile, fcn.training.tile], [348, 352]);
  assert.equal([unet.model.depth, fcn.model.depth], [4, 5]);
  assert.is(equalised(unet, unet, 1000), unet.training);
  // The first network had time for 600 of its 1000 steps.
  const training = equalised(fcn, unet, 600);
  assert.is(training.steps, Math.round((600 * 164 ** 2) / 352 ** 2));
  const off = seenPixels(fcn, training.steps) / seenPixels(unet, 600) - 1;
  assert.ok(Math.abs(off) < 0.5 / training.steps, `pixels differ by ${off}`);
  assert.equal([training.warmup, training.validateEvery], [22, 54]);
  assert.equal([training.schedule, training.maxMinutes], ["cosine", undefined]);
  const [several] = resolveContenders("unet", { ...options, batch: 2, accumulate: 4 }, "data", 1);
  assert.is(seenPixels(several, 10), 8 * seenPixels(unet, 10));
});

test.run();
