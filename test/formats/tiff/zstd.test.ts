// ZSTD in TIFF files, by a stream of its own tool.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { openTiff } from "../../../src/formats/tiff/index.js";
import { decodeZstd } from "../../../src/formats/tiff/zstd.js";
import { writeTiff } from "./tiff-writer.js";

/** Made by `zstd -19`: literals by a code of Huffman's, sequences by tables of their own, a checksum. */
const PACKED = Buffer.from(
  [
    "KLUv/QRoPQUAoogUDrDnAWwpbW1T2p4ZBi8BNThVPVQdUHvAqYIdZudlI/1wxBfY3+TCncPq08Sz4JLNOKlig9V7",
    "Gkh7OTKKF8WrF2i6cktg+WvhWCnyMeYKFx2MGz6ooeagqF7lARDYkkIHETRgQRH+PzjxyQdnQ6VDXIcyRTNj1aPI",
    "UIYYuggRyECYLYYc2YxFD5Wh0AcBoX1DuUkGMoQUIQjFA+mLcusqu/pS3tKapFwT",
  ].join(""),
  "base64",
);
const UNPACKED = Uint8Array.from({ length: 2048 }, (_, i) => {
  return 65 + (i % 97 < 60 ? i % 7 : ((i * i) >> 4) & 15);
});

test("fewer bytes are reported, more are cut, damage is an error or other bytes, in no time", () => {
  const out = new Uint8Array(2048);
  assert.is(decodeZstd(PACKED, out), 2048);
  assert.equal(out, UNPACKED);
  const few = new Uint8Array(1100);
  assert.is(decodeZstd(PACKED, few), 1100);
  assert.equal(few, UNPACKED.subarray(0, 1100));
  const start = performance.now();
  for (let at = 0; at < PACKED.length; at++) {
    const changed = Uint8Array.from(PACKED);
    changed[at] ^= 1 << (at & 7);
    try {
      assert.ok(decodeZstd(changed, new Uint8Array(2048)) <= 2048);
    } catch (error) {
      assert.match((error as Error).message, /^compressed data: /);
    }
    try {
      decodeZstd(PACKED.subarray(0, at), new Uint8Array(2048));
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /^compressed data: /);
    }
  }
  assert.ok(performance.now() - start < 2000);
});

test("a TIFF file with ZSTD", async () => {
  const bytes = writeTiff({
    width: PACKED.length,
    height: 1,
    data: [...PACKED],
    tags: {
      259: [3, [50000]],
      256: [3, [64]],
      257: [3, [32]],
      278: [3, [32]],
      279: [4, [PACKED.length]],
    },
  });
  const image = await (await openTiff(bytes, "x.tif")).page(0);
  assert.equal([image.width, image.height], [64, 32]);
  assert.equal(image.data, UNPACKED);
});

test.run();
