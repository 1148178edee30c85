// The messages on the screen, and how long they stay.

import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Action } from "../../app/src/state/actions.js";
import { noticed, shownMs } from "../../app/src/state/notices.js";
import { emptyLabel, emptyProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { INITIAL, reduce } from "../../app/src/state/reducer.js";
import type { AppState, NoticeTopic } from "../../app/src/state/types.js";

const raw = { width: 2, height: 2, channels: 1, maximum: 255, data: new Uint8Array(4) };
const project: Project = {
  ...emptyProject("p", "p"),
  images: [{ name: "a", raw, role: "training" }],
};
const opened = reduce(INITIAL, { type: "open", project, page: "train" });
const failed = (topic?: NoticeTopic): AppState =>
  noticed(opened, { kind: "error", text: "it went wrong", ...(topic ? { topic } : {}) });
const skipped = (...sentences: string[]): Action => {
  return { type: "notices", topic: "skipped", kind: "warning", sentences };
};

test("skipped files make one message, also those of several drops", () => {
  const one = reduce(opened, skipped("a.czi was skipped."));
  assert.equal(
    one.notices.map(({ text }) => text),
    ["a.czi was skipped."],
  );
  const more = reduce(one, skipped("b.czi was skipped.", "a.czi was skipped.", "c was skipped."));
  assert.equal(
    more.notices.map(({ text, items }) => [text, items?.length]),
    [["3 files were skipped:", 3]],
  );
  assert.equal(reduce(more, skipped()).notices, more.notices);
  const closed = reduce(more, { type: "dismiss", id: more.notices[0].id });
  assert.equal(reduce(closed, skipped("d was skipped.")).notices[0].text, "d was skipped.");
});

test("a message disappears with its cause, and others stay", () => {
  const label = { ...emptyLabel(raw, 2), data: new Uint8Array(4) };
  const other = { ...project, id: "other" };
  const gone: [NoticeTopic, Action][] = [
    ["training", { type: "run", status: { kind: "preparing" } }],
    ["health", { type: "run", status: { kind: "preparing" } }],
    ["training", { type: "label", name: "a", label }],
    ["training", { type: "settings", changes: { tile: 60 } }],
    ["training", { type: "open", project: other, page: "images" }],
    [
      "segmenting",
      { type: "segmenting", progress: { name: "a", image: 0, images: 1, done: 0, total: 1 } },
    ],
    ["classes", { type: "classes", classes: [...project.classes] }],
    ["export", { type: "settle", topic: "export" }],
  ];
  for (const [topic, action] of gone) {
    assert.equal(reduce(failed(topic), action).notices, [], `${topic} after ${action.type}`);
    if (action.type === "open") continue;
    for (const another of [undefined, "saving"] as const) {
      assert.is(reduce(failed(another), action).notices.length, 1, `after ${action.type}`);
    }
  }
  const unsaved = reduce(failed("saving"), { type: "saving", saving: "failed" });
  assert.is(unsaved.notices.length, 1);
  assert.equal(reduce(unsaved, { type: "saving", saving: "saved" }).notices, []);
  const looked = reduce(failed("training"), { type: "view", changes: { opacity: 1 } });
  assert.is(looked.notices.length, 1);
});

test("errors of a project replace each other; errors of saving are all shown", () => {
  for (const [topic, count] of [
    ["classes", 1],
    ["training", 1],
    ["saving", 2],
  ] as const) {
    const twice = noticed(failed(topic), { kind: "error", topic, text: "again" });
    assert.is(twice.notices.length, count, topic);
    assert.is(twice.notices.at(-1)?.text, "again");
  }
});

test("only information disappears by itself, after a time for reading it", () => {
  const notice = (kind: "info" | "warning" | "error", text: string) =>
    shownMs({ id: 1, kind, text });
  assert.equal([notice("error", "x"), notice("warning", "x")], [undefined, undefined]);
  const [short, long] = ["short", "a sentence that takes longer to read"].map(
    (text) => notice("info", text) as number,
  );
  assert.ok(short > 5000 && long > short && (notice("info", "x".repeat(5000)) ?? 0) <= 40_000);
});

test.run();
