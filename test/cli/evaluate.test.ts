import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/node/png-files.js";
import { tiffFile } from "../node/tiff-fixture.js";
import { inFolder, runCli } from "./run.js";

const [width, height] = [9, 5];
/** Two cells of 4 x 5 with a membrane between them. */
const cells = Array.from({ length: width * height }, (_, i) => Number(i % width !== 4));

function grey(data: ArrayLike<number>, bitDepth: 8 | 16 = 8): Uint8Array {
  return encodePng({ width, height, channels: 1, bitDepth, data });
}

async function prepare(): Promise<void> {
  await mkdir("out");
  await mkdir("labels");
  const label = grey(cells.map((value) => 255 * value));
  for (const name of ["2", "10"]) await writeFile(`labels/${name}.png`, label);
  // The mask of 2 is wrong; its probability, which is used, is right.
  await writeFile("out/2.png", grey(cells.map(() => 255)));
  const sure = cells.map((value) => Math.round(65535 * (0.25 + 0.5 * value)));
  await writeFile("out/2-probability.png", grey(sure, 16));
  await writeFile("out/2-overlay.png", label);
  // Only a mask: the membrane is missed in all but one pixel.
  await writeFile("out/10.png", grey(cells.map((value, i) => 255 * (i === 4 ? 0 : value || 1))));
}

const evaluate = (...more: string[]) =>
  runCli(["evaluate", "--prediction", "out", "--labels", "labels", ...more]);

const COLUMNS = [
  "vRandThin",
  "vInfoThin",
  "randError",
  "pixelErrorMaxF",
  "wrongPixels",
  "warpingSplitsMergers",
  "warpingClustered",
  "warpingClassic",
  "instanceIou",
  "iou",
  "dice",
  "precision",
  "recall",
].sort();

test("probabilities come before masks; JSON names every column a slice and in all", async () => {
  await inFolder(async () => {
    await prepare();
    const { code, stdout, stderr } = await evaluate("--json", "--output", "new/figures.json");
    assert.is(code, 0, stderr);
    const { slices, all } = JSON.parse(stdout);
    assert.equal(Object.keys(slices).sort(), ["10", "2"]);
    for (const one of [slices["2"], slices["10"], all]) {
      assert.equal(Object.keys(one).sort(), COLUMNS);
    }
    assert.equal([slices["2"].vRandThin, slices["2"].wrongPixels, slices["2"].iou], [1, 0, [1, 1]]);
    assert.is(slices["10"].wrongPixels, 4 / 45);
    assert.equal(slices["10"].recall, [1 / 5, 1]);
    assert.is(all.wrongPixels, 4 / 90);
    assert.ok(slices["10"].vRandThin < 1);
    assert.is(all.vRandThin, (1 + slices["10"].vRandThin) / 2);
    assert.is(await readFile("new/figures.json", "utf8"), stdout);
  });
});

test("the table names its definitions", async () => {
  await inFolder(async () => {
    await prepare();
    const { stdout } = await evaluate();
    assert.match(stdout, /^slice +V_rand +V_info +Rand error +pixel error +wrong pixels/m);
    assert.match(stdout, /^2 +1\.0000 +1\.0000 +0\.0000 +0\.0000 +0\.0000 +0\.000000/m);
    assert.match(stdout, /^10 +0\.\d{4} /m);
    assert.match(stdout, /^all 2 +0\.\d{4} /m);
    assert.match(stdout, /^10 +0 membrane +0\.2000 /m);
    assert.match(stdout, /^Rand error: .* not scikit-image's adapted Rand error\.$/m);
    assert.match(stdout, /^dice: 2 TP/m);
  });
});

test("a mask may hold 0 and 1, and ignored pixels count nowhere", async () => {
  await inFolder(async () => {
    await prepare();
    await writeFile("out/10.png", grey(cells));
    const label = cells.map((value, i) => (i < 9 ? 7 : value));
    await writeFile("labels/10.png", grey(label));
    // Wrong in unlabelled pixels.
    await writeFile("out/10.png", grey(cells.map((value, i) => (i < 9 ? 1 - value : value))));
    const { stdout } = await evaluate("--json", "--ignore", "7");
    const { slices } = JSON.parse(stdout);
    assert.equal([slices["10"].wrongPixels, slices["10"].vRandThin], [0, 1]);
  });
});

test("more classes: figures of each class from masks of class indices", async () => {
  await inFolder(async () => {
    await mkdir("out");
    await mkdir("labels");
    const three = cells.map((value, i) => (i % width > 4 ? 2 : value));
    await writeFile("labels/a.png", grey(three));
    await writeFile("out/a.png", grey(three.with(0, 2)));
    for (const index of [0, 1, 2]) await writeFile(`out/a-probability-${index}.png`, grey(three));
    const { code, stdout, stderr } = await evaluate("--classes", "3", "--json");
    assert.is(code, 0, stderr);
    const { all } = JSON.parse(stdout);
    const expected = ["dice", "iou", "precision", "recall", "wrongPixels"];
    assert.equal(Object.keys(all).sort(), expected);
    assert.equal(all.recall, [1, 19 / 20, 1]);
    assert.equal(all.precision, [1, 1, 20 / 21]);
    const table = (await evaluate("--classes", "3")).stdout;
    assert.match(table, /^a +2 +0\.9524 /m);
    assert.not.match(table, /V_rand/);
  });
});

test("a class that occurs nowhere has no figures: null, and a dash in the table", async () => {
  await inFolder(async () => {
    await prepare();
    for (const file of ["labels/2.png", "labels/10.png", "out/2-probability.png", "out/10.png"]) {
      await writeFile(file, grey(cells.map(() => 0)));
    }
    const { slices } = JSON.parse((await evaluate("--json")).stdout);
    assert.equal([slices["2"].vRandThin, slices["2"].iou], [null, [1, null]]);
    assert.match((await evaluate()).stdout, /^2 +1 cell +- +- +- +-$/m);
  });
});

test("a stack of labels is paired with predictions by page, however it is called", async () => {
  await inFolder(async () => {
    await prepare();
    await mkdir("stack");
    const page = { width, height, samples: cells.map((value) => 255 * value) };
    await writeFile("train-labels.tif", tiffFile([page, page, page]));
    await writeFile("stack/volume-1.png", grey(cells));
    await writeFile("stack/volume-2-probability.png", grey(cells.map(() => 255)));
    const { code, stdout, stderr } = await evaluate(
      ...["--prediction", "stack", "--labels", "train-labels.tif", "--json"],
    );
    assert.is(code, 0, stderr);
    const { slices } = JSON.parse(stdout);
    assert.equal(Object.keys(slices), ["volume-1", "volume-2"]);
    assert.equal([slices["volume-1"].wrongPixels, slices["volume-2"].wrongPixels], [0, 1 / 9]);
    assert.match(stderr, "1 of 3 labels have no prediction in stack and are left out (volume-0)");
  });
});

test("labels without a prediction are left out, and named", async () => {
  await inFolder(async () => {
    await prepare();
    await writeFile("labels/3.png", grey(cells));
    const { code, stdout, stderr } = await evaluate("--json");
    assert.equal([code, Object.keys(JSON.parse(stdout).slices)], [0, ["2", "10"]]);
    assert.match(stderr, "labels: 1 of 3 labels have no prediction in out and are left out (3)");
  });
});

test("what cannot be judged is explained in one line, exit code 1, nothing written", async () => {
  await inFolder(async () => {
    await prepare();
    const says = async (expected: string | RegExp, ...more: string[]) => {
      const { code, stdout, stderr } = await evaluate("--json", "--output", "o.json", ...more);
      assert.equal([code, stdout], [1, ""]);
      assert.match(stderr, /micrograph: [^\n]+\n$/);
      assert.match(stderr, expected);
      assert.not.ok((await readdir(".")).includes("o.json"));
    };
    await says("none: no such file or folder", "--prediction", "none");
    await mkdir("empty");
    await says(/empty: no .* in it \(it is empty\)/, "--labels", "empty");
    await says("--classes: got 1, expected a whole number from 2 to 255", "--classes", "1");
    await writeFile("out/x.png", grey(cells));
    await writeFile("out/y-overlay.png", grey(cells));
    const left = await runCli(["evaluate", "--prediction", "out", "--labels", "labels", "--json"]);
    assert.match(left.stderr, "out: 1 prediction has no label in labels and is left out (x)");
    await writeFile("labels/x.png", grey(cells));
    await writeFile("labels/y.png", grey(cells));
    assert.is((await runCli(["evaluate", "--labels", "labels"])).code, 2);
  });
});

test("a file that cannot be evaluated is reported, the others are evaluated, the exit code is 1", async () => {
  await inFolder(async () => {
    await prepare();
    await writeFile("labels/x.png", grey(cells));
    const other = { width: 5, height: 9, channels: 1, bitDepth: 8, data: cells } as const;
    const colours = [...cells.map((v) => 200 * v), ...cells, ...cells];
    const colour = encodePng({ ...other, width, height, channels: 3, data: colours });
    const bad: [string, Uint8Array | string, RegExp][] = [
      ["x.png", encodePng(other), /^out\/x\.png is 5x9 but labels\/x\.png is 9x5, expected equal/],
      ["x.png", colour, /^label out\/x\.png: it is a colour image/],
      ["x-probability.png", colour, /^out\/x-probability\.png: it is a colour image, .* in grey/],
      ["x.png", grey(cells).subarray(0, 50), /^out\/x\.png: /],
      ["x.png", "text", /^out\/x\.png: /],
      [
        "x.png",
        grey(cells.map((v, i) => (i < 9 ? 77 : 255 * v))),
        /^label out\/x\.png: .* 77 \(9 /,
      ],
    ];
    for (const [file, bytes, expected] of bad) {
      await writeFile(`out/${file}`, bytes);
      const { code, stdout, stderr } = await evaluate("--json");
      assert.ok(stdout, `${file}: ${stderr}`);
      const { slices, failed } = JSON.parse(stdout);
      assert.equal([code, Object.keys(slices).sort()], [1, ["10", "2"]], stderr);
      assert.is(failed[0].name, "x");
      assert.match(failed[0].reason, expected);
      assert.ok(stderr.includes(failed[0].reason), "told while it works");
      const table = await evaluate();
      assert.is(table.code, 1);
      assert.match(table.stdout, /^x was not evaluated: /m);
      await rm(`out/${file}`);
    }
    await rm("labels/x.png");
    assert.not.ok("failed" in JSON.parse((await evaluate("--json")).stdout));
    for (const file of ["2-probability.png", "10.png"]) await writeFile(`out/${file}`, "text");
    const none = await evaluate("--json");
    assert.equal([none.code, none.stdout], [1, ""]);
    assert.match(none.stderr, /micrograph: out\/\S+\.png: [^\n]+\n$/);
  });
});

test("masks of other programs may have a word after their names, and labels too", async () => {
  await inFolder(async () => {
    await prepare();
    await mkdir("cellpose");
    await mkdir("gt");
    for (const name of ["2", "10"]) {
      await writeFile(`cellpose/${name}_cp_masks.png`, grey(cells));
      await writeFile(`gt/${name}_GT.PNG`, grey(cells));
    }
    const { code, stdout, stderr } = await runCli([
      ...["evaluate", "--prediction", "cellpose", "--labels", "gt", "--json"],
    ]);
    assert.is(code, 0, stderr);
    assert.equal(Object.keys(JSON.parse(stdout).slices), ["2_cp_masks", "10_cp_masks"]);
    await writeFile("cellpose/2_seg.png", grey(cells));
    const two = await runCli(["evaluate", "--prediction", "cellpose", "--labels", "gt"]);
    assert.match(two.stderr, /2_cp_masks and 2_seg are both predictions for gt\/2_GT\.PNG/);
  });
});

test.run();
