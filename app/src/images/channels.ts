// Gives all images of a project the same number of channels, with the command line's rule for grey and RGB.

import {
  applyColour,
  type ColourRule,
  type ColourSurvey,
  decideColour,
  type RawImage,
} from "../../../src/index.js";
import { countText } from "../state/words.js";
import { skipped } from "./problems.js";

/** An image as it was read. */
export interface ReadImage {
  readonly raw: RawImage;
  readonly survey: ColourSurvey;
}

export interface Fitted<Image extends ReadImage> {
  readonly images: readonly Image[];
  /** The images to add, each with its conversion. */
  readonly rule: ColourRule;
  /** Why others were skipped. */
  readonly problems: readonly string[];
  readonly remarks: readonly string[];
}

/**
 * Which of the images can be in one project, whose images have `channels` channels if there are any. If there
 * are none, the majority decides; grey and RGB can be converted into each other.
 */
export function fitChannels<Image extends ReadImage>(
  all: readonly Image[],
  channels: number | undefined,
): Fitted<Image> {
  const wanted = channels ?? usualChannels(all);
  const isColour = wanted === 1 || wanted === 3;
  const fits = ({ survey }: Image) =>
    survey.channels === wanted || (isColour && survey.kind !== "channels");
  const images = all.filter(fits);
  const problems = all
    .filter((image) => !fits(image))
    .map(({ survey }) => {
      const has = countText(survey.channels, "channel");
      return skipped(
        `${survey.name}: it has ${has}, but this project's images have ${wanted}: convert it, or start a ` +
          "new project",
      );
    });
  const declared = channels === 1 ? "grey" : channels === 3 ? "rgb" : undefined;
  const surveys = images.map(({ survey }) => survey);
  if (surveys.length === 0) return { images, rule: "stored", problems, remarks: [] };
  const { rule, remarks } = decideColour(surveys, declared);
  return { images, rule, problems, remarks };
}

/** The channels of the first image of the most common kind. */
function usualChannels(all: readonly ReadImage[]): number | undefined {
  const kinds = new Map<string | number, { readonly channels: number; count: number }>();
  for (const { survey } of all) {
    const kind = survey.kind === "channels" ? survey.channels : "colour";
    const found = kinds.get(kind);
    if (found) found.count++;
    else kinds.set(kind, { channels: survey.channels, count: 1 });
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count)[0]?.channels;
}

/** The image converted by the rule; work for a Worker if `isChanged`. */
export const recoloured = applyColour;

/** Whether the rule changes the image. */
export function isChanged({ channels }: RawImage, rule: ColourRule): boolean {
  return (rule === "grey" && channels === 3) || (rule === "rgb" && channels === 1);
}
