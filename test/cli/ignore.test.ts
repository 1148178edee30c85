import { readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodePng } from "../../src/node/png-files.js";
import { decodeSafetensors } from "../../src/train/checkpoint-file.js";
import {
  COLOURS,
  configOf,
  greyPng,
  HEX,
  indices,
  palettePng,
  predict,
  RGB,
  rgbPng,
  small,
  train,
  writeData,
} from "./class-data.js";
import { inFolder, runCli } from "./run.js";

const MAGENTA = [255, 0, 255];
const IGNORE = ["--ignore", "#F0F"];
/** The first 100 pixels are unlabelled. */
const partly = indices.map((index, pixel) => (pixel < 100 ? 3 : index));
const partlyRgb = () => rgbPng(partly, [...RGB, MAGENTA]);

const metadataOf = async (path: string) => decodeSafetensors(await readFile(path), path).metadata;

/** Pixels of a picture that have a colour. */
async function count(path: string, wanted: readonly number[]): Promise<number> {
  const { data, width, height } = decodePng(await readFile(path), path);
  const isWanted = (_: unknown, i: number) =>
    wanted.every((value, channel) => data[channel * width * height + i] === value);
  return Array.from({ length: width * height }).filter(isWanted).length;
}

test("train leaves out an ignored colour, and keeps it in configuration and checkpoints", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), partlyRgb()]);
    const { code, stderr } = await train(...COLOURS, ...IGNORE);
    assert.is(code, 0, stderr);
    assert.is((await configOf("run")).ignore, "#ff00ff");
    for (const kind of ["best", "last"]) {
      assert.is((await metadataOf(`run/${kind}.safetensors`)).ignore, "#ff00ff", kind);
    }
    assert.match(await readFile("run/report.html", "utf8"), /<dt>Ignored colour<\/dt><dd>#ff00ff</);
    // The data are read again in the same way.
    const again = await runCli(["train", "--resume", "run", "--steps", "4"]);
    assert.is(again.code, 0, again.stderr);
    assert.is((await metadataOf("run/last.safetensors")).ignore, "#ff00ff");
    const other = await runCli(["train", "--resume", "run", "--steps", "6", ...IGNORE]);
    assert.match(other.stderr, /--resume: the run folder .* leave out --ignore/);
  });
});

test("an ignored value is stored in the checkpoint too, and nothing if none is given", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), rgbPng()]);
    await train(...COLOURS, "--ignore", "128");
    assert.is((await metadataOf("run/best.safetensors")).ignore, 128);
    await train(...COLOURS, "-o", "none");
    assert.not.ok("ignore" in (await metadataOf("none/best.safetensors")));
  });
});

test("an ignored colour of a palette is no class, and no default colour is the ignored one", async () => {
  await inFolder(async () => {
    const palette = palettePng([...RGB, MAGENTA], partly);
    await writeData([palette, palette]);
    assert.is((await train("--classes", "3", ...IGNORE)).code, 0);
    assert.equal((await configOf("run")).task.classColours, HEX);
    // No palette gives the colour of class 3; its default colour is #8822ff.
    const taken = palettePng([...RGB, [9, 9, 9], [0x88, 0x22, 0xff]], indices);
    await writeData([greyPng(indices.with(0, 3)), taken]);
    const own = await train("--classes", "4", "-o", "own", "--ignore", "#8822ff");
    assert.is(own.code, 0, own.stderr);
    assert.equal((await configOf("own")).task.classColours, [...HEX, "#ffb000"]);
    const again = await runCli(["train", "--resume", "own", "--steps", "4"]);
    assert.is(again.code, 0, again.stderr);
  });
});

test("evaluate counts no pixel of an ignored colour", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), rgbPng()]);
    await train(...COLOURS);
    await predict();
    // Wrong in unlabelled pixels.
    const mask = indices.map((index, pixel) => (pixel < 100 ? 2 : index));
    await writeFile("out/0.png", palettePng(RGB, mask));
    await writeFile("data/labels/0.png", partlyRgb());
    const args = ["evaluate", "--prediction", "out", "--labels", "data/labels", "--json"];
    const { code, stdout, stderr } = await runCli([...args, ...IGNORE]);
    assert.is(code, 0, stderr);
    assert.is(JSON.parse(stdout).all.wrongPixels, 0);
    const without = await runCli(args);
    assert.match(without.stderr, /#ff00ff \(100 pixels.* \(--ignore "#ff00ff"\)/);
    // classes.json names the class colours.
    const red = await runCli([...args, "--ignore", "#d4442f"]);
    assert.match(red.stderr, /--ignore: the ignored colour #d4442f is that of class 2/);
  });
});

test("predict passes the ignored colour of the training on to evaluate, which a typed one replaces", async () => {
  await inFolder(async () => {
    await writeData([partlyRgb(), partlyRgb()]);
    await train(...COLOURS, ...IGNORE);
    assert.is((await predict()).code, 0);
    const list = JSON.parse(await readFile("out/classes.json", "utf8"));
    assert.is(list.ignore, "#ff00ff");
    const args = ["evaluate", "--prediction", "out", "--labels", "data/labels", "--json"];
    const kept = await runCli(args);
    assert.is(kept.code, 0, kept.stderr);
    assert.equal(JSON.parse(kept.stdout), JSON.parse((await runCli([...args, ...IGNORE])).stdout));
    const other = await runCli([...args, "--ignore", "#123456"]);
    assert.match(other.stderr, /#ff00ff \(100 pixels/);
    await writeFile("out/classes.json", JSON.stringify({ ...list, ignore: "pink" }));
    assert.match(
      (await runCli(args)).stderr,
      /classes\.json: damaged: got "pink" to ignore, expected a value or a colour such as #ff00ff/,
    );
  });
});

test("gallery hatches unlabelled pixels, by its own option or by the checkpoint's", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), partlyRgb()]);
    const hatched = [90, 90, 90];
    const typed = await runCli(["gallery", "data", "-o", "typed", ...COLOURS, ...IGNORE]);
    assert.is(typed.code, 0, typed.stderr);
    const drawn = await count("typed/data.png", hatched);
    assert.ok(drawn > 20 && drawn <= 100, String(drawn));
    await train(...COLOURS, ...IGNORE);
    const args = ["gallery", "data", "--checkpoint", "run/best.safetensors", "-o", "kept"];
    const kept = await runCli(args);
    assert.is(kept.code, 0, kept.stderr);
    assert.match(kept.stdout, /Ignored, as in the network's training labels: #ff00ff\./);
    assert.is(await count("kept/data.png", hatched), drawn);
    const white = await runCli([...args, "--ignore", "#ffffff"]);
    assert.match(white.stderr, /--ignore: the ignored colour #ffffff is that of class 1/);
  });
});

test("compare trains and evaluates without the ignored colour, and continues only with the same", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), partlyRgb()]);
    const args = ["compare", "data", "-o", "both", "--models", "unet", ...small, ...COLOURS];
    const { code, stdout, stderr } = await runCli([...args, ...IGNORE]);
    assert.is(code, 0, stderr);
    assert.match(stdout, /^iou of 2 +1\.0000$/m);
    assert.is(JSON.parse(await readFile("both/compare.json", "utf8")).settings.ignore, "#ff00ff");
    assert.is((await configOf("both/unet")).ignore, "#ff00ff");
    assert.is((await metadataOf("both/unet/best.safetensors")).ignore, "#ff00ff");
    await writeData([rgbPng(), rgbPng()]);
    const other = await runCli(args);
    assert.match(other.stderr, /compare\.json: it is a comparison with other ignore/);
  });
});

test("a colour that is a class's, or none at all, is refused in one line", async () => {
  await inFolder(async () => {
    await writeData([partlyRgb(), partlyRgb()]);
    const says = async (expected: RegExp, code: number, ...args: string[]) => {
      const { code: got, stderr } = await runCli(args);
      assert.is(got, code, stderr);
      assert.match(stderr, /^micrograph: [^\n]+\n$/);
      assert.match(stderr, expected);
    };
    const sameAsClass = /--ignore: the ignored colour #d4442f is that of class 2, expected one of/;
    const noColour =
      /'--ignore .*' argument 'pink' is invalid\. it is neither a number nor a colour/;
    for (const command of ["train", "compare", "gallery"]) {
      const args = [command, "data", "-o", "out", ...COLOURS, "--ignore"];
      await says(sameAsClass, 1, ...args, "#D4442F");
      await says(noColour, 2, ...args, "pink");
      await says(/--ignore: got 1.5, expected a whole number from -\d+ to \d+/, 1, ...args, "1.5");
    }
    const evaluate = ["evaluate", "--prediction", "data/labels", "--labels", "data/labels"];
    await says(sameAsClass, 1, ...evaluate, ...COLOURS, "--ignore", "#d4442f");
    await says(noColour, 2, ...evaluate, "--ignore", "pink");
    // White by its value and white as a class.
    const grey = /labels\/0\.png: grey of the ignored value 255 is #ffffff, the colour of class 1/;
    await says(grey, 1, "train", "data", "-o", "out", ...COLOURS, "--ignore", "255");
  });
});

test.run();
