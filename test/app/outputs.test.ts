import { Command } from "commander";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fitted, toImage, zoomed } from "../../app/src/canvas/viewport.js";
import { predictCommands, trainCommand } from "../../app/src/outputs/command.js";
import { predictionFiles } from "../../app/src/outputs/pictures.js";
import { reportHtml } from "../../app/src/outputs/report.js";
import { accepted, byUncertainty, meanEntropy } from "../../app/src/outputs/uncertainty.js";
import { runConfig, sampleProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { slower, smallerTile } from "../../app/src/state/remedies.js";
import { DATA_SETTINGS, type Settings } from "../../app/src/state/settings.js";
import { nearestTiles, validTile } from "../../app/src/state/tiles.js";
import { isVaried, VARIATIONS, varied } from "../../app/src/state/variations.js";
import { resolveRun } from "../../src/cli/train/resolve-run.js";
import { addTrainOptions, type TrainOptions } from "../../src/cli/train/train-options.js";
import { AUGMENTATIONS } from "../../src/data/augmentation-config.js";
import { IGNORED } from "../../src/data/image-types.js";
import { decodePng } from "../../src/formats/png/png.js";
import { fakePrediction } from "../cli/fakes.js";

const project = await sampleProject("sample-1");

/** Two classes, class 1 with the probabilities given. */
function prediction(cell: readonly number[]) {
  const probabilities = Float32Array.from([...cell.map((p) => 1 - p), ...cell]);
  return { width: cell.length, height: 1, classes: 2, probabilities };
}

test("the most uncertain image is first, and one without a prediction last", () => {
  const [a, b, c] = project.images;
  const doubt = (cell: number[]) => ({ uncertainty: meanEntropy(prediction(cell)) });
  const predictions = { [a.name]: doubt([0.99, 0]), [c.name]: doubt([0.5, 0.6]) };
  const ranked = byUncertainty([a, b, c], predictions);
  assert.equal(
    ranked.map(({ image }) => image.name),
    [c.name, a.name, b.name],
  );
  assert.ok((ranked[0].uncertainty ?? 0) > 0.97);
  assert.is(ranked[2].uncertainty, undefined);
});

test("accepting a prediction fills unlabelled pixels and changes nothing else", () => {
  const raw = { width: 4, height: 1, channels: 1, maximum: 255, data: new Uint8Array(4) };
  const data = Uint8Array.of(0, IGNORED, IGNORED, 1);
  const image = { name: "a", raw, role: "training" as const };
  const label = { width: 4, height: 1, classes: 2, data };
  const sure = prediction([0.9, 0.9, 0.35, 0.1]);
  assert.equal([...accepted({ ...image, label }, sure, 0.5).data], [0, 1, 0, 1]);
  assert.equal([...accepted(image, sure, 0.3).data], [1, 1, 1, 0]);
});

test("probabilities are written in 16 bits and read back by Node within half a unit", () => {
  const values = [0, 0.25, 0.5, 1];
  const raw = { width: 4, height: 1, channels: 1, maximum: 255, data: new Uint8Array(4) };
  const of = { prediction: prediction(values), threshold: 0.2, classes: project.classes };
  const request = { name: "a", raw, ...of };
  const [{ path, bytes }] = predictionFiles({ ...request, kind: "probability" });
  assert.is(path, "a-probability.png");
  const { data, maximum } = decodePng(bytes, path);
  assert.equal([maximum, ...data], [65535, 0, 16384, 32768, 65535]);
  const [mask] = predictionFiles({ ...request, kind: "mask" });
  assert.equal([...decodePng(mask.bytes, mask.path).data], [0, 255, 255, 255]);
});

/** The run that the command line resolves from the words after `micrograph train <folder>`. */
function parsed(line: string): TrainOptions {
  const command = new Command();
  addTrainOptions(command);
  command.parse(line.split(" ").slice(3), { from: "user" });
  return command.opts<TrainOptions>();
}

test("the command describes the run of the app", () => {
  const [flips, rotation, elastic, greys] = VARIATIONS;
  const { none, paper } = AUGMENTATIONS;
  const changes: Partial<Settings>[] = [
    {},
    { schedule: "cosine", precision: "f16" },
    { augmentation: varied(paper, rotation, false) },
    { augmentation: varied(varied(paper, flips, false), greys, false) },
    { augmentation: varied(none, elastic, true) },
  ];
  for (const one of changes) {
    const changed = { ...project, settings: { ...project.settings, ...one } };
    const options = parsed(trainCommand(changed));
    const { model, training } = resolveRun(options, "data");
    const own = runConfig(changed);
    assert.equal({ ...model, channels: 1 }, own.model);
    assert.equal(training, own.training);
    assert.is(options.validation, "synthetic-09,synthetic-10");
  }
  assert.match(trainCommand(project), /^micrograph train Sample-project /);
  assert.match(
    predictCommands(project, 0.4)[0],
    /--checkpoint Sample-project\/\S+ .* --threshold 0.4$/,
  );
});

test("the command of a project about single cells separates them as the app does", () => {
  const words = (one: Project) => /--components(.*)$/.exec(predictCommands(one, 0.5)[0])?.[1];
  assert.is(words(project), "");
  assert.is(words({ ...project, objects: "gap" }), " --objects --measure");
  const cells = { separation: 1.5, threshold: 0.35, holes: 0, smallest: 40 };
  assert.is(
    words({ ...project, cells }),
    " --objects --measure --separation 1.5 --cell-threshold 0.35 --holes 0 --smallest 40",
  );
  assert.match(String(words({ ...project, cells: { separation: "never" } })), /--separation 1\d+$/);
});

test("commands are quoted for the shells of the system that shows the page", () => {
  const names = project.images.map((image, i) => ({ ...image, name: `cell ${i}` }));
  const spaced = { ...project, images: names };
  const { navigator } = globalThis;
  const on = (userAgent: string) => {
    Object.defineProperty(globalThis, "navigator", { value: { userAgent }, configurable: true });
    return trainCommand(spaced);
  };
  try {
    assert.match(on("Mozilla/5.0 (X11; Linux x86_64)"), /--validation 'cell \d+,cell \d+'/);
    assert.match(on("Mozilla/5.0 (Windows NT 10.0; Win64)"), /--validation "cell \d+,cell \d+"/);
  } finally {
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  }
});

test("each kind of augmentation has a switch, and all of them are the paper's set", () => {
  const all = VARIATIONS.reduce((one, kind) => varied(one, kind, true), AUGMENTATIONS.none);
  assert.equal(all, AUGMENTATIONS.paper);
  for (const kind of VARIATIONS) {
    const others = VARIATIONS.filter((one) => one !== kind);
    const without = varied(all, kind, false);
    assert.equal(
      [kind, ...others].map((one) => isVaried(without, one)),
      [false, true, true, true],
    );
  }
});

test("the report is one file and shows the errors of the held-out images", () => {
  const { name, raw } = project.images[8];
  const seen = { width: raw.width, height: raw.height, channels: 1, data: new Float32Array(0) };
  const html = reportHtml({
    project: { ...project, name: "<b>" },
    predictions: { [name]: fakePrediction(seen, 2) },
    threshold: 0.5,
    adapter: "an adapter",
  });
  assert.match(html, /<h1>&lt;b&gt;<\/h1>/);
  assert.is(html.match(/<img src="data:image\/png;base64,/g)?.length, 5);
  assert.not.match(html, /(src|href)="(?!data:)/);
});

test("for a tile that is too large a smaller valid one is proposed, then a smaller width", () => {
  const { padding, norm } = DATA_SETTINGS;
  const smaller = (sizes: Pick<Settings, "tile" | "depth" | "base">) =>
    smallerTile({ ...sizes, padding, norm });
  assert.equal(smaller({ tile: 284, depth: 4, base: 16 }), {
    label: "Use a smaller tile (204 px)",
    changes: { tile: 204 },
  });
  assert.equal(smaller({ tile: 60, depth: 2, base: 16 })?.changes, { base: 8 });
  assert.is(smaller({ tile: 60, depth: 2, base: 1 }), undefined);
});

test("after a divergence a tenth of the learning rate is proposed", () => {
  assert.equal(slower({ learningRate: 0.3 }), {
    label: "Use a learning rate of 0.03",
    changes: { learningRate: 0.03 },
  });
});

test("padded networks take tiles of their own sizes", () => {
  const padded = { depth: 3, padding: "same", norm: "none" } as const;
  assert.is(validTile({ tile: 188, ...padded }), 192);
  assert.is(validTile({ tile: 192, ...padded }), 192);
  assert.is(validTile({ tile: 3, ...padded }), 8);
  assert.is(validTile({ tile: 3, ...padded, norm: "batch" }), 16);
  assert.equal(nearestTiles(193, padded), { below: 192, above: 200 });
  assert.is(validTile({ tile: 190, ...padded, padding: "valid" }), 196);
});

test("zooming keeps the point under the pointer, and fitting shows the whole image", () => {
  const view = fitted({ width: 200, height: 100 }, { width: 424, height: 424 });
  assert.equal(view, { scale: 2, left: 12, top: 112, least: 0.02 });
  const pointer = { x: 300, y: 200 };
  const before = toImage(view, pointer);
  const after = toImage(zoomed(view, 3, pointer), pointer);
  assert.ok(Math.abs(after.x - before.x) + Math.abs(after.y - before.y) < 1e-9);
});

test.run();
