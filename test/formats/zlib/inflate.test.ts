import { deflateSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { random } from "../../../src/data/random.js";
import { inflateInto } from "../../../src/formats/zlib/inflate.js";

test("every level and strategy of zlib, and its checksum", () => {
  const next = random(3);
  for (let level = 0; level <= 9; level++) {
    for (let strategy = 0; strategy <= 4; strategy++) {
      const most = [1, 20, 255][strategy % 3];
      const length = 1 + Math.floor(next() * (level === 6 ? 900_000 : 70_000));
      const data = Uint8Array.from({ length }, () => Math.floor(next() * (most + 1)));
      const packed = deflateSync(data, { level, strategy, memLevel: 1 + (level % 9) });
      const out = new Uint8Array(length);
      assert.is(inflateInto(packed, out), length);
      assert.ok(Buffer.from(out).equals(data), `level ${level}, strategy ${strategy}`);
      packed[packed.length - 1] ^= 1;
      assert.throws(() => inflateInto(packed, out), /^compressed data: its checksum is wrong$/);
    }
  }
});

test("it stops when enough is decoded, and reports that there is more", () => {
  const data = Uint8Array.from({ length: 2 ** 26 }, (_, i) => i >> 20);
  const packed = deflateSync(data);
  for (const length of [1, 99, 2 ** 20]) {
    const out = new Uint8Array(length);
    const filled = inflateInto(packed, out);
    assert.ok(filled > length && filled < 2 ** 25, `${filled} bytes for ${length}`);
    assert.equal(out, data.subarray(0, length));
  }
  assert.ok(inflateInto(packed.subarray(0, 900), new Uint8Array(2 ** 26)) < 2 ** 26);
  assert.throws(() => inflateInto(Uint8Array.of(1, 2, 3), new Uint8Array(9)), /not a zlib stream/);
});

test.run();
