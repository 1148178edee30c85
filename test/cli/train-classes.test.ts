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
  NAMES,
  palettePng,
  RGB,
  rgbPng,
  train,
  writeData,
} from "./class-data.js";
import { inFolder, runCli } from "./run.js";

test("names and colours are stored in the configuration and the checkpoint", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), rgbPng()]);
    const { code, stdout, stderr } = await train(...NAMES, ...COLOURS);
    assert.is(code, 0, stderr);
    assert.match(stdout, /Labels are pictures in the class colours\./);
    const { model, task, format } = await configOf("run");
    assert.is(model.classes, 3, "as many as are named");
    assert.equal(task, { classNames: NAMES[1].split(","), classColours: HEX });
    assert.is(format, 3, "earlier versions refuse it, which would lose the names");
    const checkpoint = decodeSafetensors(await readFile("run/best.safetensors"), "best");
    assert.equal([checkpoint.metadata.model, checkpoint.metadata.task], [model, task]);
    const again = await runCli(["train", "--resume", "run", "--steps", "4"]);
    assert.is(again.code, 0, again.stderr);
    const after = await configOf("run");
    assert.equal([after.model, after.task], [model, task]);
    const other = await runCli(["train", "--resume", "run", "--steps", "6", ...NAMES]);
    assert.match(other.stderr, /--resume: the run folder .* leave out --class-names/);
  });
});

test("the colours of the labels' palettes are the class colours, what is typed comes first", async () => {
  await inFolder(async () => {
    const palette = [...RGB, [9, 9, 9], [8, 8, 8]];
    const without2 = indices.map((index) => Math.min(index, 1));
    const grey = greyPng(indices.with(0, 3));
    await writeData([grey, palettePng(palette, without2), palettePng(palette)]);
    assert.is((await train("--classes", "4")).code, 0);
    // Class 3 occurs in no palette: it gets a default colour.
    assert.equal((await configOf("run")).task.classColours, [...HEX, "#8822ff"]);
    const typed = ["-o", "typed", "--class-colours", "#010101,#020202"];
    const own = await train("--classes", "4", ...typed);
    assert.is(own.stderr, "");
    assert.equal((await configOf("typed")).task.classColours.slice(0, 2), ["#010101", "#020202"]);
    const [black, white, red] = RGB;
    await writeFile("data/labels/2.png", palettePng([black, red, white]));
    const mixed = await train("--classes", "4", "-o", "mixed");
    assert.is(mixed.code, 1);
    assert.match(mixed.stderr, /labels\/2\.png: its palette has #ffffff at index 2/);
  });
});

test("a run of two classes that were not named has nothing new", async () => {
  await inFolder(async () => {
    const label = greyPng(indices.map((index) => 255 * Math.min(index, 1)));
    await writeData([
      label,
      palettePng(
        [RGB[0], RGB[2]],
        indices.map((index) => index && 1),
      ),
    ]);
    assert.is((await train()).code, 0);
    const model = (await configOf("run")).model;
    assert.equal(Object.keys(model).sort(), [
      ...["architecture", "base", "channels", "classes", "depth", "dropout"],
    ]);
    const html = await readFile("run/report.html", "utf8");
    assert.not.match(html, /id="classes"/);
    assert.match(html, /missed membrane/);
  });
});

test("two classes may have names and a colour of their own", async () => {
  await inFolder(async () => {
    const label = greyPng(indices.map((index) => 255 * Math.min(index, 1)));
    await writeData([label, label]);
    const own = ["--class-names", "tissue,nucleus", "--class-colours", "#000000,#00ff00"];
    const { code, stdout } = await train(...own);
    assert.is(code, 0);
    assert.match(stdout, /everything nucleus/);
    const html = await readFile("run/report.html", "utf8");
    assert.match(html, /probability of nucleus.*missed tissue.*false tissue/s);
    const { data, width } = decodePng(await readFile("run/samples/1.png"), "sample");
    const count = data.length / 3;
    const isGreen = (i: number) =>
      data[i] === 0 && data[count + i] === 255 && data[2 * count + i] === 0;
    assert.ok(Array.from({ length: count }, (_, i) => i).some(isGreen), `outlines, ${width} wide`);
  });
});

test("names and colours that do not fit are refused in one line", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), rgbPng()]);
    const says = async (expected: RegExp, code: number, ...more: string[]) => {
      const { code: got, stderr } = await train(...more);
      assert.is(got, code, stderr);
      assert.match(stderr, /^micrograph: [^\n]+\n$/);
      assert.match(stderr, expected);
    };
    await says(/--class-names: got 3 \(membrane.*expected 4/, 1, ...NAMES, "--classes", "4");
    await says(/--class-colours: got 3, expected at most 2/, 1, ...COLOURS, "--classes", "2");
    await says(/"red" is not a colour such as #d4442f/, 2, "--class-colours", "#000000,red");
    await says(/a is given twice/, 2, "--class-names", "a,a");
    await says(/name between the commas is empty/, 2, "--class-names", "a,,b");
    await says(/labels\/0\.png: it is a colour image.*--class-colours/, 1, ...NAMES);
    const odd = ["--class-colours", "#000000,#fffffe,#d4442f"];
    await says(/labels\/0\.png: the pixel at x 1, y 0 has the colour #ffffff \(512/, 1, ...odd);
  });
});

test.run();
