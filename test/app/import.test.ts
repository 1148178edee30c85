import { test } from "uvu";
import * as assert from "uvu/assert";
import { createProjects } from "../../app/src/commands/projects.js";
import { type FileWork, fileWork } from "../../app/src/files/work.js";
import { importFiles } from "../../app/src/images/import.js";
import { merged } from "../../app/src/images/merge.js";
import type { NamedFile } from "../../app/src/images/sort-files.js";
import { emptyProject, runConfig } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { createStore } from "../../app/src/state/store.js";
import { asMessage, fromMessage } from "../../app/src/threads/call-messages.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { encodePng } from "../../src/formats/png/png.js";
import { encodeTiff } from "../../src/formats/tiff/index.js";
import { tiffFile } from "../node/tiff-fixture.js";

const [WIDTH, HEIGHT] = [4, 3];

const named = (path: string, bytes: Uint8Array): NamedFile => {
  return { path, file: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
};
const grey = (path: string, value = 1): NamedFile => {
  const data = new Uint8Array(WIDTH * HEIGHT).fill(value, 1);
  return named(path, encodePng({ width: WIDTH, height: HEIGHT, channels: 1, bitDepth: 8, data }));
};
const channelled = (path: string, channels: number): NamedFile => {
  const data = Uint8Array.from({ length: channels * WIDTH * HEIGHT }, (_, i) => i);
  return named(path, encodeTiff({ width: WIDTH, height: HEIGHT, channels, maximum: 255, data }));
};

const names = ({ images }: Project) => images.map(({ name }) => name);
const empty = emptyProject("p", "p");

/** The state of a store after files were dropped. */
async function dropped(files: readonly NamedFile[], work: Partial<FileWork> = {}) {
  const store = createStore();
  const parts = { draw: syntheticSample, files: { ...fileWork, ...work }, autosave: undefined };
  const projects = createProjects(store, parts);
  await projects.addFiles(files);
  return { store, projects, ...store.state.peek() };
}

test("a damaged zip file or image does not prevent the rest of a drop from being imported", async () => {
  const bad = [
    named("a.zip", Uint8Array.of(1, 2, 3)),
    named("b.png", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 1)),
    named("c.tif", Uint8Array.of(0x49, 0x49, 42, 0, 200, 0, 0, 0)),
    named("d.safetensors", Uint8Array.of(1)),
  ];
  const good = ["w.png", "x.png", "y.png"].map((path) => grey(path));
  const { project, notices } = await dropped([
    bad[0],
    good[0],
    bad[1],
    good[1],
    bad[2],
    bad[3],
    good[2],
  ]);
  assert.equal(project && names(project), ["w", "x", "y"]);
  const [left] = notices;
  assert.is(left.text, "4 files were skipped:");
  assert.equal(
    left.items?.map((item) => item.split(" was skipped: ")[0]),
    ["a.zip", "b.png", "c.tif", "d.safetensors"],
  );
});

test("a damaged zip file dropped by itself is an error", async () => {
  const { notices, project } = await dropped([named("a.zip", Uint8Array.of(1, 2, 3))]);
  assert.match(notices[0].text, /^a\.zip: it is not a zip file/);
  assert.equal([notices[0].kind, project], ["error", undefined]);
});

test("images of two, four and seven channels are imported; all images of a project have as many", async () => {
  for (const channels of [2, 4, 7]) {
    const files = [channelled("a.tif", channels), grey("b.png"), channelled("c.tif", channels)];
    const { project, problems } = await importFiles(empty, files, fileWork);
    assert.equal(names(project), ["a", "c"]);
    assert.is(project.images[0].raw.channels, channels);
    assert.is(runConfig(project).model.channels, channels);
    const message =
      `b.png was skipped: it has 1 channel, but this project's images have ${channels}: convert it, or ` +
      "start a new project.";
    assert.equal(problems, [message]);
  }
});

test("the one image with another number of channels is skipped, also if it is the first", async () => {
  const files = [channelled("a.tif", 2), grey("b.png"), channelled("c.tif", 3), grey("d.png")];
  const { project, problems } = await importFiles(empty, files, fileWork);
  assert.equal(names(project), ["b", "c", "d"]);
  assert.equal(problems.length, 1);
  assert.match(problems[0], /^a\.tif was skipped: it has 2 channels/);
});

test("the first bytes of a file decide what it is, not its name", async () => {
  const page = { width: WIDTH, height: HEIGHT, samples: new Array<number>(12).fill(9) };
  const stack = named("stack.png", tiffFile([page, page]));
  const { path: _, file } = grey("");
  const { project, problems } = await importFiles(
    empty,
    [stack, { path: "x.tif", file }],
    fileWork,
  );
  assert.equal([names(project), problems], [["stack-0", "stack-1", "x"], []]);
});

test("reading reports its progress, and what was read stays if it is stopped", async () => {
  const files = ["a.png", "b.png", "c.png", "c_label.png"].map((path) => grey(path));
  const told: string[] = [];
  const onFile = (done: number, count: number, name: string) =>
    void told.push(`${done} of ${count}: ${name}`);
  const whole = await importFiles(empty, files, fileWork, { onFile });
  assert.equal(told, ["0 of 4: a.png", "1 of 4: b.png", "2 of 4: c.png", "3 of 4: c_label.png"]);
  assert.ok(whole.project.images[2].label);

  const stop = new AbortController();
  const readImages: FileWork["readImages"] = async (files, options) => {
    if (files[0].path === "c.png") stop.abort();
    options?.signal?.throwIfAborted();
    return fileWork.readImages(files, options);
  };
  const { signal } = stop;
  const half = await importFiles(empty, files, { ...fileWork, readImages }, { signal });
  assert.equal([names(half.project), half.problems], [["a", "b"], []]);
});

test("a drop during another one is read after it, and the state has the file that is being read", async () => {
  let go = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const readImages: FileWork["readImages"] = async (files, options) => {
    await gate;
    return fileWork.readImages(files, options);
  };
  const store = createStore();
  const files = { ...fileWork, readImages };
  const { addFiles } = createProjects(store, { draw: syntheticSample, files, autosave: undefined });
  const first = addFiles([grey("a.png")]);
  const second = addFiles([grey("b.png")]);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(store.state.peek().importing, { done: 0, files: 1, name: "a.png" });
  go();
  await Promise.all([first, second]);
  const { project, importing } = store.state.peek();
  assert.equal([project && names(project), importing], [["a", "b"], undefined]);
});

test("changes of a project while files are read are kept", async () => {
  const files = ["a.png", "b.png", "c.png"].map((path) => grey(path));
  const { project: before } = await importFiles(empty, files, fileWork);
  const more = [grey("d.png"), grey("a_label.png"), grey("b_label.png")];
  const { project: imported } = await importFiles(before, more, fileWork);
  const [a, , c] = before.images;
  const painted = {
    width: WIDTH,
    height: HEIGHT,
    classes: 2,
    data: new Uint8Array(WIDTH * HEIGHT),
  };
  const last = { bytes: Uint8Array.of(1), step: 7 };
  const now: Project = {
    ...before,
    images: [a, { ...c, label: painted, role: "validation" }],
    training: { ...before.training, last },
    settings: { ...before.settings, steps: 5 },
  };
  const result = merged(before, imported, now);
  assert.equal(names(result), ["a", "c", "d"], "b was removed meanwhile");
  const [withLabel, withStroke] = result.images;
  assert.ok(withLabel.label?.data.includes(1), "its label came with the files");
  assert.equal([withStroke.label, withStroke.role], [painted, "validation"]);
  assert.is(result.labelReading, imported.labelReading);
  assert.equal([result.training.last, result.settings.steps], [last, 5]);
  assert.is(merged(before, imported, before), imported);
});

test("a call can pass functions and a signal to the Worker, which calls the functions", () => {
  const told: unknown[][] = [];
  const stop = new AbortController();
  const file = new Blob(["x"]);
  const given = [
    file,
    "name",
    { onPage: (...all: unknown[]) => told.push(all), signal: stop.signal },
  ];
  const { given: sent, functions, signal } = asMessage(given);
  assert.is(signal, stop.signal);
  assert.is(sent[0], file);
  const message = structuredClone(sent.slice(1));
  const other = new AbortController();
  const [, options] = fromMessage(message, other.signal, async (index, all) =>
    functions[index](...all),
  );
  const { onPage, signal: received } = options as {
    onPage(done: number, pages: number): void;
    signal: AbortSignal;
  };
  onPage(2, 5);
  assert.equal(told, [[2, 5]]);
  assert.is(received, other.signal);
});

test.run();
