// What the app's page of a slide is made of: which squares, in which order, and what they show.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { fitted, zoomed } from "../../app/src/canvas/viewport.js";
import { storeFolder } from "../../app/src/slides/file-store.js";
import { slideAmong } from "../../app/src/slides/find-slide.js";
import { SIDE } from "../../app/src/slides/messages.js";
import {
  areaInView,
  levelOfPixels,
  levelOfView,
  squaresInView,
} from "../../app/src/slides/seen-squares.js";
import { createSlideWork } from "../../app/src/slides/slide-work.js";
import { createSquareQueue } from "../../app/src/slides/square-queue.js";
import { createPredictor } from "../../src/index.js";
import { decodeSafetensors } from "../../src/train/checkpoint-file.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";
import { memoryStore, noise, writeZarr } from "../slides/zarr-image.js";
import { brightNetwork } from "./bright-network.js";

const LEVELS = [1, 2, 4, 8].map((factor) => ({
  width: 8000 / factor,
  height: 4000 / factor,
  factor,
}));
const FRAME = { width: 1000, height: 600 };

test("a view reads the level that has a pixel for each of the screen, and the squares in view, the middle first", () => {
  const whole = fitted(LEVELS[0], FRAME);
  assert.is(levelOfView(LEVELS, whole, 1), 3);
  assert.is(levelOfView(LEVELS, whole, 2), 2);
  assert.is(squaresInView(LEVELS[3], whole, FRAME).length, 2);
  const near = { scale: 1, left: -2000, top: -1000 };
  assert.is(levelOfView(LEVELS, near, 1), 0);
  assert.equal(areaInView(LEVELS[1], near, FRAME), { x: 1000, y: 500, width: 500, height: 300 });
  const columns = Math.ceil(8000 / SIDE);
  const squares = squaresInView(LEVELS[0], near, FRAME);
  assert.equal(
    [...squares].sort((a, b) => a - b),
    [1, 2, 3].flatMap((row) => [3, 4, 5].map((column) => row * columns + column)),
  );
  assert.is(squares[0], 2 * columns + 4);
});

test("a slide of 200,000 pixels fits the frame, and zooming returns to it", () => {
  const slide = { width: 200_000, height: 100_000 };
  const whole = fitted(slide, FRAME);
  assert.ok(whole.scale * slide.width <= FRAME.width);
  let view = whole;
  for (const factor of [100, 100, 0.1, 0.01, 0.01, 0.01])
    view = zoomed(view, factor, { x: 3, y: 5 });
  assert.is(view.scale, whole.scale);
});

test("the level is that of the pixels that the network knows", () => {
  assert.is(levelOfPixels(LEVELS, 0.25, 1.1), 2);
  assert.is(levelOfPixels(LEVELS, 0.25, 0.2), 0);
  assert.is(levelOfPixels(LEVELS, undefined, 1), 0);
});

test("a folder of OME-Zarr, and files that are too large for a project, are slides", () => {
  const file = new Blob(["x"]);
  const paths = [
    "up/a.ome.zarr/s0/.zarray",
    "up/a.ome.zarr/.zattrs",
    "up/a.ome.zarr/.zgroup",
    "up/b.txt",
  ];
  const files = paths.map((path) => ({ path, file }));
  assert.is(storeFolder(files), "up/a.ome.zarr/");
  const found = slideAmong(files);
  assert.ok(found && "files" in found);
  assert.equal([found.name, found.files.length], ["a.ome.zarr", 3]);
  assert.is(slideAmong([{ path: "a.tif", file }]), undefined);
  const large = { size: 2 ** 28 + 1 } as Blob;
  assert.equal(slideAmong([{ path: "a.tif", file: large }]), { file: large, name: "a.tif" });
  assert.equal(slideAmong([{ path: "a.svs", file }]), { file, name: "a.svs" });
  assert.is(slideAmong([{ path: "a.zip", file: large }]), undefined);
});

/** A queue whose loads end when the test says so. */
function queueOf(most: number, parallel = 2) {
  const loads = new Map<
    string,
    { resolve(value: string): void; reject(error: Error): void; signal: AbortSignal }
  >();
  const begun: string[] = [];
  const failed: unknown[] = [];
  const queue = createSquareQueue<string>({
    load: (key, signal) => {
      begun.push(key);
      return new Promise((resolve, reject) => loads.set(key, { resolve, reject, signal }));
    },
    most,
    parallel,
    onLoaded: () => {},
    onFailed: (error) => failed.push(error),
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  const end = async (key: string) => {
    loads.get(key)?.resolve(key);
    await settled();
  };
  const fail = async (key: string) => {
    loads.get(key)?.reject(new Error(key));
    await settled();
  };
  return { queue, loads, begun, failed, end, fail };
}

test("squares load in the order of the newest view; those of an earlier one are cancelled", async () => {
  const { queue, loads, begun, end } = queueOf(10);
  queue.want(["a", "b", "c", "d"]);
  assert.equal(begun, ["a", "b"]);
  await end("a");
  assert.equal(begun, ["a", "b", "c"]);
  queue.want(["d", "c", "e"]);
  assert.ok(loads.get("b")?.signal.aborted && !loads.get("c")?.signal.aborted);
  assert.equal(begun, ["a", "b", "c", "d"]);
  await end("b");
  assert.is(queue.get("b"), undefined);
  await end("d");
  await end("c");
  await end("e");
  assert.equal(queue.progress(), { done: 3, total: 3 });
  queue.want(["a"]);
  assert.equal(queue.progress(), { done: 1, total: 1 });
  assert.is(begun.length, 5);
});

test("at most so many squares are kept, those of the newest views", async () => {
  const { queue, end } = queueOf(3);
  for (const key of ["a", "b", "c", "a", "d"]) {
    queue.want([key]);
    await end(key);
  }
  assert.equal(
    [...queue.kept()].map(([key]) => key),
    ["c", "a", "d"],
  );
  queue.want(["p", "q", "r", "s"]);
  for (const key of ["p", "q", "r", "s"]) await end(key);
  // All that a view wants stay.
  assert.equal(
    [...queue.kept()].map(([key]) => key),
    ["p", "q", "r", "s"],
  );
});

test("a square that cannot be loaded is tried three times, and does not stop the others", async () => {
  const { queue, begun, failed, end, fail } = queueOf(10, 1);
  queue.want(["a", "b"]);
  await fail("a");
  await end("b");
  assert.equal([begun, failed.length], [["a", "b"], 1]);
  for (let view = 0; view < 4; view++) {
    queue.want(["a", "b"]);
    await fail("a");
  }
  assert.equal([begun, failed.length], [["a", "b", "a", "a"], 3]);
  assert.equal(queue.progress(), { done: 2, total: 2 });
});

const [WIDTH, HEIGHT] = [1300, 700];
const grey = (y: number, x: number) =>
  (noise([y >> 4, x >> 4]) & 1 ? 230 : 40) + (noise([y, x]) % 9);

async function exampleFolder() {
  const store = memoryStore();
  await writeZarr(store, {
    version: "0.4",
    axes: "yx",
    shape: [HEIGHT, WIDTH],
    chunks: [256, 256],
    type: "uint8",
    levels: 2,
    pixelSize: 0.5,
    value: ([y, x]) => grey(y, x),
  });
  return [...store.values].map(([key, bytes]) => {
    return { path: `a.ome.zarr${key}`, file: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
  });
}

test("a folder is opened, drawn and segmented square by square, as the whole slide is", async () => {
  const device = await testDevice();
  const work = createSlideWork(async () => device);
  const facts = await work.open({ files: await exampleFolder(), name: "a.ome.zarr" });
  assert.equal(facts.pixelSize, { x: 0.5, y: 0.5 });
  assert.equal(
    facts.levels.map(({ width }) => width),
    [1300, 650],
  );
  const plane = { channels: [0], z: 0, t: 0 };
  const drawn = await work.draw({ plane, level: 0, index: 5 }, [0, 1]);
  assert.equal([drawn.width, drawn.height], [1300 - 1024, 700 - 512]);
  const [dark, bright] = [0, 1].map((wanted) => {
    const seen = Array.from({ length: 60 }, (_, i) => i * 4).filter(
      (x) => Number(grey(512, 1024 + x) > 128) === wanted,
    );
    return drawn.pixels[4 * seen[0]];
  });
  assert.ok(dark < 30 && bright > 220, `${dark}, ${bright}`);

  const checkpoint = await brightNetwork();
  assert.equal(await work.prepare("bright", checkpoint), { channels: 1 });
  using predictor = await createPredictor(device, decodeSafetensors(checkpoint, "bright"));
  const data = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
    grey(Math.floor(i / WIDTH), i % WIDTH),
  );
  const image = { width: WIDTH, height: HEIGHT, channels: 1, maximum: 255, data };
  const { probabilities } = await predictor.predict(image, "a");
  for (const index of [1, 5]) {
    const square = await work.predict({ plane, level: 0, index }, {});
    const [left, top] = [(index % 3) * SIDE, Math.floor(index / 3) * SIDE];
    const { width, height } = square;
    const expected = square.probabilities.map((_, i) => {
      const [c, row] = [Math.floor(i / (width * height)), Math.floor(i / width) % height];
      return probabilities[(c * HEIGHT + top + row) * WIDTH + left + (i % width)];
    });
    // Tiles of another size add up in another order.
    const worst = square.probabilities.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - expected[i])),
      0,
    );
    assert.ok(worst < 1e-6, `square ${index} differs by ${worst}`);
  }
  const two = rejectionOf(
    work.predict({ plane: { ...plane, channels: [0, 0] }, level: 0, index: 0 }, {}),
  );
  assert.match(await two, /a\.ome\.zarr has 1 channels, the network reads 1: choose as many/);
  const error = await rejectionOf(work.open({ file: new Blob(["no slide"]), name: "x.tif" }));
  assert.match(error, /x\.tif: it is no slide/);
});

test.run();
