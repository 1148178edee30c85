// Single cells in the app: found and measured in its Worker, as `micrograph predict` finds and measures them.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { type CellRequest, createCellFinder } from "../../app/src/cells/finder.js";
import {
  columnOf,
  type FoundCells,
  keptCells,
  summaryOf,
} from "../../app/src/cells/found-cells.js";
import { cellRequest, cellThreshold } from "../../app/src/cells/requests.js";
import { createCellWork } from "../../app/src/cells/work.js";
import { fileWork } from "../../app/src/files/work.js";
import {
  type CellSettings,
  knownCells,
  NO_FILTER,
  withBounds,
} from "../../app/src/state/cell-settings.js";
import { usualClasses } from "../../app/src/state/classes.js";
import { emptyProject } from "../../app/src/state/project.js";
import { INITIAL, reduce } from "../../app/src/state/reducer.js";
import { namedCheckpoint } from "../../app/src/storage/named-checkpoint.js";
import { shownColumns } from "../../app/src/views/measure/column-words.js";
import {
  STOPS,
  separationAt,
  separationStop,
  separationText,
} from "../../app/src/views/measure/separation-stops.js";
import { random } from "../../src/data/random.js";
import { syntheticNuclei } from "../../src/data/synthetic-nuclei.js";
import { encodePalettePng, encodePng, picturePng } from "../../src/formats/png/index.js";
import { modelConfig, trainingConfig } from "../../src/index.js";
import { readOutlines } from "../../src/objects/outline-files.js";
import type { PredictedImage } from "../../src/outputs/output-types.js";
import { PREDICTION_OUTPUTS } from "../../src/outputs/prediction-outputs.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { fakeCheckpoint } from "../cli/fakes.js";
import { readBack } from "./memory-storage.js";

const side = 96;

/** An image of touching cells in two channels, and a prediction of it in some classes. */
function scene(seed: number, classes = 2) {
  const { image, cells } = syntheticNuclei({ seed, width: side, height: side });
  const next = random(seed);
  const pixels = side * side;
  const data = Uint16Array.from({ length: 2 * pixels }, (_, i) =>
    Math.round(60_000 * (0.5 * image.data[i % pixels] + 0.5 * next())),
  );
  const probabilities = new Float32Array(classes * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const cell = (cells.labels[pixel] > 0 ? 0.7 : 0.1) + 0.2 * next();
    probabilities[pixel] = 1 - cell;
    for (let index = 1; index < classes; index++) {
      probabilities[index * pixels + pixel] =
        cell * (classes === 2 ? 1 : index === 1 ? 0.75 : 0.25);
    }
  }
  const raw = { width: side, height: side, channels: 2, maximum: 65535, data };
  const prediction = { width: side, height: side, classes, probabilities, uncertainty: 0, step: 1 };
  return { image: { name: "a", role: "training" as const, raw }, prediction };
}

async function foundIn(request: CellRequest): Promise<FoundCells> {
  const found = await createCellFinder(createCellWork()).find(request);
  if (!found) throw new Error("another request came first");
  return found;
}

const KEYS = ["objectLabels", "objectColours", "measurements", "rois", "geojson"] as const;

/** What `micrograph predict` writes of the cells, by name; `file` is what its tables call the image. */
function filesOfPredict(predicted: Omit<PredictedImage, "indices" | "colours">) {
  const all = { ...predicted, indices: new Uint8Array(0), colours: [] };
  const encoders = { encodePng, encodePalettePng, picturePng };
  return PREDICTION_OUTPUTS.filter(({ name }) => OF_CELLS.includes(name))
    .flatMap((output) => output.encode(all, encoders).files)
    .map(({ suffix, bytes }) => ({ path: `a${suffix}`, bytes }));
}
const OF_CELLS = ["objects", "measure", "rois", "geojson"];

test("the cells' files are those of predict to the byte, for every number of classes and kind", async () => {
  for (const [classes, kind, separation, threshold] of [
    [2, undefined, undefined, undefined],
    [2, "gap", 2, 0.8],
    [3, undefined, undefined, undefined],
    [3, "border", 0, 0.4],
  ] as const) {
    const { image, prediction } = scene(classes, classes);
    const pixelSize = kind && { x: 0.5, y: 0.25 };
    const cells = { holes: 4, smallest: 20 };
    const project = { classes: usualClasses(classes), cells, pixelSize };
    const task = kind && { kind, separation, threshold };
    const request = cellRequest(image, prediction, { project, threshold: 0.5, task });
    const finder = createCellFinder(createCellWork());
    const of = { file: "a.png", filter: NO_FILTER };
    const own = await finder.files(request, of, KEYS);
    const { probabilities } = prediction;
    const expected = filesOfPredict({
      image: image.raw,
      file: of.file,
      probabilities,
      classes,
      pixelSize,
      cells: { ...cells, ...task },
    });
    assert.equal(own, expected);
    const found = await finder.find(request);
    assert.ok(found && found.count > 3, `${found?.count} cells`);
    const table = new TextDecoder().decode(own.find(({ path }) => path.endsWith(".csv"))?.bytes);
    const [head, ...rows] = table.trimEnd().split("\n");
    assert.is(["file", ...found.columns.map(({ name }) => name)].join(","), head);
    const shown = Array.from({ length: found.count }, (_, i) =>
      found.columns.map(({ values }) => (Number.isNaN(values[i]) ? "" : String(values[i]))),
    );
    assert.equal(
      shown.map((row) => `a.png,${row.join(",")}`),
      rows,
    );
    const all = await finder.table([[request, of]], () => {});
    assert.is(new TextDecoder().decode(all), table);
  }
});

test("files have the cells that pass the filter, with their numbers and their measurements", async () => {
  const { image, prediction } = scene(2);
  const context = { project: { classes: usualClasses(2) }, threshold: 0.5, task: undefined };
  const request = cellRequest(image, prediction, context);
  const finder = createCellFinder(createCellWork());
  const filesWith = async (filter: typeof NO_FILTER) => {
    const files = await finder.files(request, { file: "a.png", filter }, KEYS);
    const bytesOf = (end: string) =>
      files.find(({ path }) => path.endsWith(end))?.bytes ?? new Uint8Array();
    return {
      rows: new TextDecoder().decode(bytesOf(".csv")).trimEnd().split("\n").slice(1),
      labels: (await fileWork.decode(bytesOf(".tif"), "a")).data,
      outlines: readOutlines(bytesOf(".zip"), "a").outlines.map(({ name }) => name),
      features: readOutlines(bytesOf(".geojson"), "a").outlines.map(({ name }) => name),
    };
  };
  const every = await filesWith(NO_FILTER);
  const inner = await filesWith({ ...NO_FILTER, withoutBorder: true });
  const names = inner.rows.map((row) => row.split(",")[1]);
  assert.ok(names.length > 1 && names.length < every.rows.length, `${names.length} cells`);
  assert.equal(
    inner.rows,
    every.rows.filter((row) => names.includes(row.split(",")[1])),
  );
  const kept = Array.from(every.labels, (n) => (names.includes(String(n)) ? n : 0));
  assert.equal([...inner.labels], kept);
  assert.equal([inner.outlines, inner.features], [names, names]);
});

test("a pixel is cell above the user's threshold, else that of the network, else that of the mask", () => {
  const of = (classes: number, cells: CellSettings, task?: { kind: "gap"; threshold: number }) =>
    cellThreshold({ project: { classes: usualClasses(classes), cells }, threshold: 0.3, task });
  const task = { kind: "gap", threshold: 0.6 } as const;
  assert.is(of(2, { threshold: 0.4 }, task), 0.4);
  assert.is(of(2, {}, task), 0.6);
  assert.is(of(2, {}), 0.3);
  assert.is(of(3, {}), 0.5);
  // The threshold that was chosen for one class says nothing of another one.
  assert.is(of(2, { cellClass: 0 }, task), 0.7);
  assert.is(of(3, { threshold: 0.2, cellClass: 2 }, task), 0.2);
});

test("the table has the chosen measurements in one unit, micrometres in the place of pixels", () => {
  const names = ["label", "area_px2", "feret_max_px", "circularity", "area_um2", "feret_max_um"];
  const columns = names.map((name) => ({ name, values: new Float64Array() }));
  const titles = (...given: Parameters<typeof shownColumns>) =>
    shownColumns(...given).map(({ name }) => name);
  assert.equal(titles(columns), ["label", "area_um2", "circularity"]);
  assert.equal(titles(columns, ["feret_max"]), ["label", "feret_max_um"]);
  assert.equal(titles(columns.slice(0, 4), ["area", "feret_max"]), [
    "label",
    "area_px2",
    "feret_max_px",
  ]);
  assert.equal(titles(columns, []), ["label"]);
});

test("the cell may be any class, and with two classes the threshold applies to both", async () => {
  const { image, prediction } = scene(5, 3);
  const of = (cellClass?: number) => {
    const project = { classes: usualClasses(3), cells: { cellClass } };
    return foundIn(cellRequest(image, prediction, { project, threshold: 0.5, task: undefined }));
  };
  const [all, second] = [await of(), await of(2)];
  assert.ok(all.count > 0);
  // Class 2 has a quarter of the probability: nowhere above a half.
  assert.is(second.count, 0);
  const two = scene(5);
  const background = await foundIn(
    cellRequest(two.image, two.prediction, {
      project: { classes: usualClasses(2), cells: { cellClass: 0, separation: "never" } },
      threshold: 0.95,
      task: undefined,
    }),
  );
  // Nothing is a cell of 0.95: everything is background, one piece.
  assert.is(background.count, 1);
  assert.is(columnOf(background, "area_px2")?.[0], side * side);
});

/** What the finder's tests do not ask for. */
const OTHER_WORK = {
  propose: async () => ({ reason: "no-cell" as const }),
  summarise: async () => ({ count: 0, meanArea: 0, unit: "px²" as const }),
  files: async () => [],
  tabulate: async () => {},
  takeTable: async () => new Uint8Array(),
};

test("while cells are being found only the newest request waits, and the others have no answer", async () => {
  const { image, prediction } = scene(1);
  const answers: (() => void)[] = [];
  const asked: unknown[] = [];
  const finder = createCellFinder({
    keep: async () => {},
    forget: async () => {},
    find: async (_, { separation }) => {
      asked.push(separation);
      await new Promise<void>((resolve) => answers.push(resolve));
      return { count: separation } as unknown as FoundCells;
    },
    ...OTHER_WORK,
  });
  const at = (separation: number) =>
    finder.find({ name: "a", raw: image.raw, prediction, options: { separation } });
  const first = at(1);
  while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve));
  const others = [at(2), at(3), at(4)];
  answers[0]();
  assert.is((await first)?.count, 1);
  while (answers.length === 1) await new Promise((resolve) => setTimeout(resolve));
  answers[1]();
  const counts = (await Promise.all(others)).map((found) => found?.count);
  assert.equal(
    [counts, asked],
    [
      [undefined, undefined, 4],
      [1, 4],
    ],
  );
});

test("the Worker keeps the last used images within its memory, and replaces an old prediction", async () => {
  const told: string[] = [];
  const finder = createCellFinder(
    {
      keep: async (key) => void told.push(`keep ${key}`),
      forget: async (key) => void told.push(`forget ${key}`),
      find: async () => ({}) as FoundCells,
      ...OTHER_WORK,
    },
    2 * side * side,
  );
  const { image, prediction } = scene(1);
  const find = (name: string, of = prediction) =>
    finder.find({ name, raw: image.raw, prediction: of, options: {} });
  for (const name of ["a", "b", "a", "c", "a"]) await find(name);
  assert.equal(told, ["keep a", "keep b", "forget b", "keep c"]);
  await find("a", { ...prediction });
  assert.equal(told.slice(4), ["keep a"]);
});

test("a filter removes cells outside its bounds, without a value, or at the edge", async () => {
  const values = (...of: number[]) => Float64Array.from(of);
  const cells = {
    count: 4,
    width: 2,
    height: 2,
    data: Int32Array.of(1, 2, 3, 4),
    columns: [
      { name: "area_px2", values: values(10, 20, 30, 40) },
      { name: "roundness", values: values(1, NaN, 0.5, 0.2) },
      { name: "touches_border", values: values(0, 0, 1, 0) },
    ],
  };
  const kept = (filter: typeof NO_FILTER) => [...keptCells(cells, filter)];
  assert.equal(kept(NO_FILTER), [0, 1, 1, 1, 1]);
  assert.equal(kept({ ...NO_FILTER, withoutBorder: true }), [0, 1, 1, 0, 1]);
  const large = withBounds(NO_FILTER, "area_px2", { least: 20 });
  assert.equal(kept(large), [0, 0, 1, 1, 1]);
  assert.equal(kept(withBounds(large, "roundness", { most: 0.5 })), [0, 0, 0, 1, 1]);
  // An image without this channel is not emptied by it.
  assert.equal(kept(withBounds(NO_FILTER, "mean_c3", { least: 1 })), [0, 1, 1, 1, 1]);
  assert.equal(summaryOf(cells, large), { count: 3, meanArea: 30, unit: "px²" });
  assert.equal(withBounds(large, "area_px2", {}), NO_FILTER);
});

test("the slider reaches both ends, and shows the value chosen in training at the nearest position", () => {
  assert.equal([separationAt(0), separationAt(STOPS.length - 1)], [0, "never"]);
  for (const [stop, value] of STOPS.entries()) assert.is(separationStop(value), stop);
  assert.is(separationStop(1000), STOPS.length - 2);
  assert.equal([separationText(0.3), separationText("never")], ["0.3 px", "never"]);
});

test("settings of the separation are stored in the project", async () => {
  const filter = withBounds({ ...NO_FILTER, withoutBorder: true }, "area_px2", { least: 3 });
  const cells = { separation: "never", holes: 0, filter } as const;
  const opened = reduce(INITIAL, { type: "open", project: emptyProject("a", "a"), page: "images" });
  const first = reduce(opened, { type: "cells", changes: { separation: 2, smallest: 5 } });
  const { project } = reduce(first, { type: "cells", changes: cells });
  if (!project) throw new Error("the project is gone");
  assert.equal((await readBack(project)).cells, { smallest: 5, ...cells });
  const reading = reduce({ ...first, access: "read" }, { type: "cells", changes: cells });
  assert.is(reading.project, first.project);
});

test("invalid settings of cells in a project's file are ignored", () => {
  const filter = { bounds: { area_px2: { least: 1, most: "2" }, x: 1, y: {} } };
  const stored = { separation: -1, smallest: "5", holes: 4, cellClass: 2, filter };
  const known = { holes: 4, filter: { bounds: { area_px2: { least: 1 } }, withoutBorder: false } };
  assert.equal(knownCells(stored, 2), known);
  assert.equal(knownCells({ separation: null, cellClass: 1 }, 2), { cellClass: 1 });
  assert.is(knownCells("cells", 2), undefined);
});

test("a network for single cells is still one after its classes are renamed", async () => {
  const model = modelConfig({ channels: 1, classes: 3 });
  const objects = { kind: "border", separation: 2 } as const;
  const task = { classNames: ["a", "b", "c"], objects };
  const bytes = encodeSafetensors(fakeCheckpoint(model, trainingConfig({}), 3, task));
  const renamed = await namedCheckpoint(bytes, usualClasses(3), "network");
  assert.equal(decodeSafetensors(renamed, "network").metadata.task?.objects, objects);
});

test.run();
