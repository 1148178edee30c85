import { mkdir, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/node/png-files.js";
import { pngFile } from "../formats/png/png-fixture.js";
import { inFolder, runCli } from "./run.js";

const [width, height] = [12, 8];
/** Three cells: 1 and 2 touch, 3 is away from them. */
const ids = Array.from({ length: width * height }, (_, i) => {
  const x = i % width;
  return x < 4 ? 1 : x < 7 ? 2 : x > 8 ? 3 : 0;
});
const cells = ids.map((id) => Math.min(id, 1));

function png(data: ArrayLike<number>, bitDepth: 8 | 16 = 8): Uint8Array {
  return encodePng({ width, height, channels: 1, bitDepth, data });
}

/** Two labels and two predictions of those bytes. */
async function write(label: Uint8Array, mask: Uint8Array, file = (name: string) => `${name}.png`) {
  await mkdir("labels", { recursive: true });
  await mkdir("out", { recursive: true });
  for (const name of ["a", "b"]) {
    await writeFile(`labels/${name}.png`, label);
    await writeFile(`out/${file(name)}`, mask);
  }
}

const evaluate = (...more: string[]) =>
  runCli(["evaluate", "--prediction", "out", "--labels", "labels", ...more]);

async function figures(...more: string[]) {
  const { code, stdout, stderr } = await evaluate("--json", ...more);
  assert.is(code, 0, stderr);
  return { ...JSON.parse(stdout), stderr };
}

const palette = (black: number[], white: number[], data: number[]) =>
  pngFile(width, height, data, { colourType: 3, depth: 8, palette: [...black, ...white] });

test("labels and masks of any program are read alike: the figures are the same", async () => {
  await inFolder(async () => {
    const wrong = cells.map((v, i) => (i < 4 ? 0 : v));
    const kinds: [string, (values: number[]) => Uint8Array][] = [
      ["0 and 1", (values) => png(values)],
      ["0 and 255", (values) => png(values.map((v) => 255 * v))],
      ["1 and 2", (values) => png(values.map((v) => v + 1))],
      [
        "0 and 65535",
        (values) =>
          png(
            values.map((v) => 65535 * v),
            16,
          ),
      ],
      ["0 and 100", (values) => png(values.map((v) => 100 * v))],
      ["palette", (values) => palette([0, 0, 0], [128, 0, 0], values)],
      [
        "swapped",
        (values) =>
          palette(
            [255, 255, 255],
            [0, 0, 0],
            values.map((v) => 1 - v),
          ),
      ],
    ];
    for (const [label, labelOf] of kinds) {
      for (const [mask, maskOf] of kinds) {
        await write(labelOf(cells), maskOf(wrong));
        const { all } = await figures();
        assert.is(all.wrongPixels, 4 / 96, `label ${label}, mask ${mask}`);
      }
    }
  });
});

test("a probability is read as one, however sure the network is", async () => {
  await inFolder(async () => {
    const probability = (name: string) => `${name}-probability.png`;
    // 1 of 65535 everywhere is not a mask of class 1, nor are 0 and 1 of 255.
    const empty = png(cells.map(() => 0));
    for (const faint of [
      png(
        cells.map((_, i) => i % 2),
        16,
      ),
      png(cells.map((_, i) => i % 2)),
      png(
        cells.map(() => 1),
        16,
      ),
    ]) {
      await write(empty, faint, probability);
      assert.is((await figures()).all.wrongPixels, 0);
    }
    await write(
      png(cells),
      png(
        cells.map((v) => 65535 * v),
        16,
      ),
      probability,
    );
    assert.is((await figures()).all.wrongPixels, 0);
  });
});

test("masks, pixels and classes are evaluated at the threshold that was given to predict", async () => {
  await inFolder(async () => {
    // Cells have 0.3, the first row of pixels 0.7.
    const shares = cells.map((v, i) => Math.round(65535 * (i < width ? 0.7 : 0.3 * v)));
    await write(png(cells), png(shares, 16), (name) => `${name}-probability.png`);
    const at = async (threshold?: number) => {
      await writeFile("out/classes.json", JSON.stringify({ classes: 2, threshold }));
      return figures();
    };
    assert.is((await at(0.2)).all.wrongPixels, 2 / 96);
    assert.is((await at(0.8)).all.wrongPixels, 80 / 96);
    const half = await at();
    assert.is(half.all.wrongPixels, (80 - 10 + 2) / 96);
    assert.equal((await at(0.5)).all, half.all);
    // Figures that do not depend on one threshold stay the same.
    assert.is((await at(0.2)).all.vRandThin, half.all.vRandThin);
    await at(0.2);
    assert.match((await evaluate()).stdout, /^The threshold of the masks is 0\.2\.$/m);
    await writeFile("out/classes.json", JSON.stringify({ classes: 2, threshold: "0.2" }));
    assert.match((await evaluate()).stderr, /classes\.json: damaged: got the threshold "0\.2"/);
  });
});

test("labels and predictions of one number per cell give figures of cells by their numbers", async () => {
  await inFolder(async () => {
    const numbers = (values: readonly number[]) =>
      png(
        values.map((v) => 7 * v),
        16,
      );
    await write(numbers(ids), numbers(ids));
    const right = await figures();
    const perfect = { labelled: 6, predicted: 6, matched: 6, precision: 1, recall: 1 };
    const { averagePrecision, countError, ...own } = right.all.cells;
    const ones = ["f1", "meanIou", "ap50", "ap", "panopticQuality", "seg", "det"];
    const expected = Object.fromEntries([...ones, "aggregatedJaccard"].map((key) => [key, 1]));
    assert.equal(own, { ...perfect, ...expected });
    assert.equal([averagePrecision, countError], [new Array(10).fill(1), 0]);
    assert.equal([right.all.wrongPixels, right.all.vRandThin], [0, 1]);
    assert.match(right.stderr, /Labels hold one number per cell/);
    // The two touching cells as one: 32 of its 56 pixels are those of cell 1.
    await write(numbers(ids), numbers(ids.map((id) => (id === 2 ? 1 : id))));
    const { slices } = await figures();
    const { labelled, predicted, matched, precision, recall, f1, meanIou } = slices.a.cells;
    const counts = { labelled, predicted, matched, precision, recall, f1 };
    assert.equal(counts, {
      labelled: 3,
      predicted: 2,
      matched: 2,
      precision: 1,
      recall: 2 / 3,
      f1: 0.8,
    });
    assert.ok(Math.abs(meanIou - (32 / 56 + 1) / 2) < 1e-12);
    assert.match((await evaluate()).stdout, /^all 2 +6 +4 +4 +1\.0000 +0\.6667 +0\.8000 +0\.7857/m);
  });
});

test("numbers of cells are judged against masks and probabilities, and the other way round", async () => {
  await inFolder(async () => {
    const numbers = png(ids.map((id) => 3 * id));
    // A membrane one pixel wide where the two touch.
    const separate = cells.map((v, i) => (i % width === 4 ? 0 : v));
    for (const [mask, file] of [
      [png(separate), (name: string) => `${name}.png`],
      [png(separate.map((v) => 255 * v)), (name: string) => `${name}-probability.png`],
    ] as const) {
      await inFolder(async () => {
        await write(numbers, mask, file);
        const { all } = await figures();
        assert.is(all.wrongPixels, 0);
        assert.equal([all.cells.labelled, all.cells.predicted, all.cells.matched], [6, 6, 6]);
      });
    }
    await write(png(separate), numbers);
    const { all, stderr } = await figures();
    assert.equal([all.cells.labelled, all.cells.predicted, all.cells.matched], [6, 6, 6]);
    assert.is(all.wrongPixels, 0);
    assert.match(stderr, /Predictions hold one number per cell/);
    // Written by predict: two classes, of a network that was trained with --instances.
    await writeFile("out/classes.json", JSON.stringify({ classes: 2 }));
    await write(numbers, png(separate));
    assert.is((await figures()).all.cells.matched, 6);
    assert.is((await figures("--instances")).all.cells.matched, 6);
    const typed = await evaluate("--classes", "2");
    assert.is(typed.code, 1);
    assert.match(typed.stderr, /^micrograph: label labels\/a\.png: it has values such as \d \(/m);
  });
});

test("ignored pixels belong to no cell on either side", async () => {
  await inFolder(async () => {
    const label = ids.map((id, i) => (i % width > 8 ? 99 : 3 * id));
    await write(png(label), png(ids.map((id) => 3 * id)));
    const { all } = await figures("--ignore", "99");
    assert.equal([all.cells.labelled, all.cells.predicted, all.cells.matched], [4, 4, 4]);
    assert.is(all.wrongPixels, 0);
  });
});

test("masks with soft edges need a threshold, which leaves hard labels as they are", async () => {
  await inFolder(async () => {
    const side = 64;
    const disc = (i: number) => Math.hypot((i % side) - 32, Math.floor(i / side) - 32);
    const file = (value: (distance: number) => number) =>
      encodePng({
        ...{ width: side, height: side, channels: 1, bitDepth: 8 },
        data: Array.from({ length: side * side }, (_, i) => value(disc(i))),
      });
    const soft = file((d) => Math.round(255 / (1 + Math.exp(1.3 * (d - 20)))));
    for (const label of [file((d) => Number(d < 20)), file((d) => 255 * Number(d < 20))]) {
      await write(label, soft);
      const { code, stderr } = await evaluate();
      assert.is(code, 1);
      assert.match(stderr, /label out\/a\.png: .*soft edges.*--label-threshold 128/);
      assert.ok((await figures("--label-threshold", "128")).all.wrongPixels < 0.002);
    }
    await write(
      soft,
      file((d) => Number(d < 20)),
    );
    assert.ok((await figures("--label-threshold", "128")).all.wrongPixels < 0.002);
  });
});

test("a mask of other classes than the label's is refused", async () => {
  await inFolder(async () => {
    const three = ids.map((_, i) => (i % 2) * (1 + (Math.floor(i / width) % 2)));
    await write(png(cells), png(three));
    assert.match((await evaluate()).stderr, /label out\/a\.png: it has values such as 2 \(/);
    await write(png(three), png(three));
    const { all } = await figures();
    assert.equal([all.wrongPixels, all.iou], [0, [1, 1, 1]]);
  });
});

test.run();
