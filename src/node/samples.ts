// Image and label files to samples.

import { colourText, completeColours } from "../data/classes.js";
import {
  applyColour,
  type Colours,
  colourFor,
  decideColour,
  fittedRemarks,
  notFiniteRemarks,
  surveyColour,
} from "../data/colour-rule.js";
import { checkPalette, paletteColours } from "../data/label-colours.js";
import {
  imageFromRaw,
  type LabelConvention,
  type LabelOptions,
  labelFromImage,
} from "../data/labels.js";
import { someNames } from "../data/pairs.js";
import type { Colour, RawImage, Sample } from "../data/types.js";
import { collectDigests, type DataDigests } from "./digest.js";
import { createReader, type ReadOptions } from "./image-files.js";
import type { PairedFiles } from "./pairs.js";

export interface LoadedSamples {
  readonly samples: Sample[];
  /** Whole sentences on what was taken for granted: how the labels mark their classes. */
  readonly remarks: string[];
  /** The class colours, "#rrggbb", that the labels' palettes give; absent where colours were given. */
  readonly classColours?: readonly string[];
  /** To notice, when a run goes on, that files have changed. */
  readonly digests: DataDigests;
}

/** How the files are read. */
export interface LoadOptions extends Partial<LabelOptions>, ReadOptions {
  /** What grey and RGB images are read as, where the set does not decide. */
  readonly colour?: Colours | undefined;
  /** The channels of a network that is there already, which decide then. */
  readonly channels?: number | undefined;
}

/**
 * Reads the pairs' files. `colours`: the class colours, where RGB labels are in them. Errors name the
 * file: unreadable, sizes or channels that differ, values or colours that are no class.
 */
export async function loadSamples(
  pairs: readonly PairedFiles[],
  options: LoadOptions = {},
): Promise<LoadedSamples> {
  const { classes = 2, ignore, colours } = options;
  const palette = createPalette(classes, typeof ignore === "object" ? ignore : undefined);
  const samples: Sample[] = [];
  const digests = collectDigests();
  const conventions = new Map<LabelConvention, string[]>();
  const { images, remarks: imageRemarks } = await loadImages(pairs, options);
  const readLabel = createReader(options);
  for (const [i, pair] of pairs.entries()) {
    const image = imageFromRaw(images[i]);
    const raw = await readLabel({ image: pair.label, page: pair.labelPage });
    if (image.width !== raw.width || image.height !== raw.height) {
      throw new Error(
        `${pair.image} is ${image.width}x${image.height} but ${pair.label} is ` +
          `${raw.width}x${raw.height}, expected equal sizes`,
      );
    }
    const { label, convention } = labelFromImage(raw, pair.label, { classes, ignore, colours });
    if (colours === undefined) palette.add(raw, pair.label);
    conventions.set(convention, [...(conventions.get(convention) ?? []), pair.name]);
    samples.push({ name: pair.name, image, label });
    digests.add(pair.name, image, label);
  }
  const found = palette.colours();
  const remarks = [...imageRemarks, ...conventionRemarks(conventions)];
  return { samples, remarks, digests: digests.all(), ...(found ? { classColours: found } : {}) };
}

/** The images, grey or RGB by the rule over all of them. */
async function loadImages(
  pairs: readonly PairedFiles[],
  options: LoadOptions,
): Promise<{ images: RawImage[]; remarks: string[] }> {
  const read = createReader(options);
  const raws: RawImage[] = [];
  for (const { image, imagePage, channelFiles } of pairs) {
    raws.push(await read({ image, page: imagePage, ...(channelFiles ? { channelFiles } : {}) }));
  }
  const surveys = raws.map((raw, i) => surveyColour(raw, pairs[i].image));
  const { channels } = options;
  if (channels !== undefined) {
    const rules = surveys.map((survey) => colourFor(survey, channels, "the network"));
    const remarks = [...fittedRemarks(surveys, channels), ...notFiniteRemarks(surveys)];
    return { images: raws.map((raw, i) => applyColour(raw, rules[i])), remarks };
  }
  const { rule, remarks } = decideColour(surveys, options.colour);
  return {
    images: raws.map((raw) => applyColour(raw, rule)),
    remarks: [...remarks, ...notFiniteRemarks(surveys)],
  };
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
