// Opens a project that the app of version 0.1.0 stored, or that was downloaded from it
// (test/fixtures/README.md).

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileWork } from "../../app/src/files/work.js";
import type { Project } from "../../app/src/state/project-types.js";
import { createAutosave } from "../../app/src/storage/autosave.js";
import { decodeSafetensors } from "../../src/train/checkpoint-file.js";
import { memoryStorage } from "./memory-storage.js";

const fixtures = fileURLToPath(new URL("../../../test/fixtures/0.1.0/", import.meta.url));
const bytesOf = (path: string) => new Uint8Array(readFileSync(`${fixtures}${path}`));

async function expectProject({ name, classes, settings, images, training }: Project) {
  assert.is(name, "cells");
  assert.equal(
    classes.map((one) => [one.name, one.colour]),
    [
      ["background", "#000000"],
      ["cell", "#ffffff"],
      ["nucleus", "#ff8000"],
    ],
  );
  assert.equal([settings.steps, settings.tile, settings.augmentation.elastic], [77, 52, "grid"]);
  assert.equal(
    images.map((image) => [image.name, image.role, image.label !== undefined]),
    [
      ["a", "training", true],
      ["b", "training", false],
      ["c", "validation", true],
    ],
  );
  for (const { name, raw, label } of images) {
    const picture = await fileWork.decode(bytesOf(`em/images/${name}.png`), name);
    assert.equal(raw.data, picture.data);
    const expected = await fileWork.decode(bytesOf(`em/labels/${name}.png`), name);
    if (label) assert.equal([...label.data], [...expected.data]);
  }
  assert.equal([training.best?.step, training.last?.step, training.losses.length], [6, 6, 2]);
  const whole = decodeSafetensors(bytesOf("whole.safetensors"), "whole");
  const last = decodeSafetensors(training.last?.bytes ?? new Uint8Array(), "last");
  for (const [tensor, { data }] of whole.tensors) {
    assert.equal(last.tensors.get(tensor)?.data, data, tensor);
  }
}

test("a project that the first version stored in the browser is opened", async () => {
  const storage = memoryStorage();
  const folder = await storage.folder("cells-1");
  for (const entry of readdirSync(`${fixtures}project`, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = `${entry.parentPath}/${entry.name}`.slice(`${fixtures}project/`.length);
    await folder.write(path, bytesOf(`project/${path}`));
  }
  const { project } = await createAutosave(storage, fileWork).load("cells-1");
  await expectProject(project);
});

test("a project that somebody downloaded from the first version is opened", async () => {
  const zip = new Blob([bytesOf("project.zip") as Uint8Array<ArrayBuffer>]);
  await expectProject((await fileWork.openProject(zip, "project.zip")).project);
});

test.run();
