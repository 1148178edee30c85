// The size of a pixel: from a file to the project, its storage and its zip file.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileWork } from "../../app/src/files/work.js";
import { importFiles } from "../../app/src/images/import.js";
import { commonPixelSize, pixelSizeOf } from "../../app/src/state/pixel-size.js";
import { emptyProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { INITIAL, reduce } from "../../app/src/state/reducer.js";
import { projectFiles } from "../../app/src/storage/project-files.js";
import { readProject } from "../../app/src/storage/read-project.js";
import type { PixelSize } from "../../src/data/image-types.js";
import { encodePng } from "../../src/formats/png/png.js";
import { encodeTiff } from "../../src/formats/tiff/index.js";
import { memoryFolder, readBack } from "./memory-storage.js";

const SIZE = { width: 4, height: 3 };
const SQUARE = { x: 0.325, y: 0.325 };
const WIDE = { x: 0.5, y: 0.25 };

function file(path: string, channels = 1, pixelSize?: PixelSize, seed = 1) {
  const data = Uint8Array.from({ length: 12 * channels }, (_, i) => i + seed);
  const bytes = path.endsWith(".png")
    ? encodePng({ ...SIZE, channels: channels === 1 ? 1 : 3, bitDepth: 8, data })
    : encodeTiff({ ...SIZE, channels, maximum: 255, data, pixelSize });
  return { path, file: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
}

const sizes = ({ images }: Project) => images.map(({ pixelSize }) => pixelSize);
const imported = async (...files: ReturnType<typeof file>[]) =>
  (await importFiles(emptyProject("p", "p"), files, fileWork)).project;

test("images bring the size of their pixels, also those that are converted or joined", async () => {
  const grey = await imported(file("a.tif", 1, WIDE), file("b.png"), file("c.tif", 3, SQUARE));
  assert.equal(sizes(grey), [WIDE, undefined, SQUARE]);
  const joined = await imported(
    file("imagesTr/d_0000.tif"),
    file("imagesTr/d_0001.tif", 1, SQUARE, 7),
    file("labelsTr/d.png"),
  );
  assert.equal([joined.images.length, joined.images[0].raw.channels], [1, 2]);
  assert.equal(sizes(joined), [SQUARE]);
});

test("sizes come back from the storage and from a zip file, and other images have none", async () => {
  const project = { ...(await imported(file("a.tif", 1, WIDE), file("b.png"))), pixelSize: SQUARE };
  const zip = (await fileWork.packProject(project)) as Uint8Array<ArrayBuffer>;
  const unzipped = (await fileWork.openProject(new Blob([zip]), "p.zip")).project;
  for (const again of [await readBack(project), unzipped]) {
    assert.equal([again.pixelSize, ...sizes(again)], [SQUARE, WIDE, undefined]);
  }
  const { pixelSize: _, ...none } = project;
  assert.is("pixelSize" in (await readBack(none)), false);
});

test("a stored size that is none is left out", async () => {
  const project = await imported(file("a.tif", 1, WIDE));
  for (const pixelSize of [{ x: 0, y: 1 }, { x: 1 }, { x: "1", y: 1 }, 3, null]) {
    const files: Record<string, Uint8Array> = {};
    for (const { path, bytes } of projectFiles(project, fileWork)) files[path] = await bytes();
    const json = JSON.parse(new TextDecoder().decode(files["project.json"]));
    const images = json.images.map((image: object) => ({ ...image, pixelSize }));
    const changed = JSON.stringify({ ...json, images, pixelSize });
    files["project.json"] = new TextEncoder().encode(changed);
    const { project: again } = await readProject(memoryFolder(files), fileWork);
    assert.equal([again.pixelSize, ...sizes(again)], [undefined, undefined]);
  }
});

test("what the user enters holds for all images, until it is cleared", async () => {
  const project = await imported(file("a.tif", 1, WIDE), file("b.png"));
  const opened = reduce(INITIAL, { type: "open", project, page: "images" });
  const now = (state: typeof opened) => {
    const { project } = state as { project: Project };
    return [commonPixelSize(project), ...project.images.map((one) => pixelSizeOf(project, one))];
  };
  assert.equal(now(opened), [undefined, WIDE, undefined]);
  const entered = reduce(opened, { type: "pixel-size", size: SQUARE });
  assert.equal(now(entered), [SQUARE, SQUARE, SQUARE]);
  const cleared = reduce(entered, { type: "pixel-size", size: undefined });
  assert.equal(cleared.project, project);
});

test.run();
