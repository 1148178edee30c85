// Tools that correct cells: from pointers to gestures, and from gestures to the cells that the Worker finds.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { createCellFinder } from "../../app/src/cells/finder.js";
import { columnOf } from "../../app/src/cells/found-cells.js";
import { type EditGesture, proposedEdit } from "../../app/src/cells/proposed-edit.js";
import { cellRequest } from "../../app/src/cells/requests.js";
import { createCellWork } from "../../app/src/cells/work.js";
import { usualClasses } from "../../app/src/state/classes.js";
import { gestureTool, type ShownGesture } from "../../app/src/views/measure/edit-gestures.js";
import { skippedText } from "../../app/src/views/measure/edit-words.js";
import type { ObjectEdit } from "../../src/objects/edit-objects.js";
import { drawnLabels } from "../objects/scenes.js";

const at = (x: number, y = 5) => ({ x, y });

/** What a tool does, and what it shows last. */
function recorded(kind: EditGesture["kind"]) {
  const acts: EditGesture[] = [];
  const shown: (ShownGesture | undefined)[] = [];
  const tool = gestureTool(kind, {
    show: (gesture) => void shown.push(gesture),
    act: (gesture) => void acts.push(gesture),
  });
  const click = (x: number) => {
    tool.down(at(x), 2);
    tool.up();
  };
  const drag = (from: number, to: number) => {
    tool.down(at(from), 2);
    tool.move(at((from + to) / 2));
    tool.move(at(to));
    tool.up();
  };
  return { tool, acts, shown, click, drag };
}

test("merging and splitting take a drag, or two clicks", () => {
  for (const kind of ["merge", "split"] as const) {
    const { acts, shown, click, drag } = recorded(kind);
    drag(10, 30);
    assert.equal(acts, [{ kind, from: at(10), to: at(30) }]);
    click(50);
    assert.equal([acts.length, shown.at(-1)?.isWaiting], [1, true]);
    click(90);
    assert.equal(acts[1], { kind, from: at(50), to: at(90) });
    assert.is(shown.at(-1), undefined);
    // A hand that trembles by the two pixels of a click does not drag.
    drag(5, 7);
    assert.is(acts.length, 2);
    drag(60, 80);
    assert.equal(acts[2], { kind, from: at(5), to: at(80) });
  }
});

test("deleting takes one click, and a gesture that is cancelled does nothing", () => {
  const { acts, shown, click } = recorded("delete");
  click(3);
  assert.equal(acts, [{ kind: "delete", from: at(3), to: at(3) }]);
  assert.equal([...new Set(shown)], [undefined]);
  const merge = recorded("merge");
  merge.click(3);
  merge.tool.cancel();
  merge.click(9);
  assert.equal([merge.acts, merge.shown.at(-1)?.isWaiting], [[], true]);
  merge.tool.cancel();
  merge.tool.down(at(1), 2);
  merge.tool.cancel();
  merge.tool.up();
  assert.equal([merge.acts, merge.shown.at(-1)], [[], undefined]);
});

const PAIR = drawnLabels("11122 11122 11122");

test("a gesture becomes an edit, or says why not", () => {
  const propose = (kind: EditGesture["kind"], from = at(0, 0), to = at(4.9, 2.9)) =>
    proposedEdit(PAIR, { kind, from, to });
  const points = [at(0, 0), at(4, 2)];
  assert.equal(propose("merge"), { edit: { kind: "merge", points } });
  assert.equal(propose("merge", at(0, 0), at(2.5, 2)), { reason: "same-cell" });
  assert.equal(propose("merge", at(-0.5, 1)), { reason: "no-cell" });
  assert.equal(propose("delete", at(5, 1), at(5, 1)), { reason: "no-cell" });
  assert.equal(propose("delete", at(4.9, 1), at(4.9, 1)), {
    edit: { kind: "delete", points: [at(4, 1)] },
  });
  // A line may begin and end outside of the image.
  const cut = propose("split", at(1.5, -9), at(1.5, 99));
  assert.equal("edit" in cut && cut.edit.kind === "split" && cut.edit.line, [at(1, 0), at(1, 2)]);
  assert.equal(propose("split", at(9, 0), at(9, 0)), { reason: "not-divided" });
});

test("edits that do not fit are described, each reason once", () => {
  assert.is(skippedText([]), undefined);
  const reasons = ["no-cell", "already-split", "no-cell"] as const;
  assert.is(
    skippedText(reasons.map((reason, index) => ({ reason, index }))),
    "3 edits do not fit these cells: its cell is no longer there and its cell is two already.",
  );
});

const SIDE = 40;
/** Two discs with a neck between them, and one by itself. */
const probabilities = new Float32Array(2 * SIDE * SIDE);
for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
  const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
  const isIn = [12, 26].some((cx) => (x - cx) ** 2 + (y - 12) ** 2 <= 64) || (y > 30 && x < 10);
  probabilities[pixel] = Number(!isIn);
  probabilities[SIDE * SIDE + pixel] = Number(isIn);
}
const size = { width: SIDE, height: SIDE };
const raw = { ...size, channels: 1, maximum: 255, data: new Uint8Array(SIDE * SIDE).fill(7) };
const prediction = { ...size, classes: 2, probabilities, uncertainty: 0, step: 1 };

test("the Worker applies the edits to the cells of any separation, and measures the result", async () => {
  const finder = createCellFinder(createCellWork());
  const request = (edits: readonly ObjectEdit[], separation: number | "never" = 1) => {
    const image = { name: "a", raw, role: "training" as const, edits };
    const project = { classes: usualClasses(2), cells: { separation } };
    return cellRequest(image, prediction, { project, threshold: 0.5, task: undefined });
  };
  const found = async (...given: Parameters<typeof request>) => {
    const cells = await finder.find(request(...given));
    if (!cells) throw new Error("another request came first");
    return cells;
  };
  const propose = async (edits: readonly ObjectEdit[], gesture: EditGesture) => {
    const proposed = await finder.propose(request(edits), gesture);
    if ("reason" in proposed) throw new Error(proposed.reason);
    return [...edits, proposed.edit];
  };
  const before = await found([]);
  assert.equal([before.count, before.skipped], [3, []]);
  const merged = await propose([], { kind: "merge", from: at(12, 12), to: at(26, 12) });
  const one = await found(merged);
  const areas = columnOf(before, "area_px2");
  assert.is(one.count, 2);
  assert.is(columnOf(one, "area_px2")?.[0], (areas?.[0] ?? 0) + (areas?.[1] ?? 0));
  // The cells without edits are as they were: those of the page are not those that the Worker keeps.
  assert.equal(await found([]), before);
  const split = await propose(merged, { kind: "split", from: at(19, 2), to: at(19, 22) });
  const left = await propose(split, { kind: "delete", from: at(2, 35), to: at(2, 35) });
  assert.is((await found(left)).count, 2);
  const again = { kind: "delete", from: at(2, 35), to: at(2, 35) } as const;
  assert.equal(await finder.propose(request(left), again), { reason: "no-cell" });
  // Where nothing parts the two, only the merge has nothing to do.
  const never = await found(left, "never");
  assert.equal([never.count, never.skipped], [2, [{ index: 0, reason: "same-cell" }]]);
});

test.run();
