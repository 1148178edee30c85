// A shard of the images of a folder: what it still has to do, and its journal.

import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import type { RawImage } from "../../data/image-types.js";
import { imageDigest } from "../../node/digest.js";
import type { ImageFile } from "../../node/image-files.js";
import {
  hasPixels,
  type ImageReceipt,
  isKept,
  progressFolder,
  receiptsOf,
  stampsOf,
} from "../../node/image-receipts.js";
import { removeTemporaryFiles } from "../../node/run-files.js";
import { type Journal, openJournal, readJournals } from "../../node/shard-journal.js";
import type { Shard } from "../../predict/tiling.js";

/** The work of one process on a shard. */
export interface ShardJob {
  readonly shard: Shard;
  /** Aborted when the scheduler stops this process. */
  readonly signal: AbortSignal;
  /** The images that have no receipt that fits. Call once, before the other functions. */
  begin(images: readonly ImageFile[], suffixes: readonly string[]): Promise<ImageFile[]>;
  /** Whether an image was predicted already and only the time of its file has changed; then notes that. */
  isSame(image: ImageFile, raw: RawImage): Promise<boolean>;
  /** Notes an image whose files are all written. */
  done(image: ImageFile, raw: RawImage, files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Notes an image that cannot be predicted. */
  failed(image: ImageFile, error: string): Promise<void>;
  /** Notes the exit code. */
  end(code: number, error?: string): Promise<void>;
}

/** Opens the journal of a shard. `task`: the digest of what is computed, `taskDigest`. */
export function shardJob(
  output: string,
  shard: Shard,
  task: string,
  signal: AbortSignal,
): ShardJob {
  const folder = progressFolder(output);
  let known = new Map<string, ImageReceipt>();
  let journal: Journal | undefined;
  let [stamps, since] = [new Map<string, readonly string[]>(), 0];
  const placeOf = ({ image, page, name }: ImageFile) => {
    return { image: basename(image), ...(page === undefined ? {} : { page }), name };
  };
  const add = async (image: ImageFile, raw: RawImage, files: Readonly<Record<string, number>>) => {
    const now = Date.now();
    const own = { stamps: stamps.get(image.name) ?? [], pixels: imageDigest(raw) };
    const receipt = { ...placeOf(image), task, ...own, files, at: now, ms: now - since };
    since = now;
    await journal?.add(receipt satisfies ImageReceipt);
  };
  return {
    shard,
    signal,
    async begin(images, suffixes) {
      known = receiptsOf(await readJournals(folder));
      journal = await openJournal(folder, shard);
      const files = images.flatMap(({ name }) => suffixes.map((suffix) => `${name}${suffix}`));
      await removeTemporaryFiles(output, new Set(files));
      const todo: ImageFile[] = [];
      for (const image of images) {
        const receipt = known.get(image.name);
        refuseForeign(receipt, image);
        const now = await stampsOf(image);
        stamps.set(image.name, now ?? []);
        const isUnchanged = now !== undefined && `${now}` === `${receipt?.stamps}`;
        if (!(isUnchanged && (await isKept(receipt, task, output)))) todo.push(image);
      }
      const kept = images.length - todo.length;
      const started = { started: new Date().toISOString(), units: images.length, kept };
      await journal.add({ ...started, task, host: hostname(), pid: process.pid });
      since = Date.now();
      return todo;
    },
    async isSame(image, raw) {
      const receipt = known.get(image.name);
      if (!hasPixels(receipt, raw) || !(await isKept(receipt, task, output))) return false;
      await add(image, raw, receipt?.files ?? {});
      return true;
    },
    done(image, raw, files) {
      const sizes = [...files].map(([path, bytes]) => [basename(path), bytes.length]);
      return add(image, raw, Object.fromEntries(sizes));
    },
    async failed(image, error) {
      since = Date.now();
      await journal?.add({ failed: error, ...placeOf(image), at: since });
    },
    async end(code, error) {
      await journal?.add({ ended: code, ...(error === undefined ? {} : { error }) });
      await journal?.close();
      journal = undefined;
    },
  };
}

/** Throws if the outputs of an image were made from another file, which is still there. */
function refuseForeign(receipt: ImageReceipt | undefined, { image, page }: ImageFile): void {
  if (!receipt || (receipt.image === basename(image) && receipt.page === page)) return;
  if (!existsSync(join(dirname(image), receipt.image))) return;
  throw new Error(
    `${image}: ${receipt.name}.png would be written for it, and was for ${receipt.image}; rename one of the two, ` +
      "or predict them into different folders",
  );
}
