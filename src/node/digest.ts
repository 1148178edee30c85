// Digests of the data and weights of a run, so that a resumed run notices changes. They guard
// against mistakes, not against forgery: 64 bits of SHA-256.

import { createHash, type Hash } from "node:crypto";
import type { LabelMap, Samples } from "../data/image-types.js";
import type { Checkpoint } from "../train/training-types.js";

/** Digests of a data set by the samples' names, 16 hexadecimal digits each. */
export interface DataDigests {
  /** Digests of the images by name, as hexadecimal text. */
  readonly images: Readonly<Record<string, string>>;
  /** Digests of the labels by name, as hexadecimal text. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * An image as stored in a file, or with its numbers already divided by the largest of their type.
 */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly maximum?: number | undefined;
  readonly data: Samples;
}

/** The number of values to convert at a time. */
const BLOCK = 16_384;

const digits = (hash: Hash) => hash.digest("hex").slice(0, 16);

/**
 * Returns the digest of an image: its size and the numbers that a network is trained on,
 * independent of the file's name, format, compression and, if no number changes, bit depth.
 */
export function imageDigest({ width, height, channels, maximum = 1, data }: Pixels): string {
  const hash = createHash("sha256").update(`${width} ${height} ${channels} `);
  const block = new Float32Array(Math.min(BLOCK, data.length));
  for (let from = 0; from < data.length; from += BLOCK) {
    const count = Math.min(BLOCK, data.length - from);
    for (let i = 0; i < count; i++) {
      const value = data[from + i] / maximum;
      // NaN has many bit patterns.
      block[i] = Number.isNaN(value) ? Number.NaN : value;
    }
    hash.update(new Uint8Array(block.buffer, 0, 4 * count));
  }
  return digits(hash);
}

/** Returns the digest of a label: its size, number of classes and the class of each pixel. */
export function labelDigest({ width, height, classes, data }: LabelMap): string {
  return digits(createHash("sha256").update(`${width} ${height} ${classes} `).update(data));
}

/** Collects the digests of a data set while it is read. */
export function collectDigests() {
  const images: [name: string, digest: string][] = [];
  const labels: [name: string, digest: string][] = [];
  return {
    add(name: string, image: Pixels, label: LabelMap): void {
      images.push([name, imageDigest(image)]);
      labels.push([name, labelDigest(label)]);
    },
    all: (): DataDigests => {
      return { images: Object.fromEntries(images), labels: Object.fromEntries(labels) };
    },
  };
}

/** Returns the digest of a checkpoint's weights, without the optimizer's state and the metadata. */
export function weightsDigest({ tensors }: Pick<Checkpoint, "tensors">): string {
  const hash = createHash("sha256");
  const names = [...tensors.keys()].filter((name) => !name.startsWith("optimizer.")).sort();
  for (const name of names) {
    const { shape, data } = tensors.get(name) as { shape: readonly number[]; data: Float32Array };
    hash.update(`${name} ${shape.join()} `);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return digits(hash);
}

/** Returns the names whose image, or label, has changed; missing names are not included. */
export function changedSamples(
  before: DataDigests,
  now: DataDigests,
): { readonly images: string[]; readonly labels: string[] } {
  const changed = (kind: keyof DataDigests) =>
    Object.entries(before[kind]).flatMap(([name, digest]) =>
      Object.hasOwn(now[kind], name) && now[kind][name] !== digest ? [name] : [],
    );
  return { images: changed("images"), labels: changed("labels") };
}
