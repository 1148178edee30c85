// What is wrong with a store or its server is told with the file or the status, what was expected and what to do.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import Blosc from "numcodecs/blosc";
import LZ4 from "numcodecs/lz4";
import Zstd from "numcodecs/zstd";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodeOf } from "../../src/cli/exit-codes.js";
import { openSlide } from "../../src/formats/slide/open-slide.js";
import { writeZip } from "../../src/formats/zip.js";
import { rejectionOf } from "../errors.js";
import { memoryStore, noise, writeZarr, type ZarrImage } from "./zarr-image.js";

const image = { axes: "yx", shape: [32, 48], chunks: [16, 16], type: "uint16" } as const;
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

async function storeOf(version: ZarrImage["version"]) {
  const store = memoryStore();
  await writeZarr(store, { ...image, version, value: noise });
  return store;
}

test("metadata that cannot be read is refused when the slide is opened, with its file", async () => {
  const cases: ["0.4" | "0.5", `/${string}`, object | string, RegExp][] = [
    ["0.4", "/.zattrs", "{oops", /^a: \.zattrs: it is no JSON .*: copy the slide again$/],
    ["0.4", "/s0/.zarray", "[1]", /s0\/\.zarray: it is \[1\], expected an object of JSON/],
    ["0.4", "/s0/.zarray", { zarr_format: 7 }, /zarr_format is 7, expected 2/],
    ["0.4", "/s0/.zarray", { shape: [0, 9] }, /shape is \[0,9\], expected whole numbers from 1 to/],
    ["0.4", "/s0/.zarray", { shape: [2 ** 40, 9] }, /shape is \[1099511627776,9\], expected/],
    ["0.4", "/s0/.zarray", { chunks: [8] }, /chunks is \[8\], .* as in shape, \[32,48\]/],
    ["0.4", "/s0/.zarray", { chunks: [2 ** 20, 2 ** 20] }, /write it with smaller chunks/],
    ["0.4", "/s0/.zarray", { dtype: "<c8" }, /dtype is "<c8", expected whole numbers or floats/],
    [
      "0.4",
      "/s0/.zarray",
      { dtype: "<i8" },
      /its numbers are of type int64, expected one of uint8/,
    ],
    [
      "0.4",
      "/s0/.zarray",
      { compressor: { id: "jxl" } },
      /its codec is "jxl", expected one of blosc/,
    ],
    ["0.4", "/s0/.zarray", { filters: [{ id: "x" }] }, /its codec is "x"/],
    ["0.5", "/s0/zarr.json", { codecs: [{ name: "jxl" }] }, /s0\/zarr\.json: its codec is "jxl"/],
    ["0.5", "/s0/zarr.json", { chunk_grid: { name: "odd" } }, /chunk_grid is "odd", expected/],
    ["0.5", "/s0/zarr.json", { data_type: "complex64" }, /data_type is "complex64", expected/],
    ["0.5", "/s0/zarr.json", { node_type: "tree" }, /node_type is "tree", expected "array"/],
    ["0.5", "/s0/zarr.json", { node_type: "group" }, /an array at s0, where there is a group/],
  ];
  for (const [version, key, change, expected] of cases) {
    const store = await storeOf(version);
    const before = JSON.parse(new TextDecoder().decode(store.values.get(key)));
    const text = typeof change === "string" ? new TextEncoder().encode(change) : undefined;
    await store.set(key, text ?? encode({ ...before, ...(change as object) }));
    assert.match(await rejectionOf(openSlide(store, "a")), expected);
  }
  const store = await storeOf("0.4");
  store.values.delete("/s0/.zarray");
  const said = await rejectionOf(openSlide(store, "a"));
  assert.match(said, "an array at s0, where there is neither zarr.json nor .zarray");
});

test("a chunk that was cut off is an error, whatever compressed it", async () => {
  const pixels = Uint16Array.from({ length: 256 }, (_, i) => noise([i]));
  const bytes = new Uint8Array(pixels.buffer);
  const blosc = { id: "blosc", cname: "lz4", clevel: 5, shuffle: 1, blocksize: 0 } as const;
  const compressed: [object | null, Uint8Array][] = [
    [null, bytes],
    [blosc, await Blosc.fromConfig(blosc).encode(bytes)],
    [{ id: "zstd", level: 1 }, await Zstd.fromConfig({ level: 1 }).encode(bytes)],
    [{ id: "lz4", acceleration: 1 }, await LZ4.fromConfig({ acceleration: 1 }).encode(bytes)],
    [{ id: "gzip", level: 1 }, new Uint8Array(gzipSync(bytes))],
  ];
  for (const [compressor, whole] of compressed) {
    const store = await storeOf("0.4");
    const before = JSON.parse(new TextDecoder().decode(store.values.get("/s0/.zarray")));
    await store.set("/s0/.zarray", encode({ ...before, compressor }));
    await store.set("/s0/0/1", whole);
    const chunks = await (await openSlide(store, "a")).chunks();
    assert.equal(await chunks.readChunk(1, 0), pixels, JSON.stringify(compressor));
    for (const length of [0, 7, whole.length >> 1, whole.length - 1]) {
      await store.set("/s0/0/1", whole.slice(0, length));
      const said = await rejectionOf(chunks.readChunk(1, 0));
      const what = `${JSON.stringify(compressor)}, ${length} bytes: ${said}`;
      assert.match(said, /^a, chunk at column 1, row 0: /, what);
    }
  }
});

test("a zip file that was cut off is named", async () => {
  const store = await storeOf("0.4");
  const zip = writeZip([...store.values].map(([key, bytes]) => ({ path: key.slice(1), bytes })));
  const cut = new Blob([zip.slice(0, -30) as BlobPart]);
  assert.match(await rejectionOf(openSlide(cut, "a.zip")), /^a\.zip: it is a damaged zip file/);
});

/** Runs a server for `work`, which gets its address. */
async function served(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  work: (address: string) => Promise<void>,
): Promise<void> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  try {
    await new Promise((done) => server.once("listening", done));
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("a server that is busy is asked three times, and then the same command may succeed later", async () => {
  const store = await storeOf("0.5");
  let [asked, busy] = [0, 0];
  await served(
    ({ url = "" }, response) => {
      const key = url.slice(2);
      const isChunk = key.startsWith("/s0/c/");
      if (isChunk) asked++;
      if (isChunk && asked <= busy) response.writeHead(503).end();
      else {
        const bytes = store.values.get(key);
        response.writeHead(bytes ? 200 : 404).end(bytes);
      }
    },
    async (address) => {
      const chunks = await (await openSlide(`${address}/a`)).chunks();
      busy = 1;
      assert.is((await chunks.readChunk(0, 0))?.[5], noise([0, 5]));
      assert.is(asked, 2);
      [asked, busy] = [0, 9];
      const error = await chunks.readChunk(0, 1).catch((one: unknown) => one);
      assert.is(asked, 3);
      const said =
        /^a, chunk at column 0, row 1: the server answered 503 .* three times: try again/;
      assert.match((error as Error).message, said);
      assert.is(exitCodeOf(error), 75);
    },
  );
});

test("what a server refuses is told with its status, and is no reason to try again", async () => {
  const statuses: [number, RegExp][] = [
    [403, /a: the server answered 403 Forbidden: it must be readable without a login/],
    [401, /a: the server answered 401 Unauthorized: it must be readable without a login/],
    [410, /a: the server answered 410 Gone, expected 200 or 206/],
    [404, /a: it is no Zarr store/],
  ];
  for (const [status, expected] of statuses) {
    let asked = 0;
    const answer = (_: IncomingMessage, response: ServerResponse) => {
      asked++;
      response.writeHead(status).end();
    };
    await served(answer, async (address) => {
      const error = await openSlide(`${address}/a`).catch((one: unknown) => one);
      assert.match((error as Error).message, expected);
      assert.is(exitCodeOf(error), 1);
      assert.ok(asked <= 3, `${status}: asked ${asked} times`);
      if (status === 404) return;
      const file = await rejectionOf(openSlide(`${address}/a.tif`));
      assert.match(file, `a.tif: the server answered ${status}`);
    });
  }
});

test.run();
