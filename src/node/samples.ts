// Folders of image and label files to samples.

import { basename, join } from "node:path";
import { colourText, completeColours } from "../data/classes.js";
import { checkPalette, paletteColours } from "../data/label-colours.js";
import {
  imageFromRaw,
  type LabelConvention,
  type LabelOptions,
  labelFromImage,
} from "../data/labels.js";
import { type Pair, pairByStem, someNames } from "../data/pairs.js";
import type { Colour, RawImage, Sample } from "../data/types.js";
import { createReader, findImages, type ImageFile, list } from "./image-files.js";

/** Either both, or one folder that holds them under a usual name. */
export interface PairFolders {
  readonly folder?: string;
  /** A folder, or a file: a TIFF stack. */
  readonly images?: string;
  readonly labels?: string;
}

/** An image with its label, and the pages where the files are stacks. */
export interface PairedFiles extends Pair {
  readonly imagePage?: number;
  readonly labelPage?: number;
}

const IMAGE_FOLDERS = ["images", "image", "imgs"];
const LABEL_FOLDERS = ["labels", "label", "masks", "mask"];

/**
 * The image and label files of a data set, PNG or TIFF, paired by stem, in natural order; the pages
 * of one stack of images and of one of labels are paired by their place. `source` are the two
 * folders or files. Errors: what is missing or holds no image, an image without a label.
 */
export async function findPairs(where: PairFolders): Promise<{
  pairs: PairedFiles[];
  warnings: string[];
  source: { readonly images: string; readonly labels: string };
}> {
  const images = where.images ?? (await subfolder(where.folder, IMAGE_FOLDERS, "--images"));
  const labels = where.labels ?? (await subfolder(where.folder, LABEL_FOLDERS, "--labels"));
  const source = { images, labels };
  const imageFiles = byFileName(await findImages(images));
  const labelFiles = byFileName(renamed(await findImages(labels), [...imageFiles.values()]));
  const found = pairByStem([...imageFiles.keys()], [...labelFiles.keys()], source);
  const pairs = found.pairs.map(({ name, image, label }) => {
    const imageFile = imageFiles.get(image) as ImageFile;
    const labelFile = labelFiles.get(label) as ImageFile;
    return {
      name,
      image: imageFile.image,
      label: labelFile.image,
      imagePage: imageFile.page,
      labelPage: labelFile.page,
    };
  });
  return { pairs, warnings: found.warnings, source };
}

/** By the file's name; a page under a name of its own. */
function byFileName(files: readonly ImageFile[]): Map<string, ImageFile> {
  const name = ({ name, image, page }: ImageFile) =>
    page === undefined ? basename(image) : `${name}.page`;
  return new Map(files.map((file) => [name(file), file]));
}

/**
 * The labels under the names of the images where both are the pages of one stack, however the two
 * files are called (train-volume.tif, train-labels.tif). Throws where they are not as many.
 */
function renamed(labels: readonly ImageFile[], images: readonly ImageFile[]): readonly ImageFile[] {
  if (!isOneStack(labels) || !isOneStack(images)) return labels;
  if (labels.length !== images.length) {
    throw new Error(
      `${images[0].image} has ${images.length} pages but ${labels[0].image} has ` +
        `${labels.length}, expected as many`,
    );
  }
  return labels.map((label, i) => ({ ...label, name: images[i].name }));
}

/** Whether the images are the pages of one file. */
export function isOneStack(files: readonly ImageFile[]): boolean {
  return files.every(({ image, page }) => page !== undefined && image === files[0].image);
}

export interface LoadedSamples {
  readonly samples: Sample[];
  /** Whole sentences on what was taken for granted: how the labels mark their classes. */
  readonly remarks: string[];
  /** The class colours, "#rrggbb", that the labels' palettes give; absent where colours were given. */
  readonly classColours?: readonly string[];
}

/**
 * Reads the pairs' files. `colours`: the class colours, where RGB labels are in them. Errors name the
 * file: unreadable, sizes or channels that differ, values or colours that are no class.
 */
export async function loadSamples(
  pairs: readonly PairedFiles[],
  options: Partial<LabelOptions> = {},
): Promise<LoadedSamples> {
  const { classes = 2, ignore, colours } = options;
  const palette = createPalette(classes, typeof ignore === "object" ? ignore : undefined);
  const samples: Sample[] = [];
  const conventions = new Map<LabelConvention, string[]>();
  const [readImage, readLabel] = [createReader(), createReader()];
  for (const pair of pairs) {
    const image = imageFromRaw(await readImage({ image: pair.image, page: pair.imagePage }));
    const raw = await readLabel({ image: pair.label, page: pair.labelPage });
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
    const { label, convention } = labelFromImage(raw, pair.label, { classes, ignore, colours });
    if (colours === undefined) palette.add(raw, pair.label);
    conventions.set(convention, [...(conventions.get(convention) ?? []), pair.name]);
    samples.push({ name: pair.name, image, label });
  }
  const found = palette.colours();
  const remarks = conventionRemarks(conventions);
  return { samples, remarks, ...(found ? { classColours: found } : {}) };
}

/**
 * Collects the colours of the classes from palettes. Two classes have none: there a palette is no
 * more than a way to store black and white. No class gets the ignored colour.
 */
function createPalette(classes: number, ignored: Colour | undefined) {
  const known: (Colour | undefined)[] = [];
  return {
    add(raw: RawImage, name: string): void {
      const palette = classes > 2 ? paletteColours(raw, classes) : undefined;
      if (!palette) return;
      checkPalette(palette, known, name);
      for (const [index, colour] of palette.entries()) known[index] ??= colour;
    },
    colours(): readonly string[] | undefined {
      const texts = known.filter((colour) => colour !== undefined).map(colourText);
      // One colour for two classes says nothing.
      if (texts.length === 0 || new Set(texts).size < texts.length) return undefined;
      return completeColours(Array.from(known), classes, ignored).map(colourText);
    },
  };
}

const CONVENTIONS: Readonly<Record<LabelConvention, string>> = {
  "0/255": "are black and white: 0 is class 0, white is class 1",
  index: "hold class indices",
  colours: "are pictures in the class colours",
};

function conventionRemarks(conventions: ReadonlyMap<LabelConvention, string[]>): string[] {
  return [...conventions].map(([convention, names]) => {
    const who = conventions.size === 1 ? "Labels" : `Labels ${someNames(names)}`;
    return `${who} ${CONVENTIONS[convention]}.`;
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
