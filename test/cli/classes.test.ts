import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodePng, encodePng } from "../../src/node/png.js";
import { decodeSafetensors } from "../../src/train/safetensors.js";
import { pngFile } from "../png/png-fixture.js";
import { inFolder, runCli } from "./run.js";

const SIZE = 32;
const NAMES = ["--class-names", "membrane,cell,organelle"];
const COLOURS = ["--class-colours", "#000,#ffffff,#D4442F"];
const HEX = ["#000000", "#ffffff", "#d4442f"];
const RGB = [
  [0, 0, 0],
  [255, 255, 255],
  [212, 68, 47],
];
const small = ["--steps", "2", "--validate-every", "2", "--tile", "28", "--depth", "1"];

/** Stripes of the three classes. */
const indices = Array.from({ length: SIZE * SIZE }, (_, i) => [0, 1, 1, 2][(i % SIZE) % 4]);

const greyPng = (data: ArrayLike<number>) =>
  encodePng({ width: SIZE, height: SIZE, channels: 1, bitDepth: 8, data });
const rgbPng = () => {
  const data = [0, 1, 2].flatMap((channel) => indices.map((index) => RGB[index][channel]));
  return encodePng({ width: SIZE, height: SIZE, channels: 3, bitDepth: 8, data });
};
const palettePng = (palette: readonly (readonly number[])[], pixels = indices) =>
  pngFile(SIZE, SIZE, pixels, { colourType: 3, depth: 8, palette: palette.flat() });

async function writeData(labels: readonly Uint8Array[]): Promise<void> {
  await mkdir("data/images", { recursive: true });
  await mkdir("data/labels", { recursive: true });
  for (const [i, label] of labels.entries()) {
    await writeFile(`data/images/${i}.png`, greyPng(indices.map((index) => 100 * index)));
    await writeFile(`data/labels/${i}.png`, label);
  }
}

const train = (...more: string[]) => runCli(["train", "data", "-o", "run", ...small, ...more]);
const modelOf = async (folder: string) =>
  JSON.parse(await readFile(`${folder}/config.json`, "utf8")).model;

test("names and colours stand in the configuration and the checkpoint", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), rgbPng()]);
    const { code, stdout, stderr } = await train(...NAMES, ...COLOURS);
    assert.is(code, 0, stderr);
    assert.match(stdout, /Labels are pictures in the class colours\./);
    const model = await modelOf("run");
    assert.is(model.classes, 3, "as many as are named");
    assert.equal([model.classNames, model.classColours], [NAMES[1].split(","), HEX]);
    const checkpoint = decodeSafetensors(await readFile("run/best.safetensors"), "best");
    assert.equal(checkpoint.metadata.model, model);
    const again = await runCli(["train", "--resume", "run", "--steps", "4"]);
    assert.is(again.code, 0, again.stderr);
    assert.equal(await modelOf("run"), model);
    const other = await runCli(["train", "--resume", "run", "--steps", "6", ...NAMES]);
    assert.match(other.stderr, /--resume: the run folder .* leave out --class-names/);
  });
});

test("the colours of the labels' palettes are the class colours, what is typed comes first", async () => {
  await inFolder(async () => {
    const palette = [...RGB, [9, 9, 9], [8, 8, 8]];
    const without2 = indices.map((index) => Math.min(index, 1));
    await writeData([palettePng(palette, without2), palettePng(palette)]);
    assert.is((await train("--classes", "4")).code, 0);
    // Class 3 does not occur: it gets a default colour.
    assert.equal((await modelOf("run")).classColours, [...HEX, "#8822ff"]);
    const typed = ["-o", "typed", "--class-colours", "#010101,#020202"];
    const own = await train("--classes", "4", ...typed);
    assert.is(own.stderr, "");
    assert.equal((await modelOf("typed")).classColours.slice(0, 2), ["#010101", "#020202"]);
    const [black, white, red] = RGB;
    await writeFile("data/labels/1.png", palettePng([black, red, white]));
    const mixed = await train("--classes", "4", "-o", "mixed");
    assert.is(mixed.code, 1);
    assert.match(mixed.stderr, /labels\/1\.png: its palette has #ffffff at index 2/);
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
    const model = await modelOf("run");
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
    assert.match(stdout, /calling everything nucleus/);
    const html = await readFile("run/report.html", "utf8");
    assert.match(html, /probability of nucleus.*missed tissue.*false tissue/s);
    const { data, width } = decodePng(await readFile("run/samples/1.png"), "sample");
    const count = data.length / 3;
    const isGreen = (i: number) =>
      data[i] === 0 && data[count + i] === 255 && data[2 * count + i] === 0;
    assert.ok(Array.from({ length: count }, (_, i) => i).some(isGreen), `outlines, ${width} wide`);
  });
});

test("report and gallery show the classes by name and colour", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), rgbPng()]);
    await train(...NAMES, ...COLOURS);
    const html = await readFile("run/report.html", "utf8");
    assert.match(html, /rgb\(212,68,47\)"><\/i>organelle<\/span>/);
    assert.match(html, /<th scope="row">organelle<\/th><td class="number">25\.0 %<\/td>/);
    assert.match(html, /<dt>Class names<\/dt><dd>membrane, cell, organelle<\/dd>/);
    const args = ["gallery", "data", "--checkpoint", "run/best.safetensors", "-o", "pictures"];
    const { code, stderr } = await runCli(args);
    assert.is(code, 0, stderr);
    assert.match(await readFile("pictures/index.html", "utf8"), /<\/i>organelle<\/span>/);
    const sheet = decodePng(await readFile("pictures/data.png"), "data");
    const count = sheet.width * sheet.height;
    const has = (wanted: readonly number[]) =>
      Array.from({ length: count }, (_, i) => i).filter((i) =>
        wanted.every((value, channel) => sheet.data[channel * count + i] === value),
      ).length;
    // A quarter of the two labels. (So narrow a panel has no room for the third class's key.)
    assert.is(has(RGB[2]), (2 * SIZE * SIZE) / 4);
    const told = await runCli([...args, ...NAMES]);
    assert.match(told.stderr, /--class-names: the checkpoint says it already; leave it out/);
    const plain = await runCli(["gallery", "data", "-o", "plain", ...NAMES, ...COLOURS]);
    assert.is(plain.code, 0, plain.stderr);
  });
});

/** A trained network of the three classes, and images to predict. */
async function prepare(): Promise<void> {
  await writeData([rgbPng(), rgbPng()]);
  assert.is((await train(...NAMES, ...COLOURS)).code, 0);
}

const predict = (...more: string[]) => {
  const checkpoint = ["--checkpoint", "run/best.safetensors"];
  return runCli(["predict", ...checkpoint, "--input", "data/images", "-o", "out", ...more]);
};

test("predict writes indices in grey and with a palette, and how the classes are called", async () => {
  await inFolder(async () => {
    await prepare();
    const { code, stdout, stderr } = await predict("--overlay", "--json");
    assert.is(code, 0, stderr);
    assert.is(JSON.parse(stdout).images[0].colours, "out/0-colours.png");
    const mask = decodePng(await readFile("out/0.png"), "mask");
    const coloured = decodePng(await readFile("out/0-colours.png"), "colours");
    assert.equal([mask.channels, coloured.channels], [1, 3]);
    assert.equal([...(coloured.indices ?? [])], [...mask.data]);
    const at = (pixel: number) => [0, 1, 2].map((i) => coloured.data[i * SIZE * SIZE + pixel]);
    for (const pixel of [0, 1, 3]) assert.equal(at(pixel), RGB[mask.data[pixel]]);
    assert.equal(new Set(mask.data), new Set([0, 1, 2]), "as the fake network sees the greys");
    assert.equal(JSON.parse(await readFile("out/classes.json", "utf8")), {
      ...{ classes: 3, classNames: ["membrane", "cell", "organelle"], classColours: HEX },
    });
    const overlay = decodePng(await readFile("out/0-overlay.png"), "overlay");
    const outline = mask.data.indexOf(2);
    const drawn = [0, 1, 2].map((i) => overlay.data[i * SIZE * SIZE + outline]);
    assert.equal(drawn, RGB[2]);
  });
});

test("evaluate names the classes as predict wrote them down, or as they are typed", async () => {
  await inFolder(async () => {
    await prepare();
    await predict();
    const args = ["evaluate", "--prediction", "out", "--labels", "data/labels"];
    const { code, stdout, stderr } = await runCli(args);
    assert.is(code, 0, stderr);
    assert.match(stdout, /^all 2 +2 organelle +1\.0000 +1\.0000 +1\.0000 +1\.0000$/m);
    const typed = ["--class-names", "x,y,z"];
    const json = JSON.parse((await runCli([...args, ...typed, "--json"])).stdout);
    assert.equal(
      [json.classes, json.all.iou],
      [
        ["x", "y", "z"],
        [1, 1, 1],
      ],
    );
    // A mask with a palette, and one in colours, are as good as one of grey indices.
    await writeFile("out/0.png", palettePng(RGB));
    await writeFile("out/1.png", rgbPng());
    assert.equal(JSON.parse((await runCli([...args, "--json"])).stdout).all.wrongPixels, 0);
    await writeFile("out/classes.json", "{}");
    const damaged = await runCli(args);
    assert.match(damaged.stderr, /out\/classes\.json: damaged: it lacks "classes"/);
  });
});

test("predictions of two classes that have no names come without a list of classes", async () => {
  await inFolder(async () => {
    const label = greyPng(indices.map((index) => 255 * Math.min(index, 1)));
    await writeData([label, label]);
    await train();
    await predict();
    const usual = ["0-probability.png", "0.png", "1-probability.png", "1.png"];
    assert.equal((await readdir("out")).sort(), usual);
    // One that other predictions left there would be wrong.
    await writeFile("out/classes.json", '{"classes": 3}');
    await predict();
    assert.equal(JSON.parse(await readFile("out/classes.json", "utf8")), { classes: 2 });
  });
});

test("compare calls the classes by name, in the table and the pictures", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), rgbPng()]);
    const networks = ["--models", "unet", ...small];
    const args = ["compare", "data", "-o", "both", ...networks, ...NAMES, ...COLOURS];
    const { code, stdout, stderr } = await runCli(args);
    assert.is(code, 0, stderr);
    assert.match(stdout, /^iou of 2 organelle +1\.0000$/m);
    assert.equal((await modelOf("both/unet")).classColours, HEX);
    const { data } = decodePng(await readFile("both/pictures/1.png"), "picture");
    const count = data.length / 3;
    const isRed = (i: number) => [0, 1, 2].every((c) => data[c * count + i] === RGB[2][c]);
    assert.ok(Array.from({ length: count }, (_, i) => i).some(isRed));
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
    await says(/"red" is no colour such as #d4442f/, 2, "--class-colours", "#000000,red");
    await says(/a stands twice/, 2, "--class-names", "a,a");
    await says(/a name is missing/, 2, "--class-names", "a,,b");
    await says(/labels\/0\.png: it is a colour image.*--class-colours/, 1, ...NAMES);
    const odd = ["--class-colours", "#000000,#fffffe,#d4442f"];
    await says(/labels\/0\.png: the pixel at x 1, y 0 has the colour #ffffff \(512/, 1, ...odd);
  });
});

test.run();
