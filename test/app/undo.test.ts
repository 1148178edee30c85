// Undo and redo of changes of labels.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { beginStroke } from "../../app/src/label/stroke.js";
import { accepted } from "../../app/src/outputs/uncertainty.js";
import type { Action } from "../../app/src/state/actions.js";
import { emptyLabel, emptyProject, isLabelled } from "../../app/src/state/project.js";
import type { Project, ProjectImage } from "../../app/src/state/project-types.js";
import { INITIAL, reduce } from "../../app/src/state/reducer.js";
import type { AppState, Brush } from "../../app/src/state/types.js";
import { IGNORED } from "../../src/data/image-types.js";

const [width, height] = [12, 8];
const image = (name: string): ProjectImage => {
  const raw = { width, height, channels: 1, maximum: 255, data: new Uint8Array(width * height) };
  return { name, raw, role: "training" };
};
const project: Project = { ...emptyProject("p", "p"), images: [image("a"), image("b")] };
const opened = reduce(INITIAL, { type: "open", project, page: "label" });

const imageOf = ({ project }: AppState, name: string) =>
  project?.images.find((one) => one.name === name) as ProjectImage;
const values = (state: AppState, name: string) => [...(imageOf(state, name).label?.data ?? [])];
const undo = (state: AppState) => reduce(state, { type: "undo" });
const redo = (state: AppState) => reduce(state, { type: "redo" });

function stroke(state: AppState, name: string, x: number, brush: Partial<Brush> = {}): AppState {
  const { raw, label } = imageOf(state, name);
  const begun = beginStroke(name, label ?? emptyLabel(raw, 2), {
    tool: "brush",
    classIndex: 1,
    radius: 1,
    ...brush,
  });
  begun.to({ x, y: 4 });
  const done = begun.end();
  if (!done) throw new Error("the stroke touched nothing");
  return reduce(state, { type: "paint", ...done });
}

/** Accepts a prediction of class 1 everywhere. */
function accept(state: AppState, name: string): AppState {
  const probabilities = new Float32Array(2 * width * height).fill(1, width * height);
  const prediction = { width, height, classes: 2, probabilities };
  const label = accepted(imageOf(state, name), prediction, 0.5);
  return reduce(state, { type: "label", name, label });
}

const clear = (state: AppState, name: string) =>
  reduce(state, { type: "label", name, label: emptyLabel(imageOf(state, name).raw, 2) });

test("accepting a prediction can be undone, on an image with a label and on one without", () => {
  const taken = undo(accept(opened, "a"));
  assert.not(isLabelled(imageOf(taken, "a")));
  const painted = stroke(opened, "b", 3, { classIndex: 0 });
  const both = accept(painted, "b");
  assert.not(values(both, "b").includes(IGNORED));
  assert.equal(values(undo(both), "b"), values(painted, "b"));
  assert.not(isLabelled(imageOf(undo(undo(both)), "b")), "the stroke before it goes too");
});

test("strokes, fills, accepted and cleared labels are redone in their order", () => {
  const steps: ((state: AppState) => AppState)[] = [
    (state) => stroke(state, "a", 2),
    (state) => stroke(state, "b", 5),
    (state) => stroke(state, "a", 9, { tool: "fill", classIndex: 0 }),
    (state) => stroke(state, "a", 3, { tool: "eraser" }),
    (state) => accept(state, "b"),
    (state) => clear(state, "a"),
    (state) => stroke(state, "a", 7),
  ];
  const states = [opened];
  for (const step of steps) states.push(step(states[states.length - 1]));
  const seen = (state: AppState) => ["a", "b"].map((name) => values(state, name).join());
  const isSame = (one: AppState, other: AppState) => {
    const filled = (text: string) => text || new Array(width * height).fill(IGNORED).join();
    assert.equal(seen(one).map(filled), seen(other).map(filled));
  };
  let state = states[steps.length];
  for (let done = steps.length - 1; done >= 0; done--) {
    state = undo(state);
    isSame(state, states[done]);
  }
  assert.is(undo(state), state, "nothing is left to take back");
  for (let done = 1; done <= steps.length; done++) {
    state = redo(state);
    isSame(state, states[done]);
  }
  assert.is(redo(state), state, "nothing is left to make again");
  assert.is(redo(undo(state)).view.image, "a", "what changes is on show");
});

test("a new stroke clears what could be redone", () => {
  const back = undo(stroke(stroke(opened, "a", 2), "a", 5));
  const other = stroke(back, "b", 8);
  assert.is(redo(other), other);
  assert.equal(
    values(undo(undo(other)), "a").filter((value) => value !== IGNORED),
    [],
  );
});

test("undo brings back a label that a file replaced; those of removed images are dropped", () => {
  const painted = stroke(stroke(opened, "a", 2), "b", 2);
  const label = { width, height, classes: 2, data: new Uint8Array(width * height) };
  const images = painted.project?.images.map((one) => ({ ...one, label })) ?? [];
  const imported = reduce(painted, { type: "edit", project: { ...project, images } });
  const back = undo(undo(imported));
  for (const name of ["a", "b"]) assert.equal(values(back, name), values(painted, name));
  const removed = reduce(undo(painted), { type: "remove-image", name: "b" });
  assert.is(redo(removed), removed);
});

test("the undo history has a limit of memory", () => {
  const side = 4096;
  const raw = { width: side, height: side, channels: 1, maximum: 255, data: new Uint8Array(1) };
  const before = new Uint8Array(side * side);
  const label = { width: side, height: side, classes: 2, data: before };
  const area = { x: 0, y: 0, width: side, height: side };
  const action: Action = { type: "paint", label, patch: { image: "a", area, before } };
  const large: Project = { ...project, images: [{ ...image("a"), raw }] };
  let state = reduce(INITIAL, { type: "open", project: large, page: "label" });
  for (let count = 0; count < 30; count++) state = reduce(state, action);
  assert.is(state.history.length, 16);
});

test.run();
