import { createHash } from "node:crypto";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createJpegDecoder, decodeJpeg, isJpeg } from "../../../src/formats/jpeg/index.js";
import { rejectionOf } from "../../errors.js";
import { JPEGS } from "./jpeg-fixture.js";

const bytesOf = (name: string) => Buffer.from(JPEGS[name].base64, "base64");
const digestOf = (data: Uint8Array) => createHash("sha256").update(data).digest("hex").slice(0, 16);

/** A copy with other bytes at the place of a header's marker, SOF0. */
function withHeader(change: (header: Buffer) => void): Buffer {
  const bytes = bytesOf("colours, 4:2:0");
  // Marker, length, bits a sample, rows, columns, components, and of each number, factors, table.
  change(bytes.subarray(bytes.indexOf(Buffer.from([0xff, 0xc0]))));
  return bytes;
}

function assertSentence(message: string, name: string): void {
  assert.ok(message.startsWith(`${name}: it`) && !message.includes("\n"), message);
}

test("every kind of JPEG file gives the values that libjpeg-turbo gives, upright", async () => {
  for (const [name, { width, height, channels, digest }] of Object.entries(JPEGS)) {
    const image = await decodeJpeg(bytesOf(name), "a.jpg");
    const { data } = image;
    assert.equal([image.width, image.height], [width, height], name);
    assert.equal([image.channels, image.maximum], [channels, 255], name);
    assert.is(digestOf(data as Uint8Array), digest, name);
  }
});

test("each orientation of EXIF turns the stored pixels according to its number", async () => {
  const stored = bytesOf("turned by EXIF");
  const place = stored.indexOf(Buffer.from([0, 6, 0, 0]), stored.indexOf("Exif"));
  const little = stored.includes("II*\0") ? 1 : 0;
  const at = little ? stored.indexOf(Buffer.from([6, 0, 0, 0]), stored.indexOf("Exif")) : place + 1;
  const read = async (orientation: number) => {
    const bytes = Buffer.from(stored);
    bytes[at] = orientation;
    return decodeJpeg(bytes, "a.jpg");
  };
  const plain = await read(1);
  const [w, h] = [plain.width, plain.height];
  /** For each orientation, the stored pixel that is shown at x, y. */
  const sources: Readonly<Record<number, (x: number, y: number) => [x: number, y: number]>> = {
    2: (x, y) => [w - 1 - x, y],
    3: (x, y) => [w - 1 - x, h - 1 - y],
    4: (x, y) => [x, h - 1 - y],
    5: (x, y) => [y, x],
    6: (x, y) => [y, h - 1 - x],
    7: (x, y) => [w - 1 - y, h - 1 - x],
    8: (x, y) => [w - 1 - y, x],
  };
  for (const [orientation, source] of Object.entries(sources)) {
    const shown = await read(Number(orientation));
    const expected = Array.from({ length: w * h }, (_, i) => {
      const [x, y] = source(i % shown.width, Math.floor(i / shown.width));
      return plain.data[y * w + x];
    });
    assert.equal([...shown.data], expected, orientation);
  }
});

test("a decoder of blocks gives interleaved samples, of as many blocks as it is asked", async () => {
  const decode = createJpegDecoder();
  const image = await decodeJpeg(bytesOf("colours, 4:4:4"), "a.jpg");
  for (let block = 0; block < 3; block++) {
    const pixels = await decode(bytesOf("colours, 4:4:4"));
    assert.equal([pixels.width, pixels.height, pixels.components], [19, 13, 3]);
    const count = 19 * 13;
    const planes = [0, 1, 2].flatMap((c) =>
      Array.from({ length: count }, (_, i) => pixels.data[3 * i + c]),
    );
    assert.equal(planes, [...image.data]);
    const message = await rejectionOf(decode(bytesOf("grey").subarray(0, 150)));
    assert.match(message, /^it ends early, after 150 bytes/);
  }
});

test("a file that is cut anywhere is refused in one sentence", async () => {
  for (const name of ["grey", "progressive, 4:2:0", "with restart markers"]) {
    const bytes = bytesOf(name);
    for (let length = 3; length < bytes.length; length += 7) {
      const cut = bytes.subarray(0, length);
      assertSentence(await rejectionOf(decodeJpeg(cut, "x/a.jpg")), "x/a.jpg");
    }
  }
});

test("pixels that are missing within a file that has an end are refused, not made grey", async () => {
  const bytes = bytesOf("colours, 4:2:0");
  const gap = Buffer.concat([bytes.subarray(0, -20), bytes.subarray(-2)]);
  const message = await rejectionOf(decodeJpeg(gap, "a.jpg"));
  assert.match(message, /^a\.jpg: it is a damaged JPEG image/);
});

test("bytes after the image count for nothing", async () => {
  const bytes = Buffer.concat([bytesOf("grey"), Buffer.from("a second image of a phone")]);
  assert.is(digestOf((await decodeJpeg(bytes, "a")).data as Uint8Array), JPEGS.grey.digest);
});

test("what is no JPEG image of 8 bits in grey or RGB is refused with the reason", async () => {
  const cases: [Buffer, RegExp][] = [
    [
      withHeader((header) => header.writeUInt8(12, 4)),
      /12 bits per sample, expected 8: save it as/,
    ],
    [withHeader((header) => header.writeUInt8(0xc3, 1)), /not supported \(lossless\): save it as/],
    [withHeader((header) => header.writeUInt8(0xc9, 1)), /not supported \(arithmetic/],
    [withHeader((header) => header.writeUInt8(4, 9)), /a damaged JPEG image \(a short header\)/],
    [withHeader((header) => header.writeUInt8(2, 9)), /of 2 channels, expected 1 \(grey\) or 3/],
    [withHeader((header) => header.writeUInt16BE(0, 5)), /says 19x0 pixels, expected 1 to/],
    [
      withHeader((header) => header.writeUInt8(0x42, 14)),
      /whose first channel is the coarser one: save/,
    ],
    [Buffer.from("hello"), /^a\.jpg: it is not a JPEG image/],
  ];
  for (const [bytes, expected] of cases) {
    assert.match(await rejectionOf(decodeJpeg(bytes, "a.jpg")), expected);
  }
  const cmyk = withHeader((header) => {
    header.writeUInt16BE(20, 2);
    header.writeUInt8(4, 9);
  });
  assert.match(await rejectionOf(decodeJpeg(cmyk, "a.jpg")), /4 channels \(CMYK, colours of ink\)/);
});

test("a small file that claims many pixels is refused before anything is held", async () => {
  for (const side of [4000, 16384, 65500]) {
    const claims = withHeader((header) => {
      header.writeUInt16BE(side, 5);
      header.writeUInt16BE(side, 7);
    });
    const before = process.memoryUsage().rss;
    const message = await rejectionOf(decodeJpeg(claims, "a.jpg"));
    assert.match(message, /^a\.jpg: it(s header says 65500x65500 pixels| ends early, after \d+)/);
    assert.ok(process.memoryUsage().rss - before < 64e6);
  }
});

test("a file of more scans than anyone writes is refused", async () => {
  const bytes = bytesOf("progressive, 4:2:0");
  const scan = Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 1, 5, 0]);
  const many = Buffer.concat([bytes.subarray(0, -2), ...Array(200).fill(scan), bytes.subarray(-2)]);
  assert.match(
    await rejectionOf(decodeJpeg(many, "a.jpg")),
    /damaged JPEG image \(over 100 scans\)/,
  );
});

test("a JPEG file is recognised by its first bytes", () => {
  assert.ok(isJpeg(bytesOf("grey")));
  assert.not(isJpeg(Buffer.from([0xff, 0xd8])));
});

test.run();
