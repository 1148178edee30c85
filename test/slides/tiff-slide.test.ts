import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cachedSource } from "../../src/data/chunk-source.js";
import type { ByteSource } from "../../src/formats/byte-source.js";
import { openSlide } from "../../src/formats/slide/open-slide.js";
import { isSlide } from "../../src/node/slide-file.js";
import { writeTiledTiff } from "../../src/node/tiled-tiff.js";
import { rejectionOf } from "../errors.js";
import { type WrittenPage, writeTiff } from "../formats/tiff/tiff-writer.js";
import { memoryStore, noise, writeZarr } from "./zarr-image.js";

const [width, height] = [150, 90];

const page = (changes: Partial<WrittenPage> = {}): WrittenPage => {
  const { width: w = width, height: h = height, samples = 1, bits = 16 } = changes;
  const data = Array.from({ length: w * h * samples }, (_, i) => noise([i]) % 2 ** bits);
  return { width: w, height: h, data, bits, tile: [32, 16], ...changes };
};

/** A source that notes the bytes that were read. */
function noting(
  bytes: Uint8Array,
): ByteSource & { read(a: number, b: number): Promise<Uint8Array>; total: number } {
  const source = {
    size: bytes.length,
    total: 0,
    async read(start: number, end: number) {
      source.total += Math.min(end, bytes.length) - start;
      return bytes.subarray(start, end);
    },
  };
  return source;
}

const area = { x: 33, y: 11, width: 90, height: 60 };

async function checkPage(bytes: Uint8Array, written: WrittenPage, plane = {}) {
  const slide = await openSlide(noting(bytes), "a.tif");
  const source = cachedSource(await slide.chunks(plane));
  const samples = written.samples ?? 1;
  const data = await source.read(area);
  const expected = Array.from({ length: samples * area.width * area.height }, (_, i) => {
    const [x, rest] = [area.x + (i % area.width), Math.floor(i / area.width)];
    const [y, sample] = [area.y + (rest % area.height), Math.floor(rest / area.height)];
    return written.data[(y * written.width + x) * samples + sample];
  });
  assert.equal(Array.from(data), expected);
  return slide;
}

test("tiles and strips of every compression give the pixels of an area", async () => {
  const kinds: Partial<WrittenPage>[] = [
    {},
    { compression: "lzw", predictor: 2 },
    { compression: "deflate", samples: 3, bits: 8, photometric: 2 },
    { planar: true, samples: 3, bits: 8, photometric: 2 },
    { tile: undefined, rowsPerStrip: 7, compression: "deflate" },
    { tile: undefined, rowsPerStrip: 300 },
    { tile: undefined, rowsPerStrip: 1 },
  ];
  for (const kind of kinds) {
    for (const big of [false, true]) {
      const written = page(kind);
      const slide = await checkPage(writeTiff(written, { big, bigEndian: big }), written);
      assert.is(slide.channelNames.length, kind.samples ?? 1);
    }
  }
});

test("only the directory and the tiles of an area are read", async () => {
  const [w, h] = [512, 512];
  const bytes = writeTiff(page({ width: w, height: h, tile: [64, 64] }));
  const source = noting(bytes);
  const chunks = await (await openSlide(source, "a.tif")).chunks();
  source.total = 0;
  await cachedSource(chunks).read({ x: 70, y: 70, width: 20, height: 20 });
  // A tile of 64 x 64 pixels of 16 bits, in pages of 8 KiB.
  assert.ok(source.total > 0 && source.total <= 4 * 8192);
});

test("rows of one large uncompressed strip are read by ranges", async () => {
  const written = page({ width: 100, height: 1000, tile: undefined, rowsPerStrip: 1000 });
  const source = noting(writeTiff(written));
  const chunks = await (await openSlide(source, "a.tif")).chunks();
  assert.equal(chunks.chunk, { width: 100, height: 256 });
  source.total = 0;
  const data = await cachedSource(chunks).read({ x: 3, y: 700, width: 1, height: 1 });
  assert.is(data[0], written.data[700 * 100 + 3]);
  assert.ok(source.total <= 256 * 200 + 8192);
});

test("smaller copies are levels: in sub-directories and as pages", async () => {
  const half = page({ width: 75, height: 45 });
  const quarter = page({ width: 38, height: 23 });
  const inside = writeTiff(page({ subIfds: [half, quarter] }));
  const after = writeTiff([page(), { ...half, tags: { 254: [4, [1]] } }, quarter]);
  for (const bytes of [inside, after]) {
    const slide = await openSlide(noting(bytes), "a.tif");
    assert.equal(
      slide.levels.map((level) => [level.width, level.height, level.factor]),
      [
        [150, 90, 1],
        [75, 45, 2],
        [38, 23, 4],
      ],
    );
    const source = cachedSource(await slide.chunks({ level: 1 }));
    const data = await source.read({ x: 40, y: 30, width: 1, height: 1 });
    assert.is(data[0], half.data[30 * 75 + 40]);
  }
});

test("channels, slices and times are those of the OME-XML", async () => {
  const [C, Z, T] = [2, 3, 2];
  const pages = Array.from({ length: C * Z * T }, (_, i) =>
    page({ data: new Array(width * height).fill(i) }),
  );
  const pixels = `<Pixels DimensionOrder="XYCZT" SizeX="${width}" SizeY="${height}" SizeC="${C}" SizeZ="${Z}" SizeT="${T}" PhysicalSizeX="0.25" PhysicalSizeY="0.25"><TiffData/></Pixels>`;
  const description = `<?xml version="1.0"?><OME><Image>${pixels}</Image></OME>`;
  pages[0] = { ...pages[0], description };
  const slide = await openSlide(noting(writeTiff(pages)), "a.ome.tif");
  assert.equal([slide.sizeZ, slide.sizeT, slide.channelNames.length], [Z, T, C]);
  assert.equal(slide.pixelSize, { x: 0.25, y: 0.25 });
  const chunks = await slide.chunks({ z: 2, t: 1, channels: [1, 0] });
  const data = await cachedSource(chunks).read({ x: 9, y: 9, width: 1, height: 1 });
  assert.equal(Array.from(data), [1 + C * (2 + Z), C * (2 + Z)]);
});

test("tiles that are not stored are empty; 0 is black also where the file says white", async () => {
  const sparse = await openSlide(noting(writeTiff(page({ sparse: [0, 6] }))), "a.tif");
  const chunks = await sparse.chunks();
  assert.is(await chunks.readChunk(0, 0), undefined);
  assert.is(await cachedSource(chunks).isEmpty({ x: 32, y: 16, width: 32, height: 16 }), true);
  const white = page({ photometric: 0, bits: 8 });
  const inverted = await openSlide(noting(writeTiff(white)), "a.tif");
  const data = await cachedSource(await inverted.chunks()).read({
    x: 5,
    y: 4,
    width: 1,
    height: 1,
  });
  assert.is(data[0], 255 - white.data[4 * width + 5]);
});

test("a small file of more pixels than are decoded at once is a slide, others are images", async () => {
  const folder = await mkdtemp(join(tmpdir(), "micrograph-tiff-"));
  try {
    for (const [width, expected] of [
      [2048, false],
      [300_000, true],
    ] as const) {
      const [height, chunk] = [1024, { width: 1024, height: 1024 }];
      const type = new Uint8Array(0);
      const readChunk = async () => undefined;
      const size = { width, height, channels: 1, maximum: 255, fill: 0, chunk, type };
      const path = join(folder, `${width}.tif`);
      await writeTiledTiff(path, [{ ...size, readChunk }], 1024);
      assert.is(await isSlide(path), expected);
      assert.is(await isSlide(path, true), true);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("files that cannot be read by parts are refused with advice", async () => {
  const open = (bytes: Uint8Array) => rejectionOf(openSlide(noting(bytes), "a.tif"));
  assert.match(
    await open(writeTiff(page({ tags: { 274: [3, [6]] } }))),
    "a.tif: its tag Orientation is 6",
  );
  assert.match(await open(new TextEncoder().encode("no slide at all, but text")), "it is no slide");
});

test("slides of a server are read by ranges: stores, zip files and TIFF files", async () => {
  const store = memoryStore();
  await writeZarr(store, {
    version: "0.5",
    axes: "yx",
    shape: [60, 60],
    chunks: [16, 16],
    type: "uint16",
    value: noise,
    isStored: ([row]) => row > 0,
  });
  const tiff = page();
  const files = new Map([
    ["/a.tif", writeTiff(tiff)],
    ["/norange.tif", writeTiff(tiff)],
  ]);
  for (const [key, value] of store.values) files.set(`/s.ome.zarr${key}`, value);
  const server = createServer(({ url = "", headers, method }, response) => {
    const bytes = files.get(url);
    const [, start, end] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? "") ?? [];
    if (bytes === undefined) response.writeHead(404).end();
    else if (start === undefined || url.includes("norange"))
      response.writeHead(200).end(method === "HEAD" ? "" : bytes);
    else {
      const part = bytes.subarray(Number(start), Number(end) + 1);
      const range = `bytes ${start}-${Number(start) + part.length - 1}/${bytes.length}`;
      response.writeHead(206, { "content-range": range }).end(part);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const slide = await openSlide(`${base}/s.ome.zarr`);
    assert.is(slide.name, "s.ome.zarr");
    const source = cachedSource(await slide.chunks());
    assert.is((await source.read({ x: 20, y: 30, width: 1, height: 1 }))[0], noise([30, 20]));
    assert.is(await source.isEmpty({ x: 0, y: 0, width: 60, height: 16 }), true);
    const other = cachedSource(await (await openSlide(`${base}/a.tif`)).chunks());
    const [value] = await other.read({ x: 20, y: 30, width: 1, height: 1 });
    assert.is(value, tiff.data[30 * width + 20]);
    assert.match(await rejectionOf(openSlide(`${base}/b.tif`)), "b.tif: the server answered 404");
    assert.match(
      await rejectionOf(openSlide(`${base}/norange.tif`)),
      "its server does not serve ranges of a file",
    );
  } finally {
    server.close();
  }
});

test.run();
