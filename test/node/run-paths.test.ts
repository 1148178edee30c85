import { posix, win32 } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findPath, storePath } from "../../src/node/run-paths.js";

/** Returned if nothing else exists. */
const find = (
  folder: string,
  stored: { path: string; absolute?: string },
  rules: typeof posix,
  ...existing: string[]
) => findPath(folder, stored, { rules, exists: (place) => existing.includes(place) });

test("a path is kept relative to the run folder, with forward slashes on every system", () => {
  assert.equal(storePath("/home/me/runs/a", "/home/me/em/images", posix), {
    path: "../../em/images",
    absolute: "/home/me/em/images",
  });
  assert.equal(storePath("C:\\me\\runs\\a", "c:\\Me\\em\\images", win32), {
    path: "../../em/images",
    absolute: "c:\\Me\\em\\images",
  });
  assert.is(storePath("/data/run", "/data/run", posix).path, ".");
  assert.is(storePath("/runs/a", "/data/x\\y", posix).path, "../../data/x\\y", "a name of Linux");
});

test("on another drive or server a path is kept absolute", () => {
  for (const place of ["D:\\em\\images", "\\\\server\\share\\em"]) {
    assert.equal(storePath("C:\\runs\\a", place, win32), { path: place, absolute: place });
    assert.is(find("C:\\runs\\a", { path: place }, win32, place), place);
  }
});

test("a run that is moved with its data finds them, from Windows on Linux and back too", () => {
  const stored = { path: "../../em/images", absolute: "C:\\me\\em\\images" };
  assert.is(find("/srv/runs/a", stored, posix, "/srv/em/images"), "/srv/em/images");
  assert.is(find("E:\\x\\runs\\a", stored, win32, "E:\\x\\em\\images"), "E:\\x\\em\\images");
});

test("a run that is moved without its data finds them at their old place", () => {
  const stored = { path: "../../em", absolute: "/data/em" };
  assert.is(find("/other/place/runs/a", stored, posix, "/data/em"), "/data/em");
  assert.is(
    find("/x/runs/a", stored, posix, "/data/em", "/x/em"),
    "/x/em",
    "the relative one first",
  );
  assert.is(find("/x/runs/a", stored, posix), "/x/em", "if neither exists");
});

test("an older run's absolute path stays what it is, on another system too", () => {
  assert.is(find("/runs/a", { path: "/data/em" }, posix), "/data/em");
  assert.is(find("/runs/a", { path: "C:\\data\\em" }, posix), "C:\\data\\em");
  assert.is(find("/runs/a", { path: "\\\\server\\share\\em" }, posix), "\\\\server\\share\\em");
});

test.run();
