import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fileWork } from "../../app/src/files/work.js";
import { emptyProject } from "../../app/src/state/project.js";
import type { Project } from "../../app/src/state/project-types.js";
import { projectFiles } from "../../app/src/storage/project-files.js";
import type { RawImage, Samples } from "../../src/data/image-types.js";
import { createReader } from "../../src/node/image-files.js";
import { readBack } from "./memory-storage.js";

const [WIDTH, HEIGHT] = [5, 3];

/** An image of this type with each of the values at least once. */
function image(numbers: Samples, channels: number, maximum: number): RawImage {
  const data = numbers.slice(0, 0).constructor as new (count: number) => Samples;
  const all = new data(channels * WIDTH * HEIGHT);
  for (let i = 0; i < all.length; i++) all[i] = numbers[i % numbers.length];
  return { width: WIDTH, height: HEIGHT, channels, maximum, data: all };
}

/** Types of values, with their extremes and the number of bits in use. */
const KINDS: readonly [name: string, numbers: Samples, maximum: number][] = [
  ["8 bits", Uint8Array.of(0, 1, 200, 255), 255],
  ["16 bits", Uint16Array.of(0, 1, 256, 65535), 65535],
  ["32 bits", Uint32Array.of(0, 1, 70000, 2 ** 32 - 1), 2 ** 32 - 1],
  ["signed 8 bits", Int8Array.of(-128, -1, 0, 127), 127],
  ["signed 16 bits", Int16Array.of(-32768, -1, 0, 32767), 32767],
  ["signed 32 bits", Int32Array.of(-(2 ** 31), -1, 0, 2 ** 31 - 1), 2 ** 31 - 1],
  ["floats", Float32Array.of(-1e30, -0.1, -0, NaN, 1e-40, Infinity, Math.fround(0.1)), 1],
  ["1 bit", Uint8Array.of(0, 1, 1), 1],
  ["4 bits", Uint8Array.of(0, 7, 15), 15],
  ["12 bits", Uint16Array.of(0, 2730, 4095), 4095],
];

const bytesOf = ({ data }: RawImage) => [
  ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
];

function expectSame(got: RawImage, expected: RawImage, what: string): void {
  const { data: _, ...size } = expected;
  const { data: __, ...gotSize } = got;
  assert.equal(gotSize, size, what);
  assert.is(got.data.constructor, expected.data.constructor, what);
  assert.equal(bytesOf(got), bytesOf(expected), what);
}

/** A project with an image of each kind, in 1 to 5 channels. */
function everyKind(channels: number): Project {
  const images = KINDS.map(([name, numbers, maximum]) => {
    return { name, raw: image(numbers, channels, maximum), role: "training" as const };
  });
  return { ...emptyProject("kinds", "kinds"), images };
}

test("images of every type, in any number of channels, are read back to the bit", async () => {
  for (const channels of [1, 2, 3, 4, 5]) {
    const project = everyKind(channels);
    const again = await readBack(project);
    const paths = new Set(projectFiles(project, fileWork).map(({ path }) => path));
    const zip = (await fileWork.packProject(project)) as Uint8Array<ArrayBuffer>;
    const { project: unzipped } = await fileWork.openProject(new Blob([zip]), "kinds.zip");
    for (const [i, { name, raw }] of project.images.entries()) {
      const what = `${name}, ${channels} channels`;
      expectSame(again.images[i].raw, raw, what);
      expectSame(unzipped.images[i].raw, raw, `${what}, from a zip file`);
      const isPng = (channels === 1 || channels === 3) && (name === "8 bits" || name === "16 bits");
      assert.ok(paths.has(`unlabelled/${name}.${isPng ? "png" : "tif"}`), what);
    }
  }
});

test("the command line reads the same values from the files of a project", async () => {
  const folder = await mkdtemp(join(tmpdir(), "micrograph-kinds-"));
  try {
    for (const channels of [1, 2, 3, 4]) {
      const project = everyKind(channels);
      for (const { path, bytes } of projectFiles(project, fileWork)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), await bytes());
      }
      for (const { name, raw } of project.images) {
        const isPng = channels % 2 === 1 && (name === "8 bits" || name === "16 bits");
        const file = join(folder, "unlabelled", `${name}.${isPng ? "png" : "tif"}`);
        const read = await createReader()({ image: file });
        expectSame(read, raw, `${name}, ${channels} channels`);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("images that PNG cannot hold are compressed in the zip file", async () => {
  const raw = { ...image(Float32Array.of(0.5), 2, 1), width: 200, height: 200 };
  const flat = { ...raw, data: new Float32Array(2 * 200 * 200).fill(0.5) };
  const project = {
    ...emptyProject("p", "p"),
    images: [{ name: "a", raw: flat, role: "training" as const }],
  };
  const zip = await fileWork.packProject(project);
  assert.ok(zip.length < flat.data.byteLength / 20, `${zip.length} bytes`);
  assert.ok(unzipSync(zip)["unlabelled/a.tif"].length > flat.data.byteLength);
});

test.run();
