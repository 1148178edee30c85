import { test } from "uvu";
import * as assert from "uvu/assert";
import { droppedFiles } from "../../app/src/images/dropped.js";

/** Entries as a browser gives them: folders in parts, the last one empty. */
const file = (path: string) => ({
  isFile: true,
  fullPath: path,
  file: (done: (file: Blob) => void) => done(new Blob([path])),
});
const broken = (path: string) => ({
  isFile: true,
  fullPath: path,
  file: (_: unknown, fail: (error: Error) => void) => fail(new Error("NotReadable")),
});
const folder = (path: string, ...parts: readonly (readonly object[])[]) => ({
  isFile: false,
  fullPath: path,
  createReader: () => {
    const left = [...parts, []];
    return { readEntries: (done: (entries: unknown) => void) => done(left.shift()) };
  },
});
const drop = (...entries: readonly (object | null)[]) =>
  droppedFiles({
    items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })),
  } as unknown as DataTransfer);

test("folders are read completely, also if one of their files cannot be read", async () => {
  const inner = folder("/set/labels", [file("/set/labels/1.png")], [file("/set/labels/2.png")]);
  const { files, problems } = await drop(
    folder("/set", [broken("/set/0.png"), inner], [file("/set/3.png")]),
    null,
    file("/a.png"),
  );
  assert.equal(
    files.map(({ path }) => path),
    ["set/labels/1.png", "set/labels/2.png", "set/3.png", "a.png"],
  );
  assert.equal(problems, ["set/0.png was skipped: cannot be read (NotReadable)."]);
});

test.run();
