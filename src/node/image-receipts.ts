// Receipts of predicted images: what was predicted, from what, into which files. An image whose receipt still fits is
// not predicted again.

import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { RawImage } from "../data/image-types.js";
import type { Checkpoint } from "../train/training-types.js";
import { imageDigest, weightsDigest } from "./digest.js";
import type { ImageFile } from "./image-files.js";
import type { JournalLine, ShardLines } from "./shard-journal.js";

/** Where the journals of a folder of predictions are. */
export const progressFolder = (output: string) => join(output, "progress");

/** A line of a journal about an image that was predicted. */
export interface ImageReceipt extends JournalLine {
  /** The name of its file, without folders. */
  readonly image: string;
  readonly page?: number | undefined;
  /** The name of its outputs. */
  readonly name: string;
  /** `taskDigest` of what was computed. */
  readonly task: string;
  /** Size and time of change of its files, "1234 1767225600000.5". */
  readonly stamps: readonly string[];
  /** `imageDigest` of its pixels. */
  readonly pixels: string;
  /** The bytes of each file that was written, by name. */
  readonly files: Readonly<Record<string, number>>;
  /** When it was done, and how long that took, in milliseconds. */
  readonly at: number;
  readonly ms: number;
}

/** The digest of what a prediction depends on besides the image: checkpoint, options, version of the program. */
export function taskDigest(checkpoint: Checkpoint, options: object, version: string): string {
  const sorted = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  const task = { version, metadata: checkpoint.metadata, options: sorted };
  const text = `${weightsDigest(checkpoint)} ${JSON.stringify(task)}`;
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** The receipts of journals by the name of the outputs: the last of each. */
export function receiptsOf(journals: readonly ShardLines[]): Map<string, ImageReceipt> {
  const last = new Map<string, ImageReceipt>();
  for (const line of journals.flatMap(({ lines }) => lines)) {
    if (typeof line.name !== "string" || typeof line.at !== "number" || !line.files) continue;
    const receipt = line as ImageReceipt;
    const before = last.get(receipt.name);
    if (!before || before.at <= receipt.at) last.set(receipt.name, receipt);
  }
  return last;
}

/** Size and time of change of the files of an image; undefined if one cannot be read. */
export async function stampsOf({
  image,
  channelFiles = [],
}: Pick<ImageFile, "image" | "channelFiles">): Promise<string[] | undefined> {
  const files = [image, ...channelFiles].map((file) => stat(file));
  const stats = await Promise.all(files).catch(() => undefined);
  return stats?.map(({ size, mtimeMs }) => `${size} ${mtimeMs}`);
}

/** Whether a receipt is of this task, and its files are still there in their sizes. */
export async function isKept(
  receipt: ImageReceipt | undefined,
  task: string,
  output: string,
): Promise<boolean> {
  if (receipt?.task !== task) return false;
  for (const [file, bytes] of Object.entries(receipt.files)) {
    const found = await stat(join(output, file)).catch(() => undefined);
    if (found?.size !== bytes) return false;
  }
  return true;
}

/** Whether a receipt is of these pixels, though the file was written again. */
export const hasPixels = (receipt: ImageReceipt | undefined, raw: RawImage) =>
  receipt?.pixels === imageDigest(raw);
