import { test } from "uvu";
import * as assert from "uvu/assert";
import { bytesSource } from "../../src/formats/byte-source.js";
import { openImageFile } from "../../src/formats/image-file.js";
import * as page from "../../src/formats/png/png.js";
import * as node from "../../src/node/png-files.js";
import { rejectionOf } from "../errors.js";
import { tiffFile } from "../node/tiff-fixture.js";
import { JPEGS } from "./jpeg/jpeg-fixture.js";
import { chunk, pixelsOf, pngFile, withPixels } from "./png/png-fixture.js";

const open = (bytes: Uint8Array, name: string, options?: { signal?: AbortSignal }) =>
  openImageFile(bytesSource(bytes), name, { png: node.decodePng }, options);

const png = page.encodePng({ width: 2, height: 1, channels: 1, bitDepth: 8, data: [3, 250] });
const jpeg = Buffer.from(JPEGS.grey.base64, "base64");
const FIRST = { width: 2, height: 1, samples: [7, 8] };
const stack = tiffFile([FIRST, { ...FIRST, samples: [9, 10] }]);

test("the content decides what a file is, with a message if the name says otherwise", async () => {
  for (const [bytes, format, wrong, right, words] of [
    [png, "png", "a.tif", "a.PNG", "a PNG image"],
    [stack, "tiff", "x/stack.png", "x/stack.ome.tif", "a TIFF file"],
    [jpeg, "jpeg", "a.b.png", "a.JPG", "a JPEG image"],
  ] as const) {
    const told = await open(bytes, wrong);
    assert.is(told.format, format);
    assert.equal(told.remarks, [`${wrong}: it is ${words}, and read as such in spite of its name`]);
    assert.equal((await open(bytes, right)).remarks, []);
    // The ends of names that microscopes give are no formats of their own.
    assert.equal((await open(bytes, "a.lsm")).remarks, []);
    assert.equal((await open(bytes, "a")).remarks, []);
  }
});

test("a stack that is called .png gives all its pages", async () => {
  const { pageCount, page } = await open(stack, "a.png");
  assert.is(pageCount, 2);
  assert.equal([...(await page(0)).data], [7, 8]);
  assert.equal([...(await page(1)).data], [9, 10]);
});

test("a file of one image has no second page", async () => {
  for (const bytes of [png, jpeg]) {
    const { pageCount, page } = await open(bytes, "a.png");
    assert.is(pageCount, 1);
    assert.is(await rejectionOf(page(1)), "a.png, page 1: it has 1 page, counted from 0");
  }
});

/** Bytes at a place, after zeros. */
const at = (place: number, text: string) =>
  Buffer.concat([Buffer.alloc(place), Buffer.from(text, "latin1"), Buffer.alloc(400)]);

test("for a file that is not a supported image the error says what it seems to be, and what to do", async () => {
  const save = "save it as TIFF or PNG \\(Fiji: File > Save As\\)";
  const cases: [Uint8Array, string][] = [
    [at(0, "GIF89a"), `a GIF image, which is not supported: ${save}`],
    [at(0, "BM\x46\x01\0\0\0\0\0\0\x36"), `a BMP image, which is not supported: ${save}`],
    [at(0, "RIFF\x24\0\0\0WEBPVP8 "), `a WebP image, which is not supported: ${save}`],
    [at(0, "8BPS\0\x01"), `a Photoshop file \\(PSD\\), which is not supported: ${save}`],
    [at(0, "ZISRAWFILE"), `a file of a Zeiss microscope \\(CZI\\), .*: ${save}`],
    [at(0, "\xda\xce\xbe\x0a"), `a file of a Nikon microscope \\(ND2\\), .*: ${save}`],
    [at(0, "\x70\0\0\0\x20\0\0\0\x2a"), `a file of a Leica microscope \\(LIF\\), .*: ${save}`],
    [at(0, "\x89HDF\r\n\x1a\n"), `an HDF5 file .*: ${save}`],
    [at(344, "n+1\0"), `a NIfTI volume, .*: ${save}`],
    [at(128, "DICM"), `a DICOM image, .*: ${save}`],
    [at(0, "PK\x03\x04"), "a zip archive, which is not supported: unpack it first"],
    [at(0, "\x1f\x8b\x08"), "a gzip archive .*: unpack it first"],
    [at(0, "%PDF-1.7"), `a PDF file, which is not supported: ${save}`],
    [Buffer.from('<?xml version="1.0"?>\n<svg>'), `an SVG drawing, which has no pixels: ${save}`],
    [Buffer.from("<!DOCTYPE html><html>"), `a web page \\(HTML\\), not an image: ${save}`],
    [
      Buffer.from("x,y\n1,2\n"),
      `a text, not an image \\(it begins with "x,y\\\\n1,2\\\\n"\\): ${save}`,
    ],
    [
      Buffer.from("version https://git-lfs.github.com/spec/v1\n"),
      "what Git stores .*git lfs pull.*",
    ],
    [Buffer.alloc(3000), "it has only zeros where an image begins: copy or save it again"],
    [Buffer.from([1, 2, 3, 200]), `not a PNG, TIFF or JPEG image \\(.*01 02 03 c8\\): ${save}`],
    [Buffer.alloc(0), "it is empty, expected an image: copy or save it again"],
  ];
  for (const [bytes, expected] of cases) {
    const message = await rejectionOf(open(bytes, "dir/a.png"));
    const sentence = expected.startsWith("it ") ? expected : `it is ${expected}`;
    assert.match(message, new RegExp(`^dir/a\\.png: ${sentence}$`));
    assert.not.match(message, "\n");
  }
});

test("for an animation the still picture is read, with a message", async () => {
  const file = pngFile(2, 1, [3, 4], { colourType: 0, depth: 8 });
  const frames = chunk("acTL", Buffer.from([0, 0, 0, 5, 0, 0, 0, 0]));
  const bytes = withPixels(file, [frames, chunk("IDAT", pixelsOf(file))]);
  const { remarks, page } = await open(bytes, "a.png");
  assert.equal(remarks, [
    "a.png: it is an animation of 5 pictures (APNG), of which the still one is read",
  ]);
  assert.equal([...(await page(0)).data], [3, 4]);
});

test("a signal ends the opening, and the decoding of a page", async () => {
  const stop = new AbortController();
  const { page } = await open(png, "a.png", { signal: stop.signal });
  stop.abort(new Error("stopped by a person"));
  assert.is(await rejectionOf(page(0)), "stopped by a person");
  const again = open(png, "a.png", { signal: stop.signal });
  assert.is(await rejectionOf(again), "stopped by a person");
});

test("only what is asked for is read", async () => {
  const asked: number[] = [];
  const counted = {
    size: png.length,
    read: async (start: number, end: number) => {
      asked.push(Math.min(end, png.length) - start);
      return png.subarray(start, end);
    },
  };
  await openImageFile(counted, "a.png", { png: node.decodePng });
  assert.ok(asked.reduce((sum, bytes) => sum + bytes, 0) <= 64, asked.join(" "));
});

test.run();
