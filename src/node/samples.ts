// Folders of PNG files to samples.

import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { imageFromRaw, type LabelConvention, labelFromImage } from "../data/labels.js";
import { naturalOrder, type Pair, pairByStem, someNames, stemOf } from "../data/pairs.js";
import type { Image, RawImage, Sample } from "../data/types.js";
import { decodePng } from "./png.js";

/** Either both folders, or one folder that holds them under a usual name. */
export interface PairFolders {
  readonly folder?: string;
  readonly images?: string;
  readonly labels?: string;
}

const IMAGE_FOLDERS = ["images", "image", "imgs"];
const LABEL_FOLDERS = ["labels", "label", "masks", "mask"];

/**
 * The image and label files of a data set, paired by stem, as paths, in natural order. Errors: a
 * folder that is missing or holds no PNG file, an image without a label.
 */
export async function findPairs(
  where: PairFolders,
): Promise<{ pairs: Pair[]; warnings: string[] }> {
  const images = where.images ?? (await subfolder(where.folder, IMAGE_FOLDERS, "--images"));
  const labels = where.labels ?? (await subfolder(where.folder, LABEL_FOLDERS, "--labels"));
  const found = pairByStem(await pngFiles(images), await pngFiles(labels), { images, labels });
  const pairs = found.pairs.map(({ name, image, label }) => ({
    name,
    image: join(images, image),
    label: join(labels, label),
  }));
  return { pairs, warnings: found.warnings };
}

/** The PNG files that an input names, a file or a folder, as paths in natural order. */
export async function findImages(input: string): Promise<{ name: string; image: string }[]> {
  const what = await stat(input).catch(() => undefined);
  if (what === undefined) throw new Error(`${input}: no such file or folder`);
  const paths = what.isDirectory()
    ? (await pngFiles(input)).map((file) => join(input, file))
    : [input];
  return paths.map((image) => ({ name: stemOf(basename(image)), image }));
}

/** Reads and decodes an image to 0 .. 1. */
export async function loadImage(path: string): Promise<Image> {
  return imageFromRaw(await readImage(path));
}

/** Reads and decodes an image file to the integers that it stores. Errors name the file. */
export async function readImage(path: string): Promise<RawImage> {
  return decodePng(await readBytes(path), path);
}

/**
 * Reads the pairs' files. `remarks` say in whole sentences what was taken for granted: how the
 * labels mark their classes. Errors name the file: unreadable, sizes or channels that differ,
 * values that are no class.
 */
export async function loadSamples(
  pairs: readonly Pair[],
  options: { readonly classes?: number; readonly ignore?: number } = {},
): Promise<{ samples: Sample[]; remarks: string[] }> {
  const { classes = 2, ignore } = options;
  const samples: Sample[] = [];
  const conventions = new Map<LabelConvention, string[]>();
  for (const pair of pairs) {
    const image = await loadImage(pair.image);
    const raw = await readImage(pair.label);
    if (image.width !== raw.width || image.height !== raw.height) {
      throw new Error(
        `${pair.image} is ${image.width}x${image.height} but ${pair.label} is ` +
          `${raw.width}x${raw.height}, expected equal sizes`,
      );
    }
    if (samples.length > 0 && image.channels !== samples[0].image.channels) {
      throw new Error(
        `${pair.image}: it has ${image.channels} channels, expected ` +
          `${samples[0].image.channels} as in ${pairs[0].image}`,
      );
    }
    const { label, convention } = labelFromImage(raw, pair.label, { classes, ignore });
    conventions.set(convention, [...(conventions.get(convention) ?? []), pair.name]);
    samples.push({ name: pair.name, image, label });
  }
  return { samples, remarks: conventionRemarks(conventions) };
}

function conventionRemarks(conventions: ReadonlyMap<LabelConvention, string[]>): string[] {
  return [...conventions].map(([convention, names]) => {
    const who = conventions.size === 1 ? "Labels" : `Labels ${someNames(names)}`;
    return convention === "0/255"
      ? `${who} are black and white: 0 is class 0, white is class 1.`
      : `${who} hold class indices.`;
  });
}

async function subfolder(
  folder: string | undefined,
  names: readonly string[],
  option: string,
): Promise<string> {
  if (folder === undefined) throw new Error(`no folder given for ${option}`);
  const entries = await list(folder);
  const found = names.find((name) => entries.includes(name));
  if (found !== undefined) return join(folder, found);
  throw new Error(
    `${folder}: none of the folders ${names.join(", ")} in it; name one by ${option}`,
  );
}

async function pngFiles(folder: string): Promise<string[]> {
  const files = (await list(folder)).filter((file) => !file.startsWith("."));
  const images = files.filter((file) => /\.png$/i.test(file));
  if (images.length > 0) return images.sort(naturalOrder);
  const others = files.length === 0 ? "it is empty" : `it holds ${someNames(files)}`;
  throw new Error(`${folder}: no PNG file in it (${others})`);
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort(naturalOrder);
  } catch (error) {
    throw new Error(`${folder}: ${reason(error, "folder")}`);
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`${path}: ${reason(error, "file")}`);
  }
}

function reason(error: unknown, kind: "file" | "folder"): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return `no such ${kind}`;
  if (code === "ENOTDIR") return "it is a file, expected a folder";
  if (code === "EISDIR") return "it is a folder, expected a file";
  return `it cannot be read (${code ?? error})`;
}
