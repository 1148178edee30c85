// Measurements of objects: size, shape, place, brightness.

import { checkKeys } from "../arguments/keys.js";
import type { PixelSize, RawImage } from "../data/image-types.js";
import {
  cornerHull,
  diamondHull,
  type Hull,
  largestDistance,
  pixelsInHull,
  type RowSpans,
  smallestWidth,
} from "./convex-hull.js";
import {
  type Brightness,
  type BrightnessSums,
  brightnessOf,
  brightnessSums,
} from "./measure-channels.js";
import { measureRims, perimeterOf, type Rims } from "./measure-rim.js";
import type { ObjectLabels } from "./object-labels.js";
import { type ObjectRuns, objectRuns } from "./object-runs.js";

/**
 * Lengths and areas in one unit, pixels or micrometres; NaN if something is not defined. Definitions
 * are those of scikit-image's `regionprops` unless noted.
 */
export interface Shape {
  /** The area of all its pixels. */
  readonly area: number;
  /**
   * From the pixels at the rim, inner rims included (`measureRims`); 0 for one pixel, n - 2 for a line
   * of n. scikit-image supports only square pixels.
   */
  readonly perimeter: number;
  /** Diameter of the circle with the same area. */
  readonly equivalentDiameter: number;
  /** The longest distance between two edge points of the convex hull. */
  readonly feretMax: number;
  /**
   * The width of the narrowest gap that the object passes, by the corners of its pixels, as ImageJ's
   * MinFeret; scikit-image has no such property.
   */
  readonly feretMin: number;
  /** Longer axis of the ellipse with the same second moments; 0 for a single pixel. */
  readonly majorAxis: number;
  /** The shorter axis of that ellipse; 0 for a line. */
  readonly minorAxis: number;
  /** Eccentricity of that ellipse: 0 for a circle, 1 for a line. */
  readonly eccentricity: number;
  /** The area divided by that of the convex hull's pixels, at most 1. */
  readonly solidity: number;
  /** ImageJ's "Round": 4 area / (pi majorAxis^2), 1 for a disc; NaN for a single pixel. */
  readonly roundness: number;
  /** ImageJ's "Circ.": 4 pi area / perimeter^2, with this perimeter; above 1 for small objects. */
  readonly circularity: number;
  /** The column of the mean of the pixels; 0 is the centre of the first pixel. ImageJ adds half a pixel. */
  readonly centroidX: number;
  /** The row of the same point. */
  readonly centroidY: number;
  /** First column of the smallest upright rectangle; the image starts at 0. */
  readonly boxX: number;
  /** Its first row. */
  readonly boxY: number;
  /** Its columns. */
  readonly boxWidth: number;
  /** Its rows. */
  readonly boxHeight: number;
}

/** The measurements of one object. */
export interface ObjectMeasurements {
  /** The object's number in its file. */
  readonly label: number;
  /** Its shape in pixels. */
  readonly pixels: Shape;
  /** The same in micrometres, if the pixel size is known. */
  readonly micrometres?: Shape | undefined;
  /** Whether a pixel lies at the image's edge: the object may be cut off. */
  readonly touchesBorder: boolean;
  /** Other objects that share an edge or a corner of a pixel with it. */
  readonly neighbours: number;
  /** By channel, if there is an image. */
  readonly channels: readonly Brightness[];
}

/** What a measurement uses in addition to the labels. */
export interface MeasureOptions {
  /** Values as stored in the file; the size is that of the labels. */
  readonly image?: Pick<RawImage, "width" | "height" | "channels" | "data"> | undefined;
  /** In micrometres; pixels need not be square. */
  readonly pixelSize?: PixelSize | undefined;
  /** `[count]`: the number that each object has in its file; by default 1, 2, 3 ... */
  readonly numbers?: ArrayLike<number> | undefined;
}

/**
 * Measures every object, in the order of their numbers. An object may have holes and be in several
 * parts. The time is linear in the pixels of labels and channels. Throws if the sizes differ.
 */
export function measureObjects(
  labels: ObjectLabels,
  options: MeasureOptions = {},
): ObjectMeasurements[] {
  checkKeys("measureObjects", options, { image: 1, pixelSize: 1, numbers: 1 });
  const { image, pixelSize, numbers } = options;
  checkSizes(labels, image);
  checkPixelSize("measureObjects", pixelSize);
  const { width, height, count } = labels;
  const runs = objectRuns(labels);
  const rims = measureRims(labels);
  const planes = Array.from({ length: image?.channels ?? 0 }, (_, channel) =>
    (image as RawImage).data.subarray(channel * width * height, (channel + 1) * width * height),
  );
  return Array.from({ length: count }, (_, index) =>
    measurementOf(runs, rims, index, {
      label: numbers?.[index] ?? index + 1,
      pixelSize,
      channels: planes.map((plane) => brightnessSums(plane, width, runs, index)),
    }),
  );
}

/** The measurements of one object by its pixels, its rim and the sums of its channels. */
export function measurementOf(
  runs: ObjectRuns,
  rims: Rims,
  index: number,
  more: { label: number; pixelSize?: PixelSize | undefined; channels: readonly BrightnessSums[] },
): ObjectMeasurements {
  const { label, pixelSize, channels } = more;
  const facts = factsOf(runs, rims, index);
  return {
    label,
    pixels: shapeOf(facts, 1, 1),
    ...(pixelSize ? { micrometres: shapeOf(facts, pixelSize.x, pixelSize.y) } : {}),
    touchesBorder: rims.touchesBorder[index] === 1,
    neighbours: rims.neighbours[index],
    channels: channels.map(brightnessOf),
  };
}

function checkSizes({ width, height }: ObjectLabels, image: MeasureOptions["image"]): void {
  if (image === undefined || (image.width === width && image.height === height)) return;
  throw new Error(
    `measureObjects: the image is ${image.width}x${image.height} but the labels are ` +
      `${width}x${height}, expected equal sizes`,
  );
}

/** Throws if there is a pixel size that is not two numbers above 0. */
export function checkPixelSize(what: string, size: PixelSize | undefined): void {
  if (size === undefined) return;
  const isLength = (value: number) => value > 0 && Number.isFinite(value);
  if (isLength(size.x) && isLength(size.y)) return;
  throw new Error(`${what}: a pixel size of ${size.x} x ${size.y}, expected numbers above 0`);
}

/** Sums in pixels, from which shapes in any unit follow. */
interface Facts {
  readonly index: number;
  readonly rims: Rims;
  /** Pixels. */
  readonly area: number;
  /** Pixels of the convex hull. */
  readonly hullArea: number;
  /** The hull of the middles of pixel edges, and the hull of the corners of pixels. */
  readonly hull: Hull;
  readonly corners: Hull;
  readonly centre: readonly [x: number, y: number];
  /** Mean of squares and of products of the distances from the centre: xx, yy, xy. */
  readonly moments: readonly [xx: number, yy: number, xy: number];
  /** First and last column and row. */
  readonly box: readonly [left: number, top: number, right: number, bottom: number];
}

function factsOf(runs: ObjectRuns, rims: Rims, index: number): Facts {
  const { starts, y, x0, x1 } = runs;
  const [begin, end] = [starts[index], starts[index + 1]];
  // Coordinates are relative to the first pixel: sums of whole numbers stay exact.
  const [originX, originY] = [x0[begin], y[begin]];
  let [area, sumX, sumY, sumXX, sumYY, sumXY] = [0, 0, 0, 0, 0, 0];
  const spans = { y: [] as number[], first: [] as number[], last: [] as number[] };
  for (let run = begin; run < end; run++) {
    const pixels = x1[run] - x0[run];
    const [a, b, v] = [x0[run] - originX, x1[run] - 1 - originX, y[run] - originY];
    const sum = ((a + b) * pixels) / 2;
    area += pixels;
    sumX += sum;
    sumY += v * pixels;
    sumXX += squares(b) - squares(a - 1);
    sumYY += v * v * pixels;
    sumXY += v * sum;
    const row = spans.y.length - 1;
    if (row >= 0 && spans.y[row] === y[run]) spans.last[row] = x1[run] - 1;
    else {
      spans.y.push(y[run]);
      spans.first.push(x0[run]);
      spans.last.push(x1[run] - 1);
    }
  }
  const within = pixelsInHull(diamondHull(spans));
  return {
    index,
    rims,
    area,
    hullArea: within.y.reduce((all, _, i) => all + within.last[i] - within.first[i] + 1, 0),
    hull: diamondHull(within),
    corners: cornerHull(spans),
    centre: [originX + sumX / area, originY + sumY / area],
    moments: [
      (area * sumXX - sumX * sumX) / (area * area),
      (area * sumYY - sumY * sumY) / (area * area),
      (area * sumXY - sumX * sumY) / (area * area),
    ],
    box: boxOf(spans),
  };
}

/** The sum of the squares of the whole numbers from 1 to n; for negative n with a minus sign. */
function squares(n: number): number {
  return (n * (n + 1) * (2 * n + 1)) / 6;
}

function boxOf({ y, first, last }: RowSpans): Facts["box"] {
  const left = first.reduce((least, value) => Math.min(least, value), Infinity);
  const right = last.reduce((most, value) => Math.max(most, value), -Infinity);
  return [left, y[0], right, y[y.length - 1]];
}

/** The shape in the unit in which a pixel has this width and height. */
function shapeOf(facts: Facts, pixelWidth: number, pixelHeight: number): Shape {
  const { index, rims, centre, box } = facts;
  const area = facts.area * pixelWidth * pixelHeight;
  const perimeter = perimeterOf(rims.steps, index, pixelWidth, pixelHeight);
  const [large, small] = spreads(facts, pixelWidth, pixelHeight);
  const majorAxis = 4 * Math.sqrt(large);
  return {
    area,
    perimeter,
    equivalentDiameter: Math.sqrt((4 * area) / Math.PI),
    feretMax: largestDistance(facts.hull, pixelWidth, pixelHeight),
    feretMin: smallestWidth(facts.corners, pixelWidth, pixelHeight),
    majorAxis,
    minorAxis: 4 * Math.sqrt(small),
    eccentricity: large === 0 ? 0 : Math.sqrt(Math.max(0, 1 - small / large)),
    solidity: facts.area / facts.hullArea,
    roundness: majorAxis === 0 ? Number.NaN : (4 * area) / (Math.PI * majorAxis ** 2),
    circularity: perimeter === 0 ? Number.NaN : (4 * Math.PI * area) / perimeter ** 2,
    centroidX: centre[0] * pixelWidth,
    centroidY: centre[1] * pixelHeight,
    boxX: box[0] * pixelWidth,
    boxY: box[1] * pixelHeight,
    boxWidth: (box[2] - box[0] + 1) * pixelWidth,
    boxHeight: (box[3] - box[1] + 1) * pixelHeight,
  };
}

/** The variances along the long and the short axis: the eigenvalues of the second moments. */
function spreads({ moments }: Facts, pixelWidth: number, pixelHeight: number): [number, number] {
  const xx = moments[0] * pixelWidth ** 2;
  const yy = moments[1] * pixelHeight ** 2;
  const xy = moments[2] * pixelWidth * pixelHeight;
  const large = (xx + yy) / 2 + Math.hypot((xx - yy) / 2, xy);
  // By the determinant, which is exactly 0 for a line.
  const small = large === 0 ? 0 : Math.max(0, (xx * yy - xy * xy) / large);
  return [large, Math.min(small, large)];
}
