import { test } from "uvu";
import * as assert from "uvu/assert";
import { beginStroke } from "../../app/src/label/stroke.js";
import type { Action } from "../../app/src/state/actions.js";
import { obstacle } from "../../app/src/state/pages.js";
import { emptyLabel, lastStep, runConfig, sampleProject } from "../../app/src/state/project.js";
import { INITIAL, reduce } from "../../app/src/state/reducer.js";
import type { AppState } from "../../app/src/state/types.js";

const project = await sampleProject("sample");
const after = (...actions: Action[]): AppState =>
  actions.reduce(reduce, reduce(INITIAL, { type: "open", project, page: "images" }));

function stroke(state: AppState, name: string): Action {
  const image = state.project?.images.find((one) => one.name === name);
  if (!image) throw new Error(`no image ${name}`);
  const begun = beginStroke(name, image.label ?? emptyLabel(image.raw, 2), {
    tool: "brush",
    classIndex: 1,
    radius: 5,
  });
  begun.to({ x: 40, y: 40 });
  const done = begun.end();
  if (!done) throw new Error("the stroke touched nothing");
  return { type: "paint", ...done };
}

test("the sample holds out the last fifth of its labelled images", () => {
  const held = project.images.filter(({ role }) => role === "validation").map(({ name }) => name);
  assert.equal(held, ["synthetic-09", "synthetic-10"]);
  const { model, training } = runConfig(project);
  assert.equal([model.base, model.depth, training.tile], [8, 2, 124]);
});

test("strokes are undone one by one, on the image that they were painted on", () => {
  const opened = after();
  const once = reduce(opened, stroke(opened, "synthetic-11"));
  const twice = reduce(once, stroke(once, "synthetic-01"));
  const label = (state: AppState, index: number) => state.project?.images[index].label?.data;
  const back = reduce(twice, { type: "undo" });
  assert.is(back.view.image, "synthetic-01");
  assert.equal(label(back, 0), label(opened, 0));
  assert.ok(label(back, 10)?.includes(1));
  const start = reduce(back, { type: "undo" });
  assert.not(label(start, 10)?.includes(1));
  assert.is(reduce(start, { type: "undo" }), start, "nothing is left to take back");
});

test("a run's events set its step; a continued run does not repeat steps in the curves", () => {
  const start = { type: "start", parameterCount: 1, pipelines: 1, dispatches: 1 } as const;
  const begin = (step: number) => ({ ...start, planBytes: 100, step, readyMs: 1 }) as const;
  const step = (n: number) => ({ type: "step", step: n, loss: 1 / n, learningRate: 1 }) as const;
  const progress = {
    type: "progress",
    step: 3,
    steps: 300,
    loss: 1,
    imagesPerSecond: 8,
    waitMs: 0,
    remainingMs: 9,
  } as const;
  const state = after(
    { type: "training", events: [begin(0)] },
    { type: "training", events: [step(1), step(2), step(3), progress] },
  );
  const { run } = state;
  assert.ok(run.kind === "running" && run.step === 3 && run.stepsPerSecond === 8);
  const again = reduce(state, { type: "training", events: [begin(2), step(3)] });
  assert.equal(
    again.project?.training.losses.map((point) => point.step),
    [1, 2, 3],
  );
});

test("a run that has finished continues for as many steps again", () => {
  const bytes = new Uint8Array();
  const stopped = (step: number) =>
    after({ type: "checkpoint", kind: "last", checkpoint: { bytes, step } }).project ?? project;
  assert.equal(
    [lastStep(project), lastStep(stopped(299)), lastStep(stopped(300))],
    [300, 300, 600],
  );
});

test("moving to another page removes warnings and keeps errors", () => {
  const state = after(
    { type: "notice", kind: "warning", text: "a file was skipped" },
    { type: "notice", kind: "error", text: "the GPU is gone" },
    { type: "notice", kind: "error", text: "the GPU is gone" },
    { type: "go", page: "label" },
  );
  assert.equal(
    state.notices.map(({ text }) => text),
    ["the GPU is gone"],
  );
});

test("a page that is not available has a reason", () => {
  assert.match(obstacle(INITIAL, "images") ?? "", /Open images/);
  assert.match(obstacle(after(), "segment") ?? "", /Train first/);
  const bytes = new Uint8Array();
  const trained = after({ type: "checkpoint", kind: "last", checkpoint: { bytes, step: 1 } });
  assert.is(obstacle(trained, "segment"), undefined);
  // Node's best checkpoint has no optimiser state: it can segment, but not continue.
  const best = after({ type: "checkpoint", kind: "best", checkpoint: { bytes, step: 1 } });
  assert.is(obstacle(best, "segment"), undefined);
});

test("an image that is removed is no longer shown", () => {
  const state = after({ type: "remove-image", name: "synthetic-01" });
  assert.is(state.view.image, "synthetic-02");
  assert.is(state.project?.images.length, 11);
});

test.run();
