import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileWork } from "../../app/src/files/work.js";
import { importFiles } from "../../app/src/images/import.js";
import { sortFiles } from "../../app/src/images/sort-files.js";
import { emptyProject, labelled, runConfig, sampleProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { labelRaw, projectFiles } from "../../app/src/storage/project-files.js";
import { readProject } from "../../app/src/storage/read-project.js";
import { IGNORED } from "../../src/data/image-types.js";
import { imageFromRaw } from "../../src/data/labels.js";
import { encodePng } from "../../src/formats/png/png.js";
import { encodeTiff } from "../../src/formats/tiff/index.js";
import { findPairs } from "../../src/node/find-pairs.js";
import { loadSamples } from "../../src/node/samples.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { rejectionOf } from "../errors.js";
import { tiffFile } from "../node/tiff-fixture.js";
import { memoryFolder, readBack } from "./memory-storage.js";

const project = await sampleProject("sample-1");

/** The sample with an unfinished label and a trained network. */
function workedOn(): Project {
  const [first, ...others] = project.images;
  if (!first.label) throw new Error("the sample has labels");
  const data = first.label.data.slice().fill(IGNORED, 0, 9000);
  const label = { ...first.label, data };
  const { model } = runConfig(project);
  const metadata = { model, normalisation: { kind: "image" } } as const;
  const bytes = encodeSafetensors({ metadata, tensors: new Map() });
  const figures = { loss: 0.5, wrongPixels: 0.1 };
  return {
    ...project,
    images: [{ ...first, label }, ...others],
    training: {
      losses: [{ step: 1, loss: 0.7 }],
      validations: [{ step: 1, ...figures }],
      best: { bytes, step: 1, figures },
      last: { bytes, step: 1 },
    },
  };
}

test("a project survives its files and a zip file unchanged", async () => {
  const project = workedOn();
  assert.equal(await readBack(project), project);
  const zip = (await fileWork.packProject(project)) as Uint8Array<ArrayBuffer>;
  const opened = await fileWork.openProject(new Blob([zip]), "sample.zip");
  assert.equal(opened, { project, missing: [] });
});

test("curves end at the last checkpoint: later steps were not saved", async () => {
  const own = workedOn();
  const losses = [1, 2, 3].map((step) => ({ step, loss: 1 / step }));
  const validations = losses.map((point) => ({ ...point, wrongPixels: 0.1 }));
  const { training } = await readBack({
    ...own,
    training: { ...own.training, losses, validations },
  });
  assert.equal([training.losses, training.validations], [[losses[0]], [validations[0]]]);
  const { training: none } = await readBack({ ...own, training: { losses, validations } });
  assert.equal([none.losses, none.validations], [[], []]);
});

test("a label of only the first class has no other class after it is read", async () => {
  const raw = { width: 3, height: 1, channels: 1, maximum: 255, data: Uint8Array.of(9, 8, 7) };
  const label = { width: 3, height: 1, classes: 2, data: Uint8Array.of(0, IGNORED, IGNORED) };
  const images = [{ name: "a", raw, label, role: "training" as const }];
  const own = { ...emptyProject("p", "p"), images };
  const zip = (await fileWork.packProject(own)) as Uint8Array<ArrayBuffer>;
  const back = await fileWork.openProject(new Blob([zip]), "p.zip");
  assert.equal(back.project.images[0].label, label);
});

test("an unpacked project is a folder that the command line reads", async () => {
  const project = workedOn();
  const folder = await mkdtemp(join(tmpdir(), "micrograph-project-"));
  try {
    for (const { path, bytes } of projectFiles(project, fileWork)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), await bytes());
    }
    const { pairs } = await findPairs({ folder });
    const { samples } = await loadSamples(pairs, { ignore: IGNORED });
    assert.is(samples.length, 10);
    for (const [i, { name, image, label }] of samples.entries()) {
      const own = project.images[i];
      assert.is(name, own.name);
      // Without `equal`, which would compare the numbers as text.
      assert.ok(isDeepStrictEqual(label, own.label), name);
      assert.ok(isDeepStrictEqual(imageFromRaw(image).data, imageFromRaw(own.raw).data), name);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a file that is not a project, and one of a newer app, are errors with the reason", async () => {
  const fails = async (text: string, message: RegExp) => {
    const source = memoryFolder({ "project.json": new TextEncoder().encode(text) });
    assert.match(await rejectionOf(readProject(source, fileWork)), message);
  };
  await fails(
    "{",
    /project.json: it does not describe a Micrograph project, and nothing else does/,
  );
  await fails('{"micrographProject":9}', /written by a newer app \(version 9/);
  const rejection = await rejectionOf(fileWork.openProject(new Blob(["no zip"]), "x.zip"));
  assert.match(rejection, /^x.zip: it is not a zip file/);
});

test("files are sorted by name and folder, and by content if no name tells", async () => {
  const png = encodePng({ width: 1, height: 1, channels: 1, bitDepth: 8, data: [0] });
  const picture = new Blob([png as Uint8Array<ArrayBuffer>]);
  const paths = [
    "set/images/a.png",
    "set/labels/a.png",
    "b.png",
    "b_mask.png",
    "c.png",
    "c-probability.png",
    "best.safetensors",
    "old.zip",
    "net.onnx",
    "set/classes.json",
    "notes.txt",
    "set/.DS_Store",
  ];
  const files = paths.map((path) => ({ path, file: new Blob() }));
  const sorted = await sortFiles([...files, { path: "scan.lsm", file: picture }]);
  const names = Object.fromEntries(
    Object.entries(sorted).map(([kind, files]) => [
      kind,
      files.map(({ path }: { path: string }) => path),
    ]),
  );
  assert.equal(names, {
    images: ["set/images/a.png", "b.png", "c.png", "scan.lsm"],
    labels: ["set/labels/a.png", "b_mask.png"],
    checkpoints: ["best.safetensors", "old.zip", "net.onnx"],
    classLists: ["set/classes.json"],
    others: ["c-probability.png", "notes.txt"],
  });
});

test("dropped files become images with labels; files that do not fit are skipped and named", async () => {
  const png = (width: number, value: number, channels: 1 | 3 = 1) => {
    const data = new Uint8Array(channels * width * 10).fill(value, 3);
    return new Blob([
      encodePng({ width, height: 10, channels, bitDepth: 8, data }) as Uint8Array<ArrayBuffer>,
    ]);
  };
  const twoChannels = () => {
    const data = new Uint8Array(200);
    const bytes = encodeTiff({ width: 10, height: 10, channels: 2, maximum: 255, data });
    return new Blob([bytes as Uint8Array<ArrayBuffer>]);
  };
  const files = {
    "in/images/b.png": png(12, 98),
    "in/images/a.png": png(10, 99),
    "in/images/c.tif": twoChannels(),
    "in/images/e.png": png(10, 97, 3),
    "in/images/d.png": new Blob([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2)]),
    "in/labels/a.png": png(10, 255),
    "in/labels/b.png": png(10, 255),
    "in/labels/x.png": png(10, 255),
  };
  const list = Object.entries(files).map(([path, file]) => ({ path, file }));
  const { project, problems, remarks } = await importFiles(emptyProject("p", "in"), list, fileWork);
  assert.equal(
    project.images.map(({ name, raw }) => [name, raw.channels]),
    [
      ["a", 1],
      ["b", 1],
      ["e", 1],
    ],
  );
  assert.equal(
    project.images.map(({ label }) => label?.data.reduce((a, b) => a + b)),
    [97, undefined, undefined],
  );
  assert.equal(
    problems.map((problem) => problem.split(/:| was skipped/)[0]),
    ["in/images/d.png", "in/images/c.tif", "in/labels", "in/labels/b.png"],
  );
  assert.match(problems[2], /1 label has no image and is left out \(x\.png\)/);
  assert.match(remarks[0], /1 of 3 images is RGB \(e\.png\): read as grey/);
  assert.not.match(remarks.join(" "), /--/);
  const again = await importFiles(project, list.slice(0, 1), fileWork);
  assert.match(again.problems[0], /the project already contains this image/);
  assert.equal(again.project.images, project.images);
});

test("a project takes the number of classes from its labels", async () => {
  const data = Uint8Array.from({ length: 100 }, (_, i) => (i < 80 ? Math.floor(i / 10) % 4 : 255));
  const label = { width: 10, height: 10, classes: 4, data };
  const bytes = encodePng({ ...labelRaw(label), channels: 1, bitDepth: 8 });
  const file = new Blob([bytes as Uint8Array<ArrayBuffer>]);
  const files = [
    { path: "a.png", file },
    { path: "a_label.png", file },
  ];
  const { project, problems } = await importFiles(emptyProject("p", "p"), files, fileWork);
  assert.equal(problems, []);
  assert.is(project.classes.length, 4);
  assert.equal(labelled(project, "training")[0].label, label);
});

test("two TIFF stacks are paired page by page, whatever their names", async () => {
  const page = (value: number) => ({
    width: 3,
    height: 2,
    samples: [0, value, 0, value, 0, value],
    bits: 8 as const,
  });
  const stack = (path: string, values: number[]) => {
    const bytes = tiffFile(values.map(page));
    return { path, file: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
  };
  const files = [stack("train-volume.tif", [9, 8, 7]), stack("train-labels.tif", [255, 255, 255])];
  const { project, problems } = await importFiles(emptyProject("p", "p"), files, fileWork);
  assert.equal(problems, []);
  assert.equal(
    project.images.map(({ name, raw, label }) => [name, raw.data[1], label?.data[1]]),
    [
      ["train-volume-0", 9, 1],
      ["train-volume-1", 8, 1],
      ["train-volume-2", 7, 1],
    ],
  );
});

test.run();
