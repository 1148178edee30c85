import { test } from "uvu";
import * as assert from "uvu/assert";
import { cachedSource } from "../../src/data/chunk-source.js";
import { openSlide } from "../../src/formats/slide/open-slide.js";
import { writeZip } from "../../src/formats/zip.js";
import { rejectionOf } from "../errors.js";
import { memoryStore, noise, writeZarr, type ZarrImage } from "./zarr-image.js";

const image = (changes: Partial<ZarrImage> = {}): ZarrImage => ({
  version: "0.4",
  axes: "yx",
  shape: [53, 70],
  chunks: [16, 24],
  type: "uint16",
  value: noise,
  ...changes,
});

async function slideOf(given: ZarrImage) {
  const store = memoryStore();
  await writeZarr(store, given);
  return openSlide(store, "a.zarr");
}

test("both versions, any axes, types and chunks give the numbers that were written", async () => {
  const cases: Partial<ZarrImage>[] = [
    {},
    { version: "0.5" },
    { axes: "cyx", shape: [3, 53, 70], chunks: [1, 16, 24], type: "uint8", value: small },
    { axes: "cyx", shape: [3, 53, 70], chunks: [2, 16, 24], version: "0.5" },
    { axes: "tczyx", shape: [2, 3, 4, 20, 33], chunks: [1, 3, 2, 16, 16] },
    { axes: "zyx", shape: [5, 40, 20], chunks: [5, 64, 64], type: "float32", version: "0.5" },
  ];
  for (const changes of cases) {
    const given = image(changes);
    const slide = await slideOf(given);
    const at = (axis: string) => given.axes.indexOf(axis);
    const size = (axis: string) => (at(axis) < 0 ? 1 : given.shape[at(axis)]);
    assert.equal(slide.channelNames.length, size("c"));
    assert.equal([slide.sizeZ, slide.sizeT], [size("z"), size("t")]);
    assert.is(slide.version, given.version);
    const [z, t] = [size("z") - 1, size("t") - 1];
    const channels = size("c") === 3 ? [2, 0] : [0];
    const chunks = await slide.chunks({ channels, z, t });
    assert.equal(
      [chunks.width, chunks.height, chunks.channels],
      [size("x"), size("y"), channels.length],
    );
    const area = { x: 7, y: 5, width: size("x") - 9, height: size("y") - 6 };
    const data = await cachedSource(chunks).read(area);
    const expected = channels.flatMap((c) =>
      Array.from({ length: area.width * area.height }, (_, i) => {
        const places: Record<string, number> = { c, z, t };
        places.x = area.x + (i % area.width);
        places.y = area.y + Math.floor(i / area.width);
        return given.value([...given.axes].map((axis) => places[axis]));
      }),
    );
    assert.equal(Array.from(data), expected);
  }
});

const small = (place: readonly number[]) => noise(place) & 255;

test("levels, pixel size and names of channels are those of the metadata", async () => {
  const given = { axes: "cyx", shape: [2, 64, 80], chunks: [1, 32, 32], levels: 3 } as const;
  const slide = await slideOf(image({ ...given, pixelSize: 0.5, channelNames: ["DAPI", "actin"] }));
  assert.equal(slide.levels, [
    { width: 80, height: 64, factor: 1 },
    { width: 40, height: 32, factor: 2 },
    { width: 20, height: 16, factor: 4 },
  ]);
  assert.equal([slide.pixelSize, slide.channelNames], [{ x: 0.5, y: 0.5 }, ["DAPI", "actin"]]);
  const chunks = await slide.chunks({ level: 2, channels: [1] });
  const data = await cachedSource(chunks).read({ x: 3, y: 2, width: 1, height: 1 });
  assert.is(data[0], noise([1, 8, 12]));
});

test("a chunk that is not stored is empty, and has the fill value", async () => {
  const isStored = ([row, column]: readonly number[]) => row === 1 && column === 0;
  const slide = await slideOf(image({ isStored, fill: 7 }));
  const chunks = await slide.chunks();
  const source = cachedSource(chunks);
  assert.is(await source.isEmpty({ x: 24, y: 0, width: 46, height: 53 }), true);
  assert.is(await source.isEmpty({ x: 23, y: 0, width: 2, height: 17 }), false);
  const row = await source.read({ x: 23, y: 16, width: 3, height: 1 });
  assert.equal(Array.from(row), [noise([16, 23]), 7, 7]);
  assert.is(await chunks.readChunk(2, 0), undefined);
});

test("the chunks of a shard are read by ranges, and those that it lacks are empty", async () => {
  const store = memoryStore();
  await writeZarr(
    store,
    image({ version: "0.5", shape: [32, 32], chunks: [32, 32], value: () => 1 }),
  );
  // A shard of two by two chunks of 16 x 16, of which the last is not stored; its index at the end.
  const codecs = [{ name: "bytes", configuration: { endian: "little" } }];
  const metadata = JSON.parse(new TextDecoder().decode(store.values.get("/s0/zarr.json")));
  const configuration = { chunk_shape: [16, 16], codecs, index_codecs: codecs };
  metadata.codecs = [{ name: "sharding_indexed", configuration }];
  await store.set("/s0/zarr.json", new TextEncoder().encode(JSON.stringify(metadata)));
  const inner = [10, 20, 30].map(
    (value) => new Uint8Array(new Uint16Array(256).fill(value).buffer),
  );
  const index = new BigUint64Array([
    0n,
    512n,
    512n,
    512n,
    1024n,
    512n,
    2n ** 64n - 1n,
    2n ** 64n - 1n,
  ]);
  const shard = new Uint8Array(3 * 512 + index.byteLength);
  for (const [i, bytes] of inner.entries()) shard.set(bytes, i * 512);
  shard.set(new Uint8Array(index.buffer), 3 * 512);
  await store.set("/s0/c/0/0", shard);
  const chunks = await (await openSlide(store, "a.zarr")).chunks();
  assert.equal(chunks.chunk, { width: 16, height: 16 });
  const found = [];
  for (const [column, row] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ]) {
    found.push((await chunks.readChunk(column, row))?.[255]);
  }
  assert.equal(found, [10, 20, 30, undefined]);
});

test("a zip file is a store, also if it holds the store as a folder", async () => {
  const store = memoryStore();
  await writeZarr(store, image());
  for (const folder of ["", "a.zarr/"]) {
    const entries = [...store.values].map(([key, bytes]) => {
      return { path: `${folder}${key.slice(1)}`, bytes };
    });
    const slide = await openSlide(new Blob([writeZip(entries) as BlobPart]), "a.zip");
    const data = await cachedSource(await slide.chunks()).read({
      x: 60,
      y: 50,
      width: 1,
      height: 1,
    });
    assert.is(data[0], noise([50, 60]));
  }
});

test("an array without metadata of OME is an image with the last of the axes", async () => {
  const store = memoryStore();
  await writeZarr(store, image({ axes: "zyx", shape: [2, 20, 30], chunks: [1, 8, 8] }));
  const array = memoryStore();
  for (const [key, value] of store.values) {
    if (key.startsWith("/s0")) await array.set(key.slice(3) as `/${string}`, value);
  }
  const slide = await openSlide(array, "b.zarr");
  assert.equal([slide.version, slide.sizeZ, slide.sizeT], [undefined, 2, 1]);
});

test("errors name the slide and what was expected", async () => {
  assert.match(
    await rejectionOf(openSlide(memoryStore(), "c.zarr")),
    /c\.zarr: it is no Zarr store/,
  );
  const slide = await slideOf(image());
  const said = await rejectionOf(slide.chunks({ channels: [1] }));
  assert.match(said, "a.zarr: there is no channel 1, it has 1, counted from 0");
  assert.match(await rejectionOf(slide.chunks({ level: 1 })), "there is no level 1, it has 1");
  const store = memoryStore();
  await store.set("/.zgroup", new TextEncoder().encode('{"zarr_format": 2}'));
  assert.match(await rejectionOf(openSlide(store, "d.zarr")), "its metadata has no multiscales");
  for (const [attributes, advice] of [
    [{ plate: { wells: [{ path: "B/2" }] } }, "it is a plate, .* such as B/2/0 in it"],
    [{ ome: { well: { images: [{ path: "3" }] } } }, "it is a well, .* such as 3 in it"],
  ] as const) {
    await store.set("/.zattrs", new TextEncoder().encode(JSON.stringify(attributes)));
    assert.match(await rejectionOf(openSlide(store, "d.zarr")), new RegExp(advice));
  }
  await writeZarr(store, image());
  await store.set("/s0/1/0", new Uint8Array(5));
  const damaged = await (await openSlide(store, "d.zarr")).chunks();
  assert.match(await rejectionOf(damaged.readChunk(0, 1)), /d\.zarr, chunk at column 0, row 1: /);
});

test.run();
