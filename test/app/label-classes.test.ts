import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileWork } from "../../app/src/files/work.js";
import { importFiles } from "../../app/src/images/import.js";
import { withMoreClasses } from "../../app/src/state/classes.js";
import { emptyProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { IGNORED } from "../../src/data/image-types.js";
import { greyPng, HEX, indices, palettePng, RGB, rgbPng, SIZE } from "../cli/class-data.js";
import { readBack } from "./memory-storage.js";

const MAGENTA = [255, 0, 255];
const NAMES = ["membrane", "cell", "organelle"];
const partly = indices.map((index, pixel) => (pixel < 100 ? 3 : index));
const image = greyPng(indices.map((index) => 100 * index));
const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const drop = (files: Record<string, Uint8Array>, project: Project = emptyProject("p", "p")) =>
  importFiles(
    project,
    Object.entries(files).map(([path, bytes]) => ({
      path,
      file: new Blob([bytes as Uint8Array<ArrayBuffer>]),
    })),
    fileWork,
  );

const colours = ({ classes }: Project) => classes.map(({ colour }) => colour);

test("each colour of the labels becomes a class, the darkest first, and a project keeps them", async () => {
  const files = { "images/a.png": image, "labels/a.png": rgbPng(), "images/b.png": image };
  const { project, problems } = await drop({ ...files, "labels/b.png": rgbPng() });
  assert.equal(problems, []);
  // Red is the second by brightness.
  assert.equal(colours(project), [HEX[0], HEX[2], HEX[1]]);
  assert.equal(project.images[1].label, {
    width: SIZE,
    height: SIZE,
    classes: 3,
    data: Uint8Array.from(indices, (index) => [0, 2, 1][index]),
  });
  const again = await readBack(project);
  assert.equal(again.classes, project.classes);
  assert.equal(again.images[0].label, project.images[0].label);
});

test("classes.json next to labels in colours has names, order, and the value of unlabelled pixels", async () => {
  const list = { classes: 3, classNames: NAMES, classColours: HEX, ignore: "#ff00ff" };
  const { project, problems } = await drop({
    "images/a.png": image,
    "labels/a.png": rgbPng(partly, [...RGB, MAGENTA]),
    "classes.json": text(list),
  });
  assert.equal(problems, []);
  assert.equal(
    project.classes,
    NAMES.map((name, index) => ({ name, colour: HEX[index] })),
  );
  const { data = [] } = project.images[0].label ?? {};
  assert.equal(
    [...data],
    partly.map((index) => (index === 3 ? IGNORED : index)),
  );
  const bad = await drop({ "classes.json": text({ classes: 1 }) });
  assert.match(bad.problems[0], /classes\.json was skipped: damaged: it lacks "classes"/);
});

test("a label without the rarer classes is read by the colours of the other labels", async () => {
  const two = indices.map((index) => Math.min(index, 1));
  const both = { "a.png": image, "a_label.png": rgbPng(), "b.png": image };
  const { project, problems } = await drop({ ...both, "b_label.png": rgbPng(two) });
  assert.equal(problems, []);
  assert.equal(colours(project), [HEX[0], HEX[2], HEX[1]]);
  assert.equal(
    [...(project.images[1].label?.data ?? [])],
    two.map((index) => 2 * index),
  );
  const later = await drop({ "c.png": image, "c_label.png": rgbPng(two) }, project);
  assert.equal(
    [...(later.project.images[2].label?.data ?? [])],
    two.map((index) => 2 * index),
  );
});

test("a label without colours is read by the class colours if one of its greys is ignored", async () => {
  const list = { classes: 3, classColours: ["#000000", "#d4442f", "#ffffff"], ignore: "#808080" };
  const grey = (value: number) => [value, value, value];
  const label = rgbPng(
    indices.map((index) => Math.min(index, 1)).map((index, pixel) => (pixel < 9 ? 2 : index)),
    [grey(0), grey(255), grey(128)],
  );
  const files = { "a.png": image, "a_label.png": label, "classes.json": text(list) };
  const { project, problems } = await drop(files);
  assert.equal(problems, []);
  assert.equal(
    [...(project.images[0].label?.data ?? [])],
    indices.map((index, pixel) => (pixel < 9 ? IGNORED : index === 0 ? 0 : 2)),
  );
});

test("class colours may all be grey, in RGB labels and in grey ones", async () => {
  const greys = [0, 128, 255];
  const list = { classes: 3, classColours: ["#000000", "#808080", "#ffffff"] };
  for (const label of [
    rgbPng(
      indices,
      greys.map((grey) => [grey, grey, grey]),
    ),
    greyPng(indices.map((index) => greys[index])),
  ]) {
    const files = { "a.png": image, "a_label.png": label, "classes.json": text(list) };
    const { project, problems } = await drop(files);
    assert.equal(problems, []);
    assert.equal(colours(project), list.classColours);
    assert.equal([...(project.images[0].label?.data ?? [])], indices);
  }
});

test("unlabelled pixels are not a class: a value, or a colour of a palette", async () => {
  const expected = partly.map((index) => (index === 3 ? IGNORED : index));
  for (const [label, ignore] of [
    [greyPng(partly), 3],
    [palettePng([...RGB, MAGENTA], partly), "#ff00ff"],
  ] as const) {
    const files = { "a.png": image, "a_label.png": label };
    const { project, problems } = await drop({
      ...files,
      "classes.json": text({ classes: 3, ignore }),
    });
    assert.equal(problems, []);
    assert.is(project.classes.length, 3);
    assert.equal([...(project.images[0].label?.data ?? [])], expected);
  }
});

test("a palette's colours are those of its indices", async () => {
  const { project, problems } = await drop({
    "a.png": image,
    "a_label.png": palettePng([[1, 2, 3], RGB[1], RGB[2]]),
  });
  assert.equal(problems, []);
  assert.equal(colours(project), ["#010203", HEX[1], HEX[2]]);
  assert.equal([...(project.images[0].label?.data ?? [])], indices);
});

test("a colour that is no class is an error with its pixel; many shades are one with their number", async () => {
  const first = { "a.png": image, "a_label.png": rgbPng() };
  const { project } = await drop(first);
  const more = { "b.png": image, "b_label.png": rgbPng(partly, [...RGB, MAGENTA]) };
  const other = await drop(more, project);
  assert.match(
    other.problems[0],
    /b_label\.png was skipped: the pixel at x 0, y 0 has the colour #ff00ff/,
  );
  assert.not.match(other.problems[0], /--ignore/, "no option of the command line");
  assert.equal(other.project.classes, project.classes);
  // Classes whose colours somebody chose stay.
  const named = { ...emptyProject("p", "p"), classes: [...withMoreClasses([], 2)] };
  named.classes[1] = { name: "cell", colour: "#123456" };
  assert.match((await drop(first, named)).problems[0], /expected a class colour: .*#123456/);
  const shades = Array.from({ length: 40 }, (_, i) => [i, 2 * i, 255 - i]);
  const photo = indices.map((_, pixel) => pixel % 40);
  const shaded = await drop({ "a.png": image, "a_label.png": rgbPng(photo, shades) });
  assert.match(
    shaded.problems[0],
    /a_label\.png was skipped: it has more than 24 colours, expected one flat/,
  );
});

test.run();
