import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Colour, IGNORED, type RawImage } from "../../src/data/image-types.js";
import { paletteColours } from "../../src/data/label-colours.js";
import { labelFromImage } from "../../src/data/labels.js";

const BLACK: Colour = [0, 0, 0];
const WHITE: Colour = [255, 255, 255];
const RED: Colour = [212, 68, 47];
const MAGENTA: Colour = [255, 0, 255];
const CLASSES = [BLACK, WHITE, RED];

/** A picture of two rows of those colours. */
function rgb(pixels: readonly Colour[], more: Partial<RawImage> = {}): RawImage {
  const data = Uint8Array.from([0, 1, 2].flatMap((i) => pixels.map((colour) => colour[i])));
  return { width: pixels.length / 2, height: 2, channels: 3, maximum: 255, data, ...more };
}

const grey = (values: number[], more: Partial<RawImage> = {}): RawImage => ({
  ...{ width: values.length, height: 1, channels: 1, maximum: 255 },
  ...{ data: Uint8Array.from(values), ...more },
});

function read(raw: RawImage, colours: readonly Colour[] = CLASSES, ignore?: number | Colour) {
  const options = { classes: colours.length, ignore, colours };
  const { label, convention } = labelFromImage(raw, "a.png", options);
  return [convention, ...label.data];
}

test("an RGB picture in the class colours gives their classes", () => {
  assert.equal(read(rgb([BLACK, RED, WHITE, WHITE])), ["colours", 0, 2, 1, 1]);
  // Only black and white, and classes in another order than their greys.
  assert.equal(read(rgb([BLACK, WHITE]), [RED, WHITE, BLACK]), ["colours", 2, 1]);
  const data = Uint16Array.from([0, 0xd4d4, 0, 0x4444, 0, 0x2f2f]);
  assert.equal(read({ ...rgb([BLACK, RED]), maximum: 65535, data }), ["colours", 0, 2]);
});

test("a colour that is no class's is named with file, pixel and count", () => {
  const odd: Colour = [255, 0, 0];
  assert.throws(
    () => read(rgb([BLACK, WHITE, RED, BLACK, BLACK, odd, odd, WHITE])),
    "label a.png: the pixel at x 1, y 1 has the colour #ff0000 (2 pixels in all), expected a class " +
      "colour: #000000, #ffffff, #d4442f; if it marks pixels without a label, name it as ignored " +
      '(--ignore "#ff0000")',
  );
  assert.throws(() => read(rgb([odd, [1, 2, 3]])), /x 0, y 0 .* and there are 1 more such colours/);
  const data = Uint16Array.from([1, 0, 0, 0, 0, 0]);
  const deep = { ...rgb([BLACK, BLACK]), maximum: 65535, data };
  assert.throws(() => read(deep), /the colour \(1, 0, 0 of 65535\)/);
});

test("grey of the ignored value has no class", () => {
  const pixels = [RED, [128, 128, 128], WHITE, BLACK] as const;
  assert.equal(read(rgb(pixels), CLASSES, 128), ["colours", 2, IGNORED, 1, 0]);
});

test("an ignored colour has no class, in a picture of 8 or of 16 bits", () => {
  const pixels = [RED, MAGENTA, WHITE, BLACK] as const;
  assert.equal(read(rgb(pixels), CLASSES, MAGENTA), ["colours", 2, IGNORED, 1, 0]);
  const data = Uint16Array.from([0, 0xffff, 0, 0, 0, 0xffff]);
  const deep = { ...rgb([BLACK, BLACK]), maximum: 65535, data };
  assert.equal(read(deep, CLASSES, MAGENTA), ["colours", 0, IGNORED]);
  assert.throws(
    () => read(rgb([MAGENTA, [1, 2, 3]]), CLASSES, MAGENTA),
    /colour #010203 .* expected a class colour: .* \(and #ff00ff, ignored\)/,
  );
});

test("an ignored colour or grey that is a class's is refused", () => {
  assert.throws(
    () => read(rgb([BLACK, BLACK]), CLASSES, RED),
    "label a.png: the ignored colour #d4442f is that of class 2, expected one of no class",
  );
  assert.throws(
    () => read(rgb([BLACK, WHITE]), CLASSES, 255),
    "label a.png: grey of the ignored value 255 is #ffffff, the colour of class 1: expected " +
      "another value or another class colour",
  );
  // No pixel is both ignored and white, and an index is not a grey value.
  assert.equal(read(rgb([BLACK, RED]), CLASSES, 255), ["colours", 0, 2]);
  const indices = Uint8Array.from([1, 255]);
  assert.equal(read(rgb([WHITE, BLACK], { indices }), [BLACK, WHITE], 255), ["index", 1, IGNORED]);
});

test("without class colours an ignored colour can occur among black and white, indices, a palette", () => {
  const plain = (raw: RawImage, classes: number, ignore: Colour) => {
    const { label, convention } = labelFromImage(raw, "a.png", { classes, ignore });
    return [convention, ...label.data];
  };
  const blue: Colour = [0, 0, 255];
  assert.equal(plain(rgb([BLACK, blue, WHITE, blue]), 2, blue), ["0/255", 0, IGNORED, 1, IGNORED]);
  const two: Colour = [2, 2, 2];
  assert.equal(plain(rgb([BLACK, blue, two, blue]), 3, blue), ["index", 0, IGNORED, 2, IGNORED]);
  const indices = Uint8Array.from([0, 1, 2, 3]);
  const palette = rgb([RED, WHITE, BLACK, MAGENTA], { indices });
  assert.equal(plain(palette, 3, MAGENTA), ["index", 0, 1, 2, IGNORED]);
  // Whatever the order of the palette, black and white are read by their appearance.
  const swapped = rgb([WHITE, BLACK, MAGENTA, BLACK], { indices: Uint8Array.from([0, 1, 2, 1]) });
  assert.equal(plain(swapped, 2, MAGENTA), ["0/255", 1, 0, IGNORED, 0]);
  assert.equal(plain(grey([0, 128, 255]), 2, [128, 128, 128]), ["0/255", 0, IGNORED, 1]);
  assert.equal(plain(grey([0, 1, 255]), 2, WHITE), ["index", 0, 1, IGNORED]);
});

test("a class index whose colour is the ignored one is refused", () => {
  const indices = Uint8Array.from([0, 1, 2, 3]);
  const palette = rgb([BLACK, MAGENTA, WHITE, RED], { indices });
  const options = { classes: 4, ignore: MAGENTA };
  assert.throws(
    () => labelFromImage(palette, "a.png", options),
    "label a.png: pixels of the value 1, which is a class, have the ignored colour #ff00ff: " +
      "expected a colour of no class, or the value as the ignored one (--ignore 1)",
  );
  const { label } = labelFromImage(palette, "a.png", { ...options, ignore: 1 });
  assert.equal([...label.data], [0, IGNORED, 2, 3]);
  assert.throws(
    () => labelFromImage(grey([0, 255]), "a.png", { classes: 2, ignore: BLACK }),
    /the value 0, which is a class, have the ignored colour #000000/,
  );
});

test("a grey file is in the class colours if those are all grey, else it has indices", () => {
  const greys: Colour[] = [BLACK, [128, 128, 128], WHITE];
  assert.equal(read(grey([0, 128, 255]), greys), ["colours", 0, 1, 2]);
  assert.equal(read(grey([0, 1, 2]), greys), ["index", 0, 1, 2]);
  assert.equal(read(grey([0, 2, 1])), ["index", 0, 2, 1]);
  assert.equal(read(grey([0, 255, 255]), [WHITE, BLACK]), ["colours", 1, 0, 0]);
  assert.equal(read(grey([0, 255, 255]), [BLACK, RED]), ["0/255", 0, 1, 1]);
});

test("a palette's index is the class whatever its colours, but not another class's colour", () => {
  const indices = Uint8Array.from([1, 2, 0, 0]);
  const pixels: Colour[] = [[9, 9, 0], RED, BLACK, BLACK];
  assert.equal(read(rgb(pixels, { indices })), ["index", 1, 2, 0, 0]);
  const swapped = rgb([RED, WHITE, BLACK, BLACK], { indices });
  assert.throws(
    () => read(swapped),
    /a\.png: its palette has #d4442f at index 1, but that is the colour of class 2/,
  );
});

test("a palette gives the colours of the indices that occur; a grey one gives none", () => {
  const indices = Uint8Array.from([3, 0, 3, 0]);
  const picture = rgb([RED, BLACK, RED, BLACK], { indices });
  assert.equal(paletteColours(picture, 4), [BLACK, undefined, undefined, RED]);
  // An index past the classes may be that of unlabelled pixels.
  assert.equal(paletteColours(picture, 3), [BLACK]);
  assert.is(paletteColours(rgb([RED, BLACK]), 4), undefined);
  assert.is(paletteColours(grey([0, 1], { indices: Uint8Array.from([0, 1]) }), 4), undefined);
});

test("the error for a colour picture without class colours mentions the option for them", () => {
  assert.throws(
    () => labelFromImage(rgb([BLACK, RED]), "a.png", { classes: 3 }),
    /a\.png: it is a colour image, .* need --class-colours; if #d4442f marks .* --ignore "#d4442f"$/,
  );
  const two = rgb([MAGENTA, RED]);
  assert.throws(() => labelFromImage(two, "a.png", { classes: 3 }), /need --class-colours$/);
});

test.run();
