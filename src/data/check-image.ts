// Checks images and labels given by a caller before their values are used as pixels.

import { kindOf } from "../arguments/numbers.js";
import { IGNORED, type LabelMap, type StoredImage } from "./image-types.js";

/** Throws unless `image` has whole sizes and data of that size. `name` begins the sentence. */
export function checkImage(name: string, image: StoredImage): void {
  const { width, height, channels, maximum = 1, data } = image ?? {};
  if (channels === undefined && (data as unknown) instanceof Uint8ClampedArray) {
    throw new Error(
      `${name} is an ImageData, whose numbers go by pixel (red, green, blue, alpha), expected planes: ` +
        "read it with readImage, or predict with micrograph/canvas",
    );
  }
  for (const [what, size] of Object.entries({ width, height, channels })) {
    if (Number.isSafeInteger(size) && size > 0) continue;
    throw new Error(
      `${name}: the ${what} of an image must be a whole number from 1, got ${kindOf(size)}`,
    );
  }
  const count = width * height * channels;
  const many = channels === 1 ? "1 channel" : `${channels} channels`;
  checkData(`${name}: ${width} x ${height} pixels of ${many}`, data, count);
  if (Number.isFinite(maximum) && maximum > 0) return;
  throw new Error(
    `${name}: the maximum of an image must be a number above 0, got ${kindOf(maximum)}`,
  );
}

/** Throws unless every pixel of a label is a class or `IGNORED`. */
export function checkLabel(name: string, { width, height, classes, data }: LabelMap): void {
  if (!(Number.isSafeInteger(classes) && classes >= 2 && classes <= IGNORED)) {
    throw new Error(`${name}: a label must have 2 to ${IGNORED} classes, got ${kindOf(classes)}`);
  }
  checkData(`${name}: a label of ${width} x ${height} pixels`, data, width * height);
  for (let pixel = 0; pixel < data.length; pixel++) {
    const value = data[pixel];
    if (value < classes || value === IGNORED) continue;
    throw new Error(
      `${name}: the label is ${value} at row ${Math.floor(pixel / width)}, column ${pixel % width}, ` +
        `expected a class from 0 to ${classes - 1}, or ${IGNORED} for unlabelled pixels`,
    );
  }
}

function checkData(what: string, data: unknown, count: number): void {
  const isNumbers =
    ArrayBuffer.isView(data) &&
    !(data instanceof DataView || data instanceof BigInt64Array || data instanceof BigUint64Array);
  if (!isNumbers) {
    throw new Error(`${what}: the data must be a typed array of numbers, got ${kindOf(data)}`);
  }
  const { length } = data as unknown as ArrayLike<number>;
  if (length !== count) throw new Error(`${what}: it takes ${count} values, got ${length}`);
}
