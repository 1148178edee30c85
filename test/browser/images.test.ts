import { test } from "uvu";
import * as assert from "uvu/assert";
import { imageFromRaw, labelFromImage } from "../../src/data/labels.js";
import { random, randomInteger } from "../../src/data/random.js";
import { bytesSource } from "../../src/formats/byte-source.js";
import { openImageFile } from "../../src/formats/image-file.js";
import { decodeJpeg } from "../../src/formats/jpeg/index.js";
import { decodePng, encodePng } from "../../src/formats/png/png.js";
import { rejectionOf } from "../errors.js";
import { JPEGS } from "../formats/jpeg/jpeg-fixture.js";
import { type Kind, pngFile } from "../formats/png/png-fixture.js";
import { tiffFile } from "../node/tiff-fixture.js";
import { openPage, type TestPage } from "./page.js";

declare const it: typeof import("./images-page.js");

function noise(count: number, values: number): number[] {
  const next = random(count, values);
  return Array.from({ length: count }, () => randomInteger(next, values));
}

const KINDS: Readonly<Record<string, [Kind, samples: number]>> = {
  "grey of 16 bits": [{ colourType: 0, depth: 16 }, 1],
  "colours of 16 bits, interlaced": [{ colourType: 2, depth: 16, interlaced: true }, 3],
  "grey and alpha": [{ colourType: 4, depth: 8 }, 2],
  "grey of 1 bit": [{ colourType: 0, depth: 1 }, 1],
  "a palette": [{ colourType: 3, depth: 2, palette: noise(12, 256) }, 1],
};
const [WIDTH, HEIGHT] = [37, 21];
const files = Object.fromEntries(
  Object.entries(KINDS).map(([name, [kind, samples]], i) => {
    const data = noise(WIDTH * HEIGHT * samples, 2 ** kind.depth);
    return [`/${i}.png`, { name, bytes: pngFile(WIDTH, HEIGHT, data, kind) }];
  }),
);
const image = { width: 9, height: 7, channels: 1, bitDepth: 16, data: noise(63, 65536) } as const;
const label = { ...image, bitDepth: 8, data: noise(63, 2).map((bit) => 255 * bit) } as const;
const pair = { "/image.png": encodePng(image), "/label.png": encodePng(label) };

const stack = tiffFile([
  { width: 2, height: 1, samples: [7, 8] },
  { width: 2, height: 1, samples: [9, 10] },
]);

let opened: TestPage;
test.before(async () => {
  const served = Object.entries(files).map(([path, { bytes }]) => [path, bytes]);
  const jpegs = Object.values(JPEGS).map(({ base64 }, i) => [
    `/${i}.jpg`,
    Buffer.from(base64, "base64"),
  ]);
  opened = await openPage("./images-page.js", {
    ...Object.fromEntries([...served, ...jpegs]),
    ...pair,
    "/stack.png": stack,
  });
});
test.after(() => opened?.close());

test("a PNG file has the pixels in a page that it has in Node, 16 bits and indices included", async () => {
  for (const [path, { name, bytes }] of Object.entries(files)) {
    const { data, indices, ...sizes } = decodePng(bytes, path);
    const expected = { ...sizes, data: [...data], indices: indices && [...indices] };
    assert.equal(await opened.run((p) => it.readFetched(p), path), expected, name);
  }
});

test("pictures, canvases and frames of a video have the pixels that were drawn", async () => {
  const grey = noise(15, 256).map((value) => [value, value, value]);
  const coloured = grey.map(([value], i) => [value, (value * 7 + i) % 256, 255 - value]);
  for (const [colours, channels] of [
    [grey, 1],
    [coloured, 3],
  ] as const) {
    const { exact, webp } = await opened.run((c) => it.readDrawn(c), colours);
    const planes = [0, 1, 2].slice(0, channels).flatMap((c) => colours.map((of) => of[c]));
    for (const [form, got] of Object.entries(exact)) {
      assert.equal([got.width, got.height, got.channels, got.maximum], [5, 3, channels, 255], form);
      assert.equal(got.data, planes, form);
    }
    assert.equal([webp.width, webp.height], [5, 3]);
  }
});

test("a JPEG file has the pixels in a page that it has in Node, and that the browser draws", async () => {
  for (const [i, [name, { width, height, base64 }]] of Object.entries(JPEGS).entries()) {
    const path = `/${i}.jpg`;
    const expected = await decodeJpeg(Buffer.from(base64, "base64"), path);
    const got = await opened.run((p) => it.readFetched(p), path);
    assert.equal(got, { ...expected, data: [...expected.data], indices: undefined }, name);
    const drawn = await opened.run((p) => it.drawFetched(p), path);
    const [count, channels] = [width * height, expected.channels];
    const byPixel = drawn.map(
      (_, at) => got.data[((at % 3) % channels) * count + Math.floor(at / 3)],
    );
    assert.equal(drawn, byPixel, name);
  }
});

test("a stack that is called .png gives all its pages in a page", async () => {
  assert.equal(await opened.run(() => it.readPages("/stack.png")), {
    format: "tiff",
    remarks: ["/stack.png: it is a TIFF file, and read as such in spite of its name"],
    pages: [
      [7, 8],
      [9, 10],
    ],
  });
  const whole = opened.run(() => it.readFetched("/stack.png"));
  assert.match(
    await rejectionOf(whole),
    "/stack.png: it holds 2 images, expected one: open it with",
  );
});

test("anything that is not an image is an error that names it", async () => {
  assert.equal(await opened.run(() => it.refusals()), [
    'hello.txt: it is a text, not an image (it begins with "hello"): save it as TIFF or PNG (Fiji: File > Save As)',
    await rejectionOf(
      openImageFile(bytesSource(Uint8Array.of(73, 73, 42, 0)), "a.tif", { png: decodePng }),
    ),
    "cut.png: it is not a PNG, TIFF or JPEG image (it begins with the bytes 89 50 4e 47 01): save it as TIFF or PNG (Fiji: File > Save As)",
    "empty picture: its pixels cannot be read: it has 0x0 pixels, expected a loaded picture",
  ]);
});

test("a page writes the bytes that Node writes of 16-bit probabilities", async () => {
  const bytes = await opened.run(([width, height, data]) => it.writePng(width, height, data), [
    image.width,
    image.height,
    image.data,
  ] as const);
  assert.equal(bytes, [...encodePng(image)]);
});

test("image and label of a pair are those of Node", async () => {
  const got = await opened.run(() => it.readPair("/image.png", "/label.png"));
  assert.equal(got.image, [...imageFromRaw(decodePng(pair["/image.png"], "i")).data]);
  const raw = decodePng(pair["/label.png"], "l");
  assert.equal(got.label, [...labelFromImage(raw, "l", { classes: 2 }).label.data]);
  assert.equal(opened.problems, []);
});

test.run();
