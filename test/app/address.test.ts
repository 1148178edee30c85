import { test } from "uvu";
import * as assert from "uvu/assert";
import type { App } from "../../app/src/commands/app.js";
import { createProjects } from "../../app/src/commands/projects.js";
import { followAddress } from "../../app/src/commands/route.js";
import { fileWork } from "../../app/src/files/work.js";
import { addressOf, parseAddress } from "../../app/src/state/address.js";
import { sampleProject } from "../../app/src/state/project.js";
import { createStore } from "../../app/src/state/store.js";
import { createAutosave } from "../../app/src/storage/autosave.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { memoryStorage } from "./memory-storage.js";

const sample = await sampleProject("old-1");
const small = { ...sample, images: sample.images.slice(0, 2) };
const storage = memoryStorage();
let clock = 1;
const keeperOf = () => createAutosave(storage, fileWork, () => clock++);
for (const id of ["old-1", "new-1"]) await keeperOf().save({ ...small, id, name: id });

/** A history like the browser's, whose entries a test can read. */
function historyFrom(first: string) {
  const entries = [first];
  let at = 0;
  let changed = () => {};
  return {
    entries,
    bar: {
      read: () => entries[at],
      push(address: string) {
        entries.splice(++at, entries.length, address);
        changed();
      },
      replace(address: string) {
        entries[at] = address;
      },
      onChange(listener: () => void) {
        changed = listener;
      },
    },
    go(by: number) {
      at += by;
      changed();
    },
  };
}

/** The app as in a page that was loaded at an address. */
async function loaded(address: string) {
  const store = createStore();
  const parts = { draw: syntheticSample, files: fileWork, autosave: keeperOf() };
  const app = { ...store, ...createProjects(store, parts) };
  const history = historyFrom(address);
  await followAddress(app as unknown as App, history.bar);
  const shown = () => {
    const { project, page } = store.state.peek();
    return [project?.id, page];
  };
  /** Waits until the app shows that project and page. */
  const shows = async (id: string | undefined, page: string) => {
    for (let turn = 0; turn < 500 && `${shown()}` !== `${[id, page]}`; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    assert.equal(shown(), [id, page]);
    // Effects of the change, such as the new address.
    await new Promise((resolve) => setTimeout(resolve, 2));
  };
  return { app, history, shown, shows };
}

test("an address names a project and a page, and survives a round trip", () => {
  const all = { project: { ...small, id: "a b&c" }, page: "label" } as const;
  assert.equal(parseAddress(addressOf(all)), { project: "a b&c", page: "label" });
  assert.equal(parseAddress("#home"), { page: "export" });
  assert.equal(parseAddress("#project=x"), { project: "x" });
  assert.equal(parseAddress("#project=%E0%A4%A&nowhere"), { project: "%E0%A4%A" });
  assert.is(addressOf({ page: "start" }), "");
});

test("a reload opens the project of the address; an old address opens the newest project", async () => {
  assert.equal((await loaded("#project=old-1&label")).shown(), ["old-1", "label"]);
  const { shown, history } = await loaded("#images");
  assert.equal([shown(), history.entries], [["new-1", "images"], ["#project=new-1&images"]]);
  assert.equal((await loaded("#start")).shown(), [undefined, "start"]);
  assert.equal((await loaded("")).shown(), [undefined, "start"]);
  // Nothing was trained: pages that are not available yet are not shown.
  assert.equal((await loaded("#project=old-1&segment")).shown(), ["old-1", "images"]);
});

test("the address of a missing project shows a message and the start page", async () => {
  const { app, shown, history } = await loaded("#project=gone-1&label");
  assert.equal([shown(), history.entries], [[undefined, "start"], [""]]);
  assert.match(app.state.peek().notices[0].text, /has no project gone-1/);
  assert.equal(await storage.ids(), ["old-1", "new-1"]);
});

test("the browser's back and forward move through pages and projects", async () => {
  const { app, history, shows } = await loaded("");
  await app.openSaved("old-1");
  await shows("old-1", "images");
  app.dispatch({ type: "go", page: "label" });
  app.dispatch({ type: "go", page: "start" });
  await app.openSaved("new-1");
  await shows("new-1", "images");
  const entries = ["", "#project=old-1&images", "#project=old-1&label", "#project=old-1&start"];
  assert.equal(history.entries, [...entries, "#project=new-1&images"]);
  history.go(-2);
  await shows("old-1", "label");
  history.go(2);
  await shows("new-1", "images");
  history.go(-3);
  await shows("old-1", "images");
  assert.equal(history.entries.length, 5);
  history.go(-1);
  await shows("old-1", "start");
  app.dispatch({ type: "run", status: { kind: "preparing" } });
  history.go(4);
  await shows("old-1", "start");
  assert.match(app.state.peek().notices[0].text, /Training is running/);
});

test.run();
