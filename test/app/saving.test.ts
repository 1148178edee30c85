import { test } from "uvu";
import * as assert from "uvu/assert";
import { keepSaving } from "../../app/src/commands/saving.js";
import { sampleProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { createStore } from "../../app/src/state/store.js";

const sample = await sampleProject("sample-1");

/** Saves that end when `finish` is called, as on a busy disk. */
function slowSaving() {
  const store = createStore();
  const begun: string[] = [];
  const waiting: (() => void)[] = [];
  const autosave = {
    save(project: Project) {
      begun.push(`${project.id} ${project.name}`);
      return new Promise<void>((resolve) => waiting.push(resolve));
    },
    persist: async () => true,
  };
  const saving = keepSaving(store, autosave, () => {});
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  const finish = async () => {
    waiting.shift()?.();
    await turn();
  };
  const rename = async (name: string) => {
    store.dispatch({ type: "rename", name });
    void saving.settled();
    await turn();
  };
  return { store, saving, begun, finish, rename, turn };
}

test("changes during a slow save are written once, by the newest state", async () => {
  const { store, begun, finish, rename } = slowSaving();
  store.dispatch({ type: "open", project: sample, page: "images" });
  for (const name of ["a", "b", "c", "d"]) await rename(name);
  assert.equal(begun, ["sample-1 a"]);
  await finish();
  assert.equal(begun, ["sample-1 a", "sample-1 d"]);
  await finish();
  assert.is(begun.length, 2);
  assert.is(store.state.peek().saving, "saved");
});

test("the former project is written too when another is opened during a save", async () => {
  const { store, begun, finish, rename } = slowSaving();
  store.dispatch({ type: "open", project: sample, page: "images" });
  for (const name of ["a", "b"]) await rename(name);
  store.dispatch({ type: "open", project: { ...sample, id: "other" }, page: "images" });
  await rename("c");
  await finish();
  await finish();
  assert.equal(begun, ["sample-1 a", "sample-1 b", "other c"]);
});

test("a project that is deleted during a save is not written again", async () => {
  const { store, saving, begun, finish, rename } = slowSaving();
  store.dispatch({ type: "open", project: sample, page: "images" });
  for (const name of ["a", "b"]) await rename(name);
  saving.drop();
  store.dispatch({ type: "close" });
  await finish();
  assert.equal(begun, ["sample-1 a"]);
});

test.run();
