import { test } from "uvu";
import * as assert from "uvu/assert";
import { createProjects } from "../../app/src/commands/projects.js";
import { fileWork } from "../../app/src/files/work.js";
import { sampleProject } from "../../app/src/state/project.js";
import { createStore } from "../../app/src/state/store.js";
import { createAutosave } from "../../app/src/storage/autosave.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { memoryLocks, memoryStorage } from "./memory-storage.js";

const whole = await sampleProject("sample-1");
const project = { ...whole, images: whole.images.slice(0, 4) };
const other = { ...project, id: "other-1", name: "Other" };
const [first, second] = project.images.map(({ name }) => name);

/** Tabs with one storage that has both projects. */
async function openTabs(count: number) {
  const storage = memoryStorage();
  for (const one of [project, other]) await createAutosave(storage, fileWork).save(one);
  storage.written.length = 0;
  const tabs = memoryLocks(count).map((locks) => {
    const store = createStore();
    const autosave = createAutosave(storage, fileWork);
    let ended = 0;
    const endRun = async () => void ended++;
    const parts = { draw: syntheticSample, files: fileWork, autosave, tabs: { locks, endRun } };
    const projects = createProjects(store, parts);
    const remove = (name: string) => store.dispatch({ type: "remove-image", name });
    return { ...store, ...projects, remove, now: () => store.state.peek(), ended: () => ended };
  });
  const images = async (id = project.id) => {
    const read = await createAutosave(storage, fileWork).load(id);
    assert.equal(read.missing, []);
    return read.project.images.map(({ name }) => name);
  };
  return { tabs, storage, images };
}

test("a second tab can only read a project", async () => {
  const { tabs, storage } = await openTabs(2);
  const [one, two] = tabs;
  await one.openSaved(project.id);
  await two.openSaved(project.id);
  assert.equal([one.now().access, two.now().access], ["write", "read"]);
  const before = two.now().project;
  two.remove(first);
  two.dispatch({ type: "settings", changes: { steps: 7 } });
  two.dispatch({ type: "role", name: second, role: "validation" });
  assert.is(two.now().project, before);
  await two.addFiles([{ path: "a.png", file: new Blob() }]);
  assert.match(two.now().notices[0].text, /Sample is open in another tab: choose/);
  await two.deleteSaved(project.id);
  assert.match(
    two.now().notices[1].text,
    /This project is open in another tab: close it there first/,
  );
  assert.equal([storage.written, storage.removed], [[], []]);
  two.dispatch({ type: "view", changes: { image: second } });
  assert.is(two.now().view.image, second);
});

test("a tab whose project is taken over ends its run, saves, and only reads from then on", async () => {
  const { tabs, images } = await openTabs(2);
  const [one, two] = tabs;
  await one.openSaved(project.id);
  await two.openSaved(project.id, "label");
  one.remove(first);
  await two.takeOver();
  assert.equal([one.now().access, two.now().access], ["read", "write"]);
  assert.is(one.ended(), 1);
  assert.is(two.now().page, "label");
  assert.not(two.now().project?.images.some(({ name }) => name === first));
  one.remove(second);
  two.remove(second);
  assert.ok(one.now().project?.images.some(({ name }) => name === second));
  await one.takeOver();
  assert.equal([one.now().access, two.now().access], ["write", "read"]);
  assert.is(one.now().project?.images.length, 2);
  assert.equal((await images()).length, 2);
});

test("a tab that cannot save keeps the project", async () => {
  const { tabs, storage } = await openTabs(2);
  const [one, two] = tabs;
  await one.openSaved(project.id);
  await two.openSaved(project.id);
  one.remove(first);
  storage.onChange = () => {
    throw new Error("the disk is full");
  };
  const taken = two.takeOver();
  const said = () => one.now().notices.find(({ topic }) => topic === "saving")?.text;
  while (!said()) await new Promise((resolve) => setTimeout(resolve));
  assert.match(said() ?? "", /Sample could not be saved .*: the disk is full/);
  assert.equal([one.now().access, two.now().access], ["write", "asked"]);
  storage.onChange = () => {};
  // To open another project it saves this one first.
  await one.openSaved(other.id);
  await taken;
  assert.equal([two.now().access, two.now().project?.images.length], ["write", 3]);
});

test("different projects can be changed in different tabs at the same time", async () => {
  const { tabs, images } = await openTabs(2);
  const [one, two] = tabs;
  await one.openSaved(project.id);
  await two.openSaved(other.id);
  one.remove(first);
  two.remove(second);
  // Each opens the other's project: changes are written first, and the locks move with the projects.
  await one.openSaved(other.id);
  assert.is(one.now().access, "read");
  await two.openSaved(project.id);
  assert.is(two.now().access, "write");
  assert.not((await images()).includes(first));
  assert.not((await images(other.id)).includes(second));
});

test.run();
