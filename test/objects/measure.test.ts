import { test } from "uvu";
import * as assert from "uvu/assert";
import { measureObjects, type Shape } from "../../src/objects/measure.js";
import { messageOf } from "../errors.js";
import { drawnLabels, noiseLabels, ODD_OBJECTS, randomLabels } from "./scenes.js";

const COMPARED = [
  "area",
  "perimeter",
  "majorAxis",
  "minorAxis",
  "eccentricity",
  "feretMax",
  "solidity",
  "centroidX",
  "centroidY",
] as const;

/** Values of scikit-image 0.26: `npm run against:scikit-image -- --golden`. */
// biome-ignore format: a row per object
const GOLDEN = [
  [1, 0, 0, 0, 0, 1, 1, 0, 0],
  [4, 2, 4.472135955, 0, 1, 4, 1, 10.5, 0],
  [7, 5, 8, 0, 1, 7, 1, 18, 3],
  [4, 2.828427125, 6.32455532, 0, 1, 5, 1, 3.5, 2.5],
  [16, 12, 4.472135955, 4.472135955, 0, 5, 1, 8.5, 3.5],
  [21, 13.65685425, 5.089672082, 5.089672082, 0, 5.385164807, 1, 14, 4],
  [16, 16, 6.633249581, 6.633249581, 0, 6.403124237, 0.64, 4, 9],
  [2, 0, 2.828427125, 0, 1, 2.236067977, 1, 10.5, 8.5],
  [10, 10.65685425, 6.021007593, 2.016796363, 0.9422323685, 5.830951895, 0.9090909091, 15.8, 9.2],
  [4, 4, 2, 2, 0, 2.236067977, 1, 7.5, 12.5],
  [5, 4, 7.461903242, 1.788854382, 0.9708391914, 6.08276253, 0.5, 14.6, 12.6],
  [4, 4, 2, 2, 0, 2.236067977, 1, 9.5, 14.5],
  [13, 11.41421356, 7.600208796, 2.949299021, 0.9216362174, 7.071067812, 0.8125, 2.923076923, 16.38461538],
  [11, 9.656854249, 6.149648918, 2.954195784, 0.8770580193, 5.385164807, 0.7333333333, 14, 16],
  [3, 3.414213562, 2.309401077, 1.333333333, 0.8164965809, 2.236067977, 1, 17.66666667, 16.66666667],
];

const shapesOf = (drawing: string, pixelSize?: { x: number; y: number }) =>
  measureObjects(drawnLabels(drawing), pixelSize ? { pixelSize } : {});

function near(got: number, expected: number, what: string, tolerance = 1e-6): void {
  const isNear = Math.abs(got - expected) <= tolerance * Math.max(1, Math.abs(expected));
  assert.ok(isNear, `${what}: got ${got}, expected ${expected}`);
}

test("single pixels, lines, rings, parts and corners measure as in scikit-image", () => {
  const objects = shapesOf(ODD_OBJECTS);
  assert.is(objects.length, GOLDEN.length);
  for (const [i, { label, pixels }] of objects.entries()) {
    for (const [k, name] of COMPARED.entries()) {
      near(pixels[name], GOLDEN[i][k], `object ${label}: ${name}`);
    }
  }
});

test("a box starts at the first column and row and includes the last ones", () => {
  const { boxX, boxY, boxWidth, boxHeight } = shapesOf(ODD_OBJECTS)[6].pixels;
  assert.equal([boxX, boxY, boxWidth, boxHeight], [2, 7, 5, 5]);
});

test("a rectangle's Feret diameters are about its short side and its diagonal", () => {
  const [{ pixels }] = shapesOf("........ .111111. .111111. ........");
  near(pixels.feretMin, 2, "feretMin");
  // From the middle of one edge to that of another: 6 by 1, 5 by 2 pixels apart.
  near(pixels.feretMax, Math.hypot(6, 1), "feretMax");
  near(pixels.equivalentDiameter, Math.sqrt(48 / Math.PI), "equivalentDiameter");
});

test("a disc is round, a line is not, and objects without an axis or rim have no roundness", () => {
  const [disc] = measureObjects(disc50());
  near(disc.pixels.roundness, 1, "roundness", 0.01);
  near(disc.pixels.circularity, 1, "circularity", 0.1);
  near(disc.pixels.solidity, 1, "solidity", 0.02);
  near(disc.pixels.feretMin, 101, "feretMin", 0.01);
  const [pixel, line] = shapesOf("1... .... 2222 ....");
  assert.equal(pixel.pixels.roundness, Number.NaN);
  assert.equal(pixel.pixels.circularity, Number.NaN);
  near(line.pixels.roundness, 16 / (Math.PI * line.pixels.majorAxis ** 2), "of a line");
});

function disc50() {
  const size = 121;
  const data = Int32Array.from({ length: size * size }, (_, i) => {
    const [x, y] = [(i % size) - 60, Math.floor(i / size) - 60];
    return Number(x * x + y * y <= 50 * 50);
  });
  return { width: size, height: size, data, count: 1 };
}

test("with square pixels, micrometres are pixels times their size", () => {
  for (const { pixels, micrometres } of measureObjects(randomLabels(60, 50, 8), {
    pixelSize: { x: 0.325, y: 0.325 },
  })) {
    const um = micrometres as Shape;
    near(um.area, pixels.area * 0.325 ** 2, "area");
    for (const name of ["perimeter", "feretMax", "feretMin", "majorAxis", "minorAxis"] as const) {
      near(um[name], 0.325 * pixels[name], name);
    }
    near(um.boxX, 0.325 * pixels.boxX, "boxX");
    near(um.roundness, pixels.roundness, "roundness");
  }
});

test("pixels twice as high as wide give the measurements of an image with doubled rows", () => {
  // Each row of the drawing twice: the same area, seen by square pixels.
  const drawing = ".... .11. .11. .11. ....";
  const [tall] = shapesOf(drawing, { x: 1, y: 2 });
  const um = tall.micrometres as Shape;
  assert.is(um.area, 12);
  assert.equal([um.boxX, um.boxY, um.boxWidth, um.boxHeight], [1, 2, 2, 6]);
  near(um.centroidY, 4, "centroidY");
  near(um.feretMin, 2, "feretMin");
  // Six rim pixels of 2 x 3: the corners take one step each way, the middle ones two down.
  near(um.perimeter, 4 * 0.5 * (1 + 2) + 2 * ((2 * 2 + 1) / 3), "perimeter");
  const isLonger = um.majorAxis > 2 * um.minorAxis;
  assert.ok(isLonger, `${um.majorAxis}, ${um.minorAxis}`);
});

test("objects that touch at an edge or a corner are neighbours, each counted once", () => {
  const objects = shapesOf("11.4 1123 .523 .5..");
  assert.equal(
    objects.map(({ neighbours }) => neighbours),
    // 1 with 2 and 5; 2 with 1, 3, 4 and 5; 3 with 2 and 4; 4 with 2 and 3; 5 with 1 and 2.
    [2, 4, 2, 2, 2],
  );
});

test("only objects in the first or last row or column touch the border", () => {
  const objects = shapesOf("1..... ...22. .3...4 ...5.. ...5..");
  assert.equal(
    objects.map(({ touchesBorder }) => touchesBorder),
    [true, false, false, true, true],
  );
});

test("brightness is measured in each channel within the object", () => {
  const labels = drawnLabels("11.2 11.2");
  const data = Float32Array.of(1, 2, 100, 7, 3, 6, 100, 7, 0.5, 0.5, 0, 1e6, 0.5, 0.5, 0, 1e6 + 2);
  const image = { width: 4, height: 2, channels: 2, data };
  const [a, b] = measureObjects(labels, { image });
  assert.equal(a.channels[0], {
    mean: 3,
    sum: 12,
    deviation: Math.sqrt(3.5),
    minimum: 1,
    maximum: 6,
  });
  assert.equal(a.channels[1].deviation, 0);
  assert.equal(b.channels[1], {
    mean: 1e6 + 1,
    sum: 2e6 + 2,
    deviation: 1,
    minimum: 1e6,
    maximum: 1e6 + 2,
  });
});

test("a pixel that is not finite removes the brightness of its object only", () => {
  const image = { width: 3, height: 1, channels: 1, data: Float32Array.of(5, Number.NaN, 3) };
  const [a, b] = measureObjects(drawnLabels("112"), { image });
  assert.ok(Object.values(a.channels[0]).every(Number.isNaN));
  assert.is(b.channels[0].mean, 3);
});

test("labels are the numbers of the file; an image without objects has no rows", () => {
  const labels = drawnLabels("1.2");
  const [a, b] = measureObjects(labels, { numbers: [7, 4000000000] });
  assert.equal([a.label, b.label], [7, 4000000000]);
  assert.equal(measureObjects(drawnLabels("...")), []);
});

test("the time for scattered objects depends on their pixels only", () => {
  const labels = noiseLabels(120, 80, 2000);
  const objects = measureObjects(labels);
  const area = objects.reduce((sum, { pixels }) => sum + pixels.area, 0);
  assert.is(area, labels.data.filter((number) => number > 0).length);
});

test("an image of another size and an invalid pixel size are refused", () => {
  const labels = drawnLabels("1.2");
  const image = { width: 2, height: 1, channels: 1, data: new Uint8Array(2) };
  assert.is(
    messageOf(() => measureObjects(labels, { image })),
    "measureObjects: the image is 2x1 but the labels are 3x1, expected equal sizes",
  );
  assert.is(
    messageOf(() => measureObjects(labels, { pixelSize: { x: 0.5, y: 0 } })),
    "measureObjects: a pixel size of 0.5 x 0, expected numbers above 0",
  );
});

test.run();
