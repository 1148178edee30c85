// The ROI files of ImageJ and Fiji (.roi): outlines of areas, written and read. All numbers are big-endian.
// The header has 64 bytes, then come the coordinates, then a second header of 64 bytes, then the name.

import type { Outline, Polygon, Ring } from "./outline.js";

/** A ROI that was read. */
export interface Roi {
  readonly name: string;
  /** Undefined for ROIs without an area: points, lines, angles, text. */
  readonly polygons: readonly Polygon[] | undefined;
  /** Its frame and slice; "" if the file has none. */
  readonly position: string;
}

const HEADER = 64;
const VERSION = 228;
const TYPES = { polygon: 0, rectangle: 1, oval: 2, freehand: 7, traced: 8 } as const;
const SUBTYPE_TEXT = 1;
const SUBTYPE_IMAGE = 4;
const SUBPIXEL = 128;
/** Steps of the path of a composite ROI, each followed by its points. */
const POINTS_OF_STEP = [1, 1, 2, 3, 0] as const;
const [MOVE, LINE, QUADRATIC, CUBIC, CLOSE] = [0, 1, 2, 3, 4];
/** ImageJ reads coordinates below this as unsigned numbers of 16 bits. */
const LEAST_PLACE = -5000;
/** Whole numbers up to here are written in 16 bits. */
const MOST_PLACE = 32767;
/** The largest distance in pixels between a curve and the lines that replace it. */
const CURVE_ERROR = 0.01;

/**
 * An outline as a ROI file. One ring becomes a traced ROI, several (holes, parts) a composite one.
 * Coordinates above 32,767 and fractions are written as floats (SUB_PIXEL_RESOLUTION).
 */
export function writeRoi({ name, polygons }: Outline): Uint8Array {
  const rings = polygons.flat();
  const box = boxOf(rings);
  const isSingle = rings.length === 1;
  const isWhole = rings.flat().every((value) => Number.isInteger(value) && value <= MOST_PLACE);
  const path = isSingle ? ringBytes(rings[0], box, isWhole) : pathBytes(rings);
  const bytes = new Uint8Array(HEADER + path.length + HEADER + 2 * name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x496f7574); // "Iout"
  view.setUint16(4, VERSION);
  view.setUint8(6, isSingle ? TYPES.traced : TYPES.rectangle);
  box.forEach((value, i) => {
    view.setUint16(8 + 2 * i, value & 0xffff);
  });
  const count = rings[0].length / 2;
  if (isSingle) {
    view.setUint16(16, count < 65536 ? count : 0);
    if (count >= 65536) view.setUint32(18, count);
  } else view.setUint32(36, path.length / 4);
  if (isSingle && !isWhole) view.setUint16(50, SUBPIXEL);
  const second = HEADER + path.length;
  view.setUint32(60, second);
  view.setUint32(second + 16, second + HEADER);
  view.setUint32(second + 20, name.length);
  bytes.set(path, HEADER);
  for (let i = 0; i < name.length; i++) {
    view.setUint16(second + HEADER + 2 * i, name.charCodeAt(i));
  }
  return bytes;
}

/** The bounding box in whole pixels: top, left, bottom, right. */
function boxOf(rings: readonly Ring[]): [number, number, number, number] {
  let [top, left, bottom, right] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      left = Math.min(left, Math.floor(ring[i]));
      right = Math.max(right, Math.ceil(ring[i]));
      top = Math.min(top, Math.floor(ring[i + 1]));
      bottom = Math.max(bottom, Math.ceil(ring[i + 1]));
    }
  }
  return [top, left, bottom, right];
}

/**
 * All x, then all y: in 16 bits relative to the corner of the box, then, if needed, as floats relative to the
 * image.
 */
function ringBytes(ring: Ring, [top, left]: readonly number[], isWhole: boolean): Uint8Array {
  const count = ring.length / 2;
  const bytes = new Uint8Array(4 * count + (isWhole ? 0 : 8 * count));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) {
    const [x, y] = [ring[2 * i], ring[2 * i + 1]];
    view.setUint16(2 * i, Math.round(x - left) & 0xffff);
    view.setUint16(2 * (count + i), Math.round(y - top) & 0xffff);
    if (isWhole) continue;
    view.setFloat32(4 * count + 4 * i, x);
    view.setFloat32(8 * count + 4 * i, y);
  }
  return bytes;
}

/** Steps of a path as floats relative to the corner of the image. */
function pathBytes(rings: readonly Ring[]): Uint8Array {
  const floats = rings.flatMap((ring) => {
    const steps: number[] = [];
    for (let i = 0; i < ring.length; i += 2) {
      steps.push(i === 0 ? MOVE : LINE, ring[i], ring[i + 1]);
    }
    return [...steps, CLOSE];
  });
  const view = new DataView(new ArrayBuffer(4 * floats.length));
  floats.forEach((value, i) => {
    view.setFloat32(4 * i, value);
  });
  return new Uint8Array(view.buffer);
}

/** Reads a ROI file. A name stored in the file is preferred to `name`, with which every error begins. */
export function readRoi(bytes: Uint8Array, name: string): Roi {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER || view.getUint32(0) !== 0x496f7574) {
    throw new Error(
      `${name}: it is not a ROI file of ImageJ, expected one that begins with "Iout"`,
    );
  }
  const second = secondHeader(view);
  const own = nameIn(view, second);
  const place = ["T", "Z"].map((axis, i) => {
    const value = second === undefined ? 0 : view.getUint32(second + 12 - 4 * i);
    return value === 0 ? "" : `${axis}${value}`;
  });
  const slice = view.getUint32(56);
  const position = place.join("") || (slice === 0 ? "" : `slice ${slice}`);
  try {
    return { name: own, polygons: polygonsOf(view), position };
  } catch (error) {
    throw new Error(`${name}: it is a damaged ROI file (${(error as Error).message})`);
  }
}

/** The offset of the second header, if it is complete. */
function secondHeader(view: DataView): number | undefined {
  const at = view.getUint32(60);
  return at >= HEADER && at + HEADER - 12 <= view.byteLength ? at : undefined;
}

function nameIn(view: DataView, second: number | undefined): string {
  if (second === undefined) return "";
  const [at, length] = [view.getUint32(second + 16), view.getUint32(second + 20)];
  if (at === 0 || at + 2 * length > view.byteLength) return "";
  const codes = Array.from({ length }, (_, i) => view.getUint16(at + 2 * i));
  return codes.map((code) => String.fromCharCode(code)).join("");
}

function polygonsOf(view: DataView): readonly Polygon[] | undefined {
  const type = view.getUint8(6);
  const [version, subtype, options] = [view.getUint16(4), view.getUint16(48), view.getUint16(50)];
  const isSubpixel = (options & SUBPIXEL) !== 0 && version >= 222;
  const pathFloats = view.getUint32(36);
  if (subtype === SUBTYPE_TEXT || subtype === SUBTYPE_IMAGE) return undefined;
  if (type === TYPES.rectangle && pathFloats > 0) return [path(view, pathFloats)];
  if (type === TYPES.rectangle) return [[rectangle(view)]];
  if (type === TYPES.oval) return [[ellipse(rectangle(view))]];
  const isArea = type === TYPES.polygon || type === TYPES.freehand || type === TYPES.traced;
  return isArea ? [[ring(view, isSubpixel)]] : undefined;
}

const placeAt = (view: DataView, at: number) => {
  const value = view.getInt16(at);
  return value < LEAST_PLACE ? view.getUint16(at) : value;
};

/** The box in whole pixels: ImageJ uses it even if the ROI lies between pixels. */
function rectangle(view: DataView): Ring {
  const [top, left, bottom, right] = [8, 10, 12, 14].map((at) => placeAt(view, at));
  return [left, top, right, top, right, bottom, left, bottom];
}

/** The ellipse in a rectangle. */
function ellipse([left, top, right, , , bottom]: Ring): Ring {
  const [a, b] = [(right - left) / 2, (bottom - top) / 2];
  const count = Math.max(16, Math.ceil(Math.PI / Math.sqrt((2 * CURVE_ERROR) / Math.max(a, b, 1))));
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return [left + a + a * Math.cos(angle), top + b + b * Math.sin(angle)];
  }).flat();
}

function ring(view: DataView, isSubpixel: boolean): Ring {
  const count = view.getUint16(16) || view.getUint32(18);
  const bytes = (isSubpixel ? 12 : 4) * count;
  if (HEADER + bytes > view.byteLength) {
    throw new Error(`it ends within its ${count} corners, after ${view.byteLength} bytes`);
  }
  const [top, left] = [placeAt(view, 8), placeAt(view, 10)];
  const corners: number[] = [];
  for (let i = 0; i < count; i++) {
    if (isSubpixel) {
      const at = HEADER + 4 * count + 4 * i;
      corners.push(view.getFloat32(at), view.getFloat32(at + 4 * count));
    } else {
      const at = HEADER + 2 * i;
      corners.push(left + placeAt(view, at), top + placeAt(view, at + 2 * count));
    }
  }
  return checked(corners);
}

/** The rings of a composite ROI. */
function path(view: DataView, floats: number): Polygon {
  if (HEADER + 4 * floats > view.byteLength) {
    throw new Error(`it ends within its ${floats} numbers, after ${view.byteLength} bytes`);
  }
  const rings: number[][] = [];
  for (let i = 0; i < floats; ) {
    const step = view.getFloat32(HEADER + 4 * i);
    const count = 2 * (POINTS_OF_STEP[step] ?? Number.NaN);
    if (!(i + 1 + count <= floats)) throw new Error(`its path has a step ${step}`);
    const points = Array.from({ length: count }, (_, k) =>
      view.getFloat32(HEADER + 4 * (i + 1 + k)),
    );
    i += 1 + count;
    if (step === CLOSE) continue;
    if (step === MOVE) rings.push([]);
    const last = rings[rings.length - 1];
    if (last === undefined) throw new Error("its path begins without a first point");
    if (step === QUADRATIC || step === CUBIC) last.push(...curve([...last.slice(-2), ...points]));
    else last.push(...points);
  }
  return rings.map(checked);
}

/** A Bezier curve of three or four points as lines, without its first point. */
function curve(points: readonly number[]): number[] {
  const reach = points.reduce((most, value) => Math.max(most, Math.abs(value - points[0])), 1);
  const lines = Math.min(1000, Math.ceil(Math.sqrt(reach / CURVE_ERROR)));
  return Array.from({ length: lines }, (_, i) => {
    let rest = [...points];
    const t = (i + 1) / lines;
    while (rest.length > 2) {
      rest = rest.slice(0, -2).map((value, k) => value + t * (rest[k + 2] - value));
    }
    return rest;
  }).flat();
}

function checked(corners: readonly number[]): Ring {
  const broken = corners.find((value) => !Number.isFinite(value));
  if (broken !== undefined) throw new Error(`a corner lies at ${broken}`);
  return corners;
}
