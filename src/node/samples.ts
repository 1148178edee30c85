// Image and label files to samples.

import {
  applyColour,
  type Colours,
  colourFor,
  decideColour,
  fittedRemarks,
  notFiniteRemarks,
  surveyColour,
} from "../data/colour-rule.js";
import { decideLabels } from "../data/label-decide.js";
import type { LabelDecision, LabelDeclaration } from "../data/label-decision.js";
import { readLabel } from "../data/label-read.js";
import { type LabelSurvey, surveyLabel } from "../data/label-survey.js";
import { imageFromRaw } from "../data/labels.js";
import type { RawImage, Sample } from "../data/types.js";
import { collectDigests, type DataDigests } from "./digest.js";
import { createReader, type ReadOptions } from "./image-files.js";
import { createLabelFiles, labelName } from "./label-files.js";
import type { PairedFiles } from "./pairs.js";

export interface LoadedSamples {
  readonly samples: Sample[];
  /** How all of the labels are read. */
  readonly labels: LabelDecision;
  /** Whole sentences on what was taken for granted: how the labels mark their classes. */
  readonly remarks: string[];
  /** The class colours, "#rrggbb", that the labels' palettes give; absent where colours were given. */
  readonly classColours?: readonly string[];
  /** To notice, when a run goes on, that files have changed. */
  readonly digests: DataDigests;
}

/** How the files are read. */
export interface LoadOptions extends LabelDeclaration, ReadOptions {
  /** How the labels were read before. */
  readonly known?: LabelDecision | undefined;
  /** What grey and RGB images are read as, where the set does not decide. */
  readonly colour?: Colours | undefined;
  /** The channels of a network that is there already, which decide then. */
  readonly channels?: number | undefined;
}

/**
 * Reads the pairs' files. The labels are looked at all together first, and what the options declare
 * of them holds; a `known` decision is that of an earlier run. Errors name the file: unreadable, sizes
 * or channels that differ, values or colours that are no class; a `LabelQuestion` where a person must
 * say what the labels are.
 */
export async function loadSamples(
  pairs: readonly PairedFiles[],
  options: LoadOptions = {},
): Promise<LoadedSamples> {
  const { images, remarks: imageRemarks } = await loadImages(pairs, options);
  const surveys: LabelSurvey[] = [];
  const labelFiles = createLabelFiles(createReader(options));
  for (const [i, pair] of pairs.entries()) {
    const image = images[i];
    const raw = await labelFiles.read(labelOf(pair));
    if (image.width !== raw.width || image.height !== raw.height) {
      throw new Error(
        `${pair.image} is ${image.width}x${image.height} but ${pair.label} is ` +
          `${raw.width}x${raw.height}, expected equal sizes`,
      );
    }
    if (!options.known) surveys.push(surveyLabel(raw, labelName(labelOf(pair))));
  }
  const labels = options.known ?? decideLabels(surveys, options);
  const remarks = [...imageRemarks, ...labels.remarks];
  const samples: Sample[] = [];
  const digests = collectDigests();
  for (const [i, pair] of pairs.entries()) {
    const file = labelOf(pair);
    const { label, remarks: own } = readLabel(await labelFiles.read(file), labelName(file), labels);
    remarks.push(...own);
    const image = imageFromRaw(images[i]);
    samples.push({ name: pair.name, image, label });
    digests.add(pair.name, image, label);
  }
  const { paletteColours } = labels;
  const found = paletteColours ? { classColours: paletteColours } : {};
  return { samples, labels, remarks, digests: digests.all(), ...found };
}

function labelOf({ label, labelPage }: PairedFiles) {
  return { image: label, page: labelPage };
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
