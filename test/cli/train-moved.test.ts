import { cp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/node/png-files.js";
import { tiffFile } from "../node/tiff-fixture.js";
import { configOf } from "./class-data.js";
import { inFolder, runCli } from "./run.js";
import { fails, small, writePairs } from "./train-runs.js";

const size = ["--tile", "28", "--depth", "1", "--base", "2"];
const more = ["train", "--resume", "runs/a"];
let steps = 4;

/** Continues the run by two steps. */
async function goesOn(...args: string[]): Promise<string> {
  steps += 2;
  const outcome = await runCli([...more, "--steps", `${steps}`, ...args]);
  assert.is(outcome.code, 0, outcome.stderr);
  assert.is(outcome.log.resumedAt, steps - 2);
  return outcome.stdout;
}

const refused = (expected: RegExp, ...args: string[]) =>
  fails([...more, "--steps", "100", ...args], 1, expected);

async function begin(): Promise<void> {
  steps = 4;
  await writePairs(["a", "b", "c"]);
  const { code, stderr } = await runCli(["train", "em", "-o", "runs/a", ...small, ...size]);
  assert.is(code, 0, stderr);
}

/** The pixels of `writePairs`, with one of them changed. */
const changedPng = () => {
  const data = Uint8Array.from({ length: 1024 }, (_, i) => (i % 7 === 0 ? 0 : 255));
  data[500] = 255 - data[500];
  return encodePng({ width: 32, height: 32, channels: 1, bitDepth: 8, data });
};

test("the paths of a run are relative: moved together with its data it continues, in another place too", async () => {
  await inFolder(async (folder) => {
    await begin();
    const { data } = await configOf("runs/a");
    assert.equal([data.images, data.labels], ["../../em/images", "../../em/labels"]);
    await rename("runs", "other-runs");
    await rm("other-runs/a/report.html");
    await cp("em", "moved/em", { recursive: true });
    await rename("em", "away");
    await rename("other-runs", "moved/runs");
    process.chdir("moved");
    await goesOn();
    process.chdir(folder);
    await rename("moved/runs", "runs");
    // The data are where they were at the last step, though no longer at the same relative path.
    await goesOn();
    assert.is((await configOf("runs/a")).data.images, "../../moved/em/images");
  });
});

test("a run whose data moved says so, and continues where they are now", async () => {
  await inFolder(async () => {
    await begin();
    await rename("em", "new");
    await refused(/em\/images: the run's images are no longer there: .*--images and --labels/);
    await goesOn("--images", "new/images", "--labels", "new/labels");
    assert.is((await configOf("runs/a")).data.labels, "../../new/labels");
    await goesOn();
    await rename("new/labels", "labels");
    await refused(/new\/labels: the run's labels are no longer there/);
    await goesOn("--labels", "labels");
    await cp("labels", "whole/labels", { recursive: true });
    await cp("new/images", "whole/images", { recursive: true });
    await goesOn();
    steps += 2;
    const { code, stderr } = await runCli([
      "train",
      "whole",
      "--resume",
      "runs/a",
      "--steps",
      `${steps}`,
    ]);
    assert.is(code, 0, stderr);
    assert.is((await configOf("runs/a")).data.images, "../../whole/images");
  });
});

test("the same numbers in other files are the same data", async () => {
  await inFolder(async () => {
    await begin();
    const data = Uint8Array.from({ length: 1024 }, (_, i) => (i % 7 === 0 ? 0 : 255));
    await rm("em/images/b.png");
    await writeFile("em/images/b.tif", tiffFile([{ width: 32, height: 32, samples: [...data] }]));
    const wide = Uint16Array.from(data, (value) => 257 * value);
    const png = { width: 32, height: 32, channels: 1 } as const;
    await writeFile("em/images/c.png", encodePng({ ...png, bitDepth: 16, data: wide }));
    await writeFile("em/labels/c.png", encodePng({ ...png, bitDepth: 16, data: wide }));
    await goesOn();
  });
});

test("a label or image that changed under its name is noticed and named, with the way on", async () => {
  await inFolder(async () => {
    await begin();
    const before = await readFile("em/labels/b.png");
    await writeFile("em/labels/b.png", changedPng());
    const way = "a run can only be resumed with the same data; .* --from runs/a/best\\.safetensors";
    await refused(
      new RegExp(`/em/labels/b\\.png: 1 label changed since the run began, and ${way}`),
    );
    await writeFile("em/images/c.png", changedPng());
    await refused(/b\.png, .*\/em\/images\/c\.png: 1 image and 1 label changed/);
    await writeFile("em/labels/b.png", before);
    await refused(/\/em\/images\/c\.png: 1 image changed/);
    const data = new Uint8Array(1024).map((_, i) => i % 3);
    const other = encodePng({ width: 32, height: 32, channels: 1, bitDepth: 8, data });
    await writeFile("em/labels/b.png", other);
    await refused(/em\/labels\/b\.png: .*; .* start a new run: --from runs\/a\/best\.safetensors/);
    await writeFile("em/labels/b.png", before);
    const report = await runCli(["report", "runs/a"]);
    assert.match(report.stdout, /No pictures of the data: .*c\.png: 1 image changed/);
  });
});

test("images that are gone or new are named, with the way on", async () => {
  await inFolder(async () => {
    await begin();
    await writePairs(["d"]);
    await refused(/em\/images: .* 4 are there now, with d as well; .*--from runs\/a\/best/);
    await rm("em/images/d.png");
    await rm("em/images/a.png");
    await refused(/em\/images: not the 3 images of the resumed run: 2 are there now, without a; /);
    await rm("em/images/c.png");
    await refused(/1 are there now, without a, c; /);
  });
});

test("an older run without digests continues with its absolute paths, which is said, and gets them", async () => {
  await inFolder(async (folder) => {
    await begin();
    const { digests, format, ...older } = await configOf("runs/a");
    assert.is(format, 2);
    assert.equal(Object.keys(digests.images), ["a", "b", "c"]);
    const data = { images: `${folder}/em/images`, labels: `${folder}/em/labels` };
    await writeFile("runs/a/config.json", JSON.stringify({ ...older, data }));
    assert.match(await goesOn(), /kept no digests of its data: the data are assumed/);
    const now = await configOf("runs/a");
    assert.equal([now.digests, now.data.images], [digests, "../../em/images"]);
    assert.not.match(await goesOn(), /no digests/);
  });
});

test("a run on the embedded sample takes no other data", async () => {
  await inFolder(async () => {
    await runCli(["train", "-o", "runs/a", ...small]);
    await writePairs(["a", "b", "c"]);
    await refused(/embedded sample .* start a new run: --from runs\/a/, "--images", "em/images");
  });
});

test.run();
