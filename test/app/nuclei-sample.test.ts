// The second sample: nuclei that touch, and labels of one number per cell that are dropped in.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileWork } from "../../app/src/files/work.js";
import { importFiles } from "../../app/src/images/import.js";
import { trainCommand } from "../../app/src/outputs/command.js";
import {
  type Draw,
  drawSample,
  emptyProject,
  runConfig,
  sampleProject,
} from "../../app/src/state/project.js";
import { DATA_SETTINGS } from "../../app/src/state/settings.js";
import { syntheticNuclei } from "../../src/data/synthetic-nuclei.js";
import { encodePng } from "../../src/formats/png/png.js";
import { encodeTiff } from "../../src/formats/tiff/index.js";
import { cellsOfLabel } from "../../src/objects/cells-of-classes.js";
import { readBack } from "./memory-storage.js";

const SIZE = { width: 256, height: 256 };
const drawn: unknown[] = [];
/** Instead of drawing all of them. */
const draw: Draw = ({ seed }, kind) => {
  drawn.push([seed, kind]);
  const pixels = SIZE.width * SIZE.height;
  const label = { ...SIZE, classes: 2, data: new Uint8Array(pixels) };
  return { image: { ...SIZE, channels: 1, data: new Float32Array(pixels) }, label };
};
const nuclei = await sampleProject("nuclei-1", draw, "nuclei");

test("the sample of nuclei trains for single cells, with gaps that count more", async () => {
  const { images, classes } = nuclei;
  assert.equal([images.length, images.filter(({ label }) => label).length], [24, 20]);
  assert.equal([drawn.length, drawn[0], drawn[23]], [24, [101, "nuclei"], [124, "nuclei"]]);
  assert.equal(
    classes.map(({ name }) => name),
    ["background", "nuclei"],
  );
  const held = images.filter(({ role }) => role === "validation").map(({ name }) => name);
  assert.equal(held, ["nuclei-17", "nuclei-18", "nuclei-19", "nuclei-20"]);
  const { model, task, training } = runConfig(nuclei);
  assert.equal([model.classes, task.objects], [2, { kind: "gap" }]);
  assert.equal([training.w0, training.ema], [5, 0.99]);
  assert.equal(runConfig(await readBack(nuclei)), runConfig(nuclei));
  assert.match(trainCommand(nuclei), / --instances .*--w0 5 /);
});

test("after a class is added, a network for nuclei is no longer evaluated by single cells", () => {
  const classes = [...nuclei.classes, { name: "other", colour: "#009e73" }];
  assert.is(runConfig({ ...nuclei, classes }).task.objects, undefined);
});

const [WIDTH, HEIGHT] = [96, 64];
const file = (path: string, bytes: Uint8Array) => {
  return { path, file: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
};

test("a mask of more than 254 cells that is dropped in is read as cells with gaps", async () => {
  const size = { width: WIDTH, height: HEIGHT, channels: 1 } as const;
  // 24 x 16 cells of 4 x 4 pixels that touch.
  const data = Uint16Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const [column, row] = [Math.floor((i % WIDTH) / 4), Math.floor(i / WIDTH / 4)];
    return 1 + row * 24 + column;
  });
  const grey = Uint8Array.from(data, (number) => number % 251);
  const files = [
    file("cells.png", encodePng({ ...size, bitDepth: 8, data: grey })),
    file("cells_masks.tif", encodeTiff({ ...size, maximum: 65535, data })),
  ];
  const asked: string[] = [];
  const ask = async ({ kind }: { readonly kind: string }) => {
    asked.push(kind);
    return { declared: { instances: true } };
  };
  const { project, problems } = await importFiles(emptyProject("p", "p"), files, fileWork, { ask });
  assert.equal([problems, asked], [[], ["instances"]]);
  const { label } = project.images[0];
  assert.ok(label);
  assert.is(label.classes, 2);
  assert.is(cellsOfLabel(label, "gap").count, 24 * 16);
  const { task, training } = runConfig(project);
  assert.equal([task.objects, training.w0], [{ kind: "gap" }, 2.5]);
  assert.equal(runConfig(await readBack(project)), runConfig(project));
});

test("gaps separate all synthetic nuclei", () => {
  const { cells, image } = syntheticNuclei({ seed: 101, ...SIZE });
  const sample = drawSample({ seed: 101, ...SIZE }, "nuclei");
  const { label } = sample;
  assert.equal(sample.image, image);
  assert.ok(cellsOfLabel(label, "gap").count >= cells.count - 2);
});

test("projects without single cells train as before", async () => {
  const { task, training } = runConfig(await sampleProject("sample-1", draw));
  assert.equal([task.objects, training.w0, training.ema], [undefined, 0, 0]);
  assert.equal([DATA_SETTINGS.w0, DATA_SETTINGS.ema], [0, 0]);
});

test.run();
