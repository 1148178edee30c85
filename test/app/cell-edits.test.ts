// Corrections of cells in the state, and in the storage of a project.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileWork } from "../../app/src/files/work.js";
import { merged } from "../../app/src/images/merge.js";
import type { Action } from "../../app/src/state/actions.js";
import { undoable } from "../../app/src/state/cell-edits.js";
import { emptyProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { INITIAL, reduce } from "../../app/src/state/reducer.js";
import type { AppState } from "../../app/src/state/types.js";
import { projectFiles } from "../../app/src/storage/project-files.js";
import { readProject } from "../../app/src/storage/read-project.js";
import type { ObjectEdit } from "../../src/objects/edit-objects.js";
import { memoryFolder, readBack } from "./memory-storage.js";

const [A, B] = ["a", "b"];
const size = { width: 256, height: 256 };
const images = [A, B].map((name) => {
  const raw = { ...size, channels: 1, maximum: 255, data: new Uint8Array(256 * 256) };
  return { name, raw, role: "training" as const };
});
const project: Project = { ...emptyProject("p", "p"), images };
const remove = (x: number): ObjectEdit => ({ kind: "delete", points: [{ x, y: 1 }] });
const merge: ObjectEdit = {
  kind: "merge",
  points: [
    { x: 1, y: 2 },
    { x: 3, y: 4 },
  ],
};
const split: ObjectEdit = { ...merge, kind: "split", line: merge.points };

const opened = (of: Project = project) =>
  reduce(INITIAL, { type: "open", project: of, page: "measure" });
const after = (state: AppState, ...actions: Action[]) => actions.reduce(reduce, state);
const set = (name: string, ...edits: ObjectEdit[]): Action => {
  return { type: "edit-cells", name, edits };
};
const UNDO: Action = { type: "undo-cells" };
const REDO: Action = { type: "redo-cells" };
const edits = ({ project }: { readonly project?: Project }) =>
  project?.images.map((image) => image.edits);

test("edits are undone and redone one by one, on their image", () => {
  const done = after(opened(), set(A, merge), set(B, split), set(B, split, remove(1)));
  assert.equal(edits(done), [[merge], [split, remove(1)]]);
  const back = after({ ...done, view: { ...done.view, image: A } }, UNDO);
  assert.equal([edits(back), back.view.image], [[[merge], [split]], B]);
  assert.equal(edits(after(back, UNDO, UNDO)), [undefined, undefined]);
  assert.is(undoable(after(back, UNDO, UNDO)), undefined);
  assert.equal(edits(after(back, UNDO, UNDO, REDO, REDO, REDO, REDO)), edits(done));
  // A new edit ends what could be made again.
  assert.equal(edits(after(back, set(A), REDO)), [undefined, [split]]);
});

test("clearing all edits of an image is undone as one change", () => {
  const cleared = after(opened(), set(A, merge, split), set(A));
  assert.is("edits" in (cleared.project as Project).images[0], false);
  assert.equal(edits(after(cleared, UNDO)), [[merge, split], undefined]);
});

test("after a reload the edits of the image on show are undone, the newest first", () => {
  const corrected = images.map((image) => ({ ...image, edits: [merge, split] }));
  const again = opened({ ...project, images: corrected });
  assert.equal(edits(after(again, UNDO)), [[merge], [merge, split]]);
  const redone = after(again, UNDO, UNDO, REDO);
  assert.equal(edits(redone), [[merge], [merge, split]]);
  assert.equal(edits(after(redone, REDO, UNDO, UNDO)), [undefined, [merge, split]]);
});

test("an image takes its edits along when it is removed and restored", () => {
  const removed = after(opened(), set(A, merge), set(B, split), { type: "remove-image", name: A });
  assert.equal(edits(after(removed, UNDO, UNDO)), [undefined]);
  const [{ id }] = removed.notices;
  assert.equal(edits(after(removed, { type: "restore-images", notice: id })), [[merge], [split]]);
});

test("edits that are made while files are read are kept", () => {
  const now = after(opened(), set(A, merge)).project as Project;
  const imported = { ...project, name: "other" };
  assert.equal(edits({ project: merged(project, imported, now) }), [[merge], undefined]);
});

test("edits are read from the storage, without invalid ones", async () => {
  const stored = after(opened(), set(A, merge, split, remove(255))).project as Project;
  assert.equal(edits({ project: await readBack(stored) }), [
    [merge, split, remove(255)],
    undefined,
  ]);
  const bad: readonly unknown[] = [
    null,
    3,
    { kind: "grow", points: merge.points },
    { kind: "merge", points: [{ x: 1, y: 1 }] },
    { kind: "split", points: merge.points },
    { kind: "split", points: merge.points, line: [{ x: 1.5, y: 1 }, 2] },
    remove(256),
    remove(-1),
  ];
  for (const list of [bad, "none", { length: 1 }, undefined]) {
    const files: Record<string, Uint8Array> = {};
    for (const { path, bytes } of projectFiles(stored, fileWork)) files[path] = await bytes();
    const json = JSON.parse(new TextDecoder().decode(files["project.json"]));
    json.images[0].edits = list === bad ? [...bad, merge] : list;
    files["project.json"] = new TextEncoder().encode(JSON.stringify(json));
    const { project: again } = await readProject(memoryFolder(files), fileWork);
    assert.equal(edits({ project: again }), [list === bad ? [merge] : undefined, undefined]);
  }
});

test.run();
