import { Command } from "commander";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { rgb } from "../../app/src/canvas/layers.js";
import { fileWork } from "../../app/src/files/work.js";
import { importFiles } from "../../app/src/images/import.js";
import { trainCommand } from "../../app/src/outputs/command.js";
import {
  classFiles,
  type PictureRequest,
  predictionFiles,
} from "../../app/src/outputs/pictures.js";
import { reportHtml } from "../../app/src/outputs/report.js";
import { deletionProblem } from "../../app/src/state/class-deletion.js";
import {
  classesOfModel,
  classFields,
  classProblem,
  TWO_CLASSES,
  usualClasses,
  withMoreClasses,
} from "../../app/src/state/classes.js";
import { emptyProject, runConfig, sampleProject } from "../../app/src/state/project.js";
import { INITIAL, reduce } from "../../app/src/state/reducer.js";
import { namedCheckpoint } from "../../app/src/storage/named-checkpoint.js";
import { resolveRun } from "../../src/cli/train/resolve-run.js";
import { addTrainOptions, type TrainOptions } from "../../src/cli/train/train-options.js";
import { decodePng } from "../../src/formats/png/png.js";
import type { BuiltInConfig } from "../../src/model/built-in.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig } from "../../src/train/config.js";
import { fakePrediction } from "../cli/fakes.js";

const NAMES = ["membrane", "cell", "organelle"];
const COLOURS = ["#000000", "#ffffff", "#d4442f"];
const THREE = NAMES.map((name, index) => ({ name, colour: COLOURS[index] }));
const sample = await sampleProject("sample");

function checkpointFile(model: Partial<BuiltInConfig>): Uint8Array<ArrayBuffer> {
  const metadata = { model: modelConfig(model), normalisation: { kind: "image" } } as const;
  return encodeSafetensors({ metadata, tensors: new Map() }) as Uint8Array<ArrayBuffer>;
}

const named = checkpointFile({ classes: 3, classNames: NAMES, classColours: COLOURS });
const given = (path: string, bytes: Uint8Array<ArrayBuffer>) => [{ path, file: new Blob([bytes]) }];
const add = (project: typeof sample, bytes: Uint8Array<ArrayBuffer>) =>
  importFiles(project, given("net.safetensors", bytes), fileWork);

test("a project without labels takes the class names and colours of a checkpoint", async () => {
  const { project, problems } = await add(emptyProject("p", "p"), named);
  assert.equal(problems, []);
  assert.equal(project.classes, THREE);
  assert.equal(runConfig(project).task.classNames, NAMES);
  assert.not.ok("classNames" in project.settings, "settings contain only those of a run");
  // The brush had the third class, but the next network has two.
  const open = reduce(INITIAL, { type: "open", project, page: "label" });
  const third = reduce(open, { type: "brush", changes: { classIndex: 2 } });
  const two = reduce(third, { type: "edit", project: { ...project, classes: TWO_CLASSES } });
  assert.is(two.brush.classIndex, 1);
});

test("with labels, their number of classes stays, and that many take the network's names", async () => {
  const three = await add(sample, named);
  assert.match(
    three.problems[0],
    /net\.safetensors was skipped: its network has 3 classes, but this project has 2/,
  );
  assert.equal(three.project.classes, TWO_CLASSES);
  const own = { classNames: ["tissue", "nucleus"] };
  const two = await add(sample, checkpointFile(own));
  assert.equal(
    two.project.classes.map(({ name }) => name),
    own.classNames,
  );
  assert.is(two.project.classes[1].colour, TWO_CLASSES[1].colour, "it says nothing of colours");
});

test("labels that are dropped with a checkpoint have its classes", async () => {
  const raw = { width: 3, height: 1, channels: 1, maximum: 255, data: Uint8Array.of(0, 1, 0) };
  const png = (await fileWork.encode(raw)) as Uint8Array<ArrayBuffer>;
  const files = [...given("a.png", png), ...given("a_label.png", png)];
  const { project } = await importFiles(
    emptyProject("p", "p"),
    [...files, ...given("net.safetensors", named)],
    fileWork,
  );
  assert.equal(project.classes, THREE);
  assert.is(project.images[0].label?.classes, 3);
});

test("a file has names and colours only if somebody chose them", () => {
  assert.equal(classFields(TWO_CLASSES), { classes: 2 });
  assert.equal(classFields(usualClasses(9)), { classes: 9 });
  const red = [TWO_CLASSES[0], { name: "cell", colour: "#ff0000" }];
  assert.equal(classFields(red), { classes: 2, classColours: [TWO_CLASSES[0].colour, "#ff0000"] });
  const said = { classNames: ["a", "b"] };
  assert.equal(classFields(TWO_CLASSES, said).classNames, ["membrane", "cell"]);
  const twice = TWO_CLASSES.map(({ colour }) => ({ name: "cell", colour }));
  assert.equal(classFields(twice), { classes: 2 }, "of an earlier version's project");
  const short = { classes: 2, classColours: ["#D42", "#000"] };
  assert.equal(
    classesOfModel(short, TWO_CLASSES).map(({ colour }) => colour),
    ["#dd4422", "#000000"],
  );
});

test("added classes differ from the existing ones", () => {
  const taken = [...TWO_CLASSES, { name: "class 3", colour: usualClasses(4)[3].colour }];
  const more = withMoreClasses(taken, 12);
  assert.is(more.length, 12);
  assert.equal(more.slice(0, 3), taken);
  assert.is(classProblem(more), undefined);
});

test("added classes are named by the number of their key, if that is free", () => {
  const names = withMoreClasses(TWO_CLASSES, 4).map(({ name }) => name);
  assert.equal(names, ["membrane", "cell", "class 3", "class 4"]);
});

test("deleting a class deletes what was painted of it; the others keep their pixels", () => {
  const raw = { width: 4, height: 1, channels: 1, maximum: 255, data: new Uint8Array(4) };
  const data = Uint8Array.of(0, 1, 2, 255);
  const label = { width: 4, height: 1, classes: 3, data };
  const images = [{ name: "a", raw, role: "training" as const, label }];
  const project = { ...emptyProject("p", "p"), classes: THREE, images };
  const opened = reduce(INITIAL, { type: "open", project, page: "label" });
  const look = { kind: "filled", hidden: [2] } as const;
  const looked = reduce(opened, { type: "view", changes: { look } });
  const brushed = reduce(looked, { type: "brush", changes: { classIndex: 2 } });
  const next = reduce(brushed, { type: "delete-class", index: 1 });
  const [image] = next.project?.images ?? [];
  assert.equal([...(image.label?.data ?? [])], [0, 255, 1, 255]);
  assert.is(image.label?.classes, 2);
  assert.equal(next.project?.classes, [THREE[0], THREE[2]]);
  assert.equal([next.brush.classIndex, next.view.look.hidden], [1, [1]]);
  // At least two remain, and a network keeps its classes.
  assert.is(reduce(next, { type: "delete-class", index: 0 }).project?.classes.length, 2);
  const best = { bytes: Uint8Array.of(1), step: 1 };
  const trained = { ...project, training: { ...project.training, best } };
  const kept = reduce(opened, { type: "edit", project: trained });
  assert.is(reduce(kept, { type: "delete-class", index: 1 }).project, trained);
  assert.match(deletionProblem(trained) ?? "", /reset it under Train/);
});

test("invalid names and colours are refused with a message", () => {
  const called = (name: string) => [THREE[0], THREE[1], { name, colour: "#123456" }];
  assert.match(classProblem(called("cell")) ?? "", /same name \(cell\)/);
  assert.match(classProblem(called("")) ?? "", /needs a name/);
  assert.match(classProblem(called("a,b")) ?? "", /commas/);
  assert.match(classProblem([THREE[0], { name: "x", colour: "#000000" }]) ?? "", /#000000/);
});

test("a checkpoint that is downloaded has the current class names", async () => {
  assert.is(await namedCheckpoint(named, THREE, "x"), named, "nothing has changed");
  const renamed = [...THREE.slice(0, 2), { name: "nucleus", colour: "#00ff00" }];
  const { model, task } = decodeSafetensors(
    await namedCheckpoint(named, renamed, "x"),
    "x",
  ).metadata;
  assert.equal(task, {
    classNames: ["membrane", "cell", "nucleus"],
    classColours: ["#000000", "#ffffff", "#00ff00"],
  });
  const before = decodeSafetensors(named, "x").metadata;
  assert.equal([model, before.task], [before.model, { classNames: NAMES, classColours: COLOURS }]);
});

test("the command has the names and colours, and trains the same network", () => {
  const classes = [THREE[0], { name: "it's a cell", colour: "#ffffff" }, THREE[2]];
  const project = { ...sample, classes };
  const words = trainCommand(project).match(/(?:'[^']*'|\\'|[^\s'])+/g) ?? [];
  const plain = words.map((word) => word.replaceAll("'\\''", "\0").replaceAll("'", ""));
  const command = new Command();
  addTrainOptions(command);
  command.parse(
    plain.slice(3).map((word) => word.replaceAll("\0", "'")),
    { from: "user" },
  );
  const { model, task } = resolveRun(command.opts<TrainOptions>(), "data");
  assert.equal({ ...model, channels: 1 }, runConfig(project).model);
  assert.equal(task, runConfig(project).task);
  assert.equal(task?.classNames, ["membrane", "it's a cell", "organelle"]);
  assert.not.match(trainCommand(sample), /--class/);
});

test("masks, outlines and the report are in the class colours", () => {
  const { name, raw, label } = sample.images[8];
  const { width, height } = raw;
  const seen = { width, height, channels: 1, data: new Float32Array(0) };
  const prediction = fakePrediction(seen, 3);
  const request = { name, raw, prediction, threshold: 0.5, classes: THREE };
  const files = (kind: PictureRequest["kind"]) => predictionFiles({ ...request, kind });
  const [mask, coloured] = files("mask");
  assert.is(coloured.path, `${name}-colours.png`);
  const picture = decodePng(coloured.bytes, coloured.path);
  const indices = decodePng(mask.bytes, mask.path).data;
  assert.equal([...(picture.indices ?? [])], [...indices]);
  const first = [0, 1, 2].map((channel) => picture.data[channel * width * height]);
  assert.equal(first, [...rgb(COLOURS[indices[0]])]);
  const [{ path, bytes }] = classFiles([{ ...request, kind: "mask" }]);
  assert.is(path, "classes.json");
  assert.equal(JSON.parse(Buffer.from(bytes).toString()), classFields(THREE));
  const [two] = classFiles([{ ...request, kind: "mask", threshold: 0.7, classes: TWO_CLASSES }]);
  assert.equal(JSON.parse(Buffer.from(two.bytes).toString()), { classes: 2, threshold: 0.7 });
  const classes = [THREE[0], THREE[1], { name: "<i>", colour: "#d4442f" }];
  const images = [{ ...sample.images[8], ...(label ? { label: { ...label, classes: 3 } } : {}) }];
  const html = reportHtml({
    project: { ...sample, classes, images },
    predictions: { [name]: prediction },
    threshold: 0.5,
    adapter: "an adapter",
  });
  assert.match(html, /background:#d4442f"><\/i>&lt;i&gt;<\/li>/);
});

test.run();
