// The validation data of a run: the images that are held out, else patches of the labels of the others. No
// pixel is used for both training and validation.

import { IGNORED, type LabelMap } from "../../../src/index.js";
import type { RunData } from "../state/project-types.js";
import type { LabelledImage, TrainJob } from "./messages.js";

/** The share of the patches that is held out. */
const SHARE = 0.2;
/** Sides of the patches in pixels: the largest size with enough patches is used. */
const SIDES = [64, 32, 16, 8] as const;
const ENOUGH = 20;
/** A validation predicts whole images, so patches are taken from at most this many. */
export const MOST_CHECKED = 4;

export interface HeldOut {
  readonly training: readonly LabelledImage[];
  readonly validation: readonly LabelledImage[];
  readonly about: RunData;
}

/** Splits the labelled pixels into training and validation data. */
export function heldOut(job: Pick<TrainJob, "training" | "validation" | "keepsPatches">): HeldOut {
  const { training, validation, keepsPatches } = job;
  const images = training.length;
  if (validation.length === 0 && keepsPatches) {
    const parted = partedByPatches(training);
    if (parted.validation.length > 0) {
      const about = { images, ...checkedBy(parted.validation), patches: true };
      return { ...parted, about };
    }
  }
  return { training, validation, about: { images, ...checkedBy(validation) } };
}

function checkedBy(validation: readonly LabelledImage[]) {
  const pixels = validation.reduce((sum, { label }) => {
    let count = 0;
    for (let i = 0; i < label.data.length; i++) if (label.data[i] !== IGNORED) count++;
    return sum + count;
  }, 0);
  return { validation: validation.map(({ name }) => name), pixels };
}

/** A square of an image with labelled pixels. */
interface Patch {
  readonly image: LabelledImage;
  readonly column: number;
  readonly row: number;
  /** The classes in it. */
  readonly classes: ReadonlySet<number>;
}

function partedByPatches(all: readonly LabelledImage[]): Omit<HeldOut, "about"> {
  const asked = spread(all, MOST_CHECKED);
  const smallest = SIDES[SIDES.length - 1];
  for (const side of SIDES) {
    const patches = asked.flatMap((image) => patchesOf(image, side));
    const held = chosen(patches);
    if (held.length === 0 || (patches.length < ENOUGH && side !== smallest)) continue;
    const parts = new Map<LabelledImage, ReturnType<typeof parted>>();
    for (const image of asked) {
      const ours = held.filter((patch) => patch.image === image);
      if (ours.length > 0) parts.set(image, parted(image, ours, side));
    }
    return {
      training: all.map((image) => parts.get(image)?.training ?? image),
      validation: [...parts.values()].map(({ validation }) => validation),
    };
  }
  return { training: all, validation: [] };
}

/** At most `count` of them, evenly spaced. */
export function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from(
    { length: count },
    (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))],
  );
}

function patchesOf(image: LabelledImage, side: number): Patch[] {
  const { width, height, data } = image.label;
  const columns = Math.ceil(width / side);
  const found = new Map<number, Set<number>>();
  for (let y = 0; y < height; y++) {
    const first = Math.floor(y / side) * columns;
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x];
      if (value === IGNORED) continue;
      const at = first + Math.floor(x / side);
      const classes = found.get(at);
      if (classes) classes.add(value);
      else found.set(at, new Set([value]));
    }
  }
  return [...found].map(([at, classes]) => {
    return { image, column: at % columns, row: Math.floor(at / columns), classes };
  });
}

/** A fifth of the patches of each class, the rarest class first; never all patches of a class. */
function chosen(patches: readonly Patch[]): Patch[] {
  const mixed = patches
    .map((patch, index) => ({ patch, rank: hashed(index) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ patch }) => patch);
  const byClass = new Map<number, Patch[]>();
  for (const patch of mixed) {
    for (const one of patch.classes) {
      const ours = byClass.get(one);
      if (ours) ours.push(patch);
      else byClass.set(one, [patch]);
    }
  }
  const held = new Set<Patch>();
  const left = new Map([...byClass].map(([one, ours]) => [one, ours.length]));
  for (const [, ours] of [...byClass].sort((a, b) => a[1].length - b[1].length)) {
    let lacking = Math.max(1, Math.round(SHARE * ours.length));
    lacking -= ours.filter((patch) => held.has(patch)).length;
    for (const patch of ours) {
      if (lacking <= 0) break;
      const isLast = [...patch.classes].some((one) => left.get(one) === 1);
      if (held.has(patch) || isLast) continue;
      held.add(patch);
      for (const one of patch.classes) left.set(one, (left.get(one) as number) - 1);
      lacking--;
    }
  }
  // With one class only, a validation would only measure how often that class is predicted.
  const isMixed = new Set([...held].flatMap(({ classes }) => [...classes])).size > 1;
  return isMixed ? [...held] : [];
}

/** A 32-bit hash of the index, so that the places are the same in every run. */
function hashed(index: number): number {
  let value = Math.imul(index + 1, 0x9e3779b1);
  value = Math.imul(value ^ (value >>> 15), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}

/** The image with its label outside of the patches, and with its label inside of them. */
function parted(image: LabelledImage, patches: readonly Patch[], side: number) {
  const { label } = image;
  const { width, height, data } = label;
  const rest = data.slice();
  const held = new Uint8Array(data.length).fill(IGNORED);
  for (const { column, row } of patches) {
    const [left, right] = [column * side, Math.min(width, (column + 1) * side)];
    for (let y = row * side; y < Math.min(height, (row + 1) * side); y++) {
      const [from, to] = [y * width + left, y * width + right];
      held.set(data.subarray(from, to), from);
      rest.fill(IGNORED, from, to);
    }
  }
  const of = (values: Uint8Array): LabelledImage => {
    const map: LabelMap = { ...label, data: values };
    return { ...image, label: map };
  };
  return { training: of(rest), validation: of(held) };
}
