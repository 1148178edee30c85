// The commands that do the same in Node as the app did.

import { AUGMENTATIONS, type Augmentation, flagOf, quoteFor } from "../../../src/index.js";
import type { PlaneChoice } from "../slides/messages.js";
import { classFields } from "../state/classes.js";
import { networkInUse } from "../state/network.js";
import { isLabelled, labelled } from "../state/project.js";
import type { Project } from "../state/project-types.js";
import { DATA_SETTINGS, isOfNetwork } from "../state/settings.js";
import { folderOf, networkFileName } from "./names.js";

/** `micrograph train` with the project's labels, split and settings. */
export function trainCommand(project: Project): string {
  const { settings, classes, objects, startFrom } = project;
  const held = labelled(project, "validation").map(({ name }) => name);
  const words = ["micrograph train", quoted(folderOf(project)), "--ignore 255"];
  if (held.length > 0) words.push(`--validation ${quoted(held.join(","))}`);
  if (classes.length > 2) words.push(`--classes ${classes.length}`);
  // A cell of a mask is what gaps leave of it.
  if (objects === "gap") words.push("--instances");
  words.push(...classWords(project));
  const { augmentation, ...others } = settings;
  words.push(...augmentationWords(augmentation));
  if (startFrom) words.push(`--from ${startFrom}`);
  for (const [key, value] of Object.entries(others)) {
    // The network is that of the start.
    if (startFrom && isOfNetwork(key)) continue;
    const isDefault = value === DATA_SETTINGS[key as keyof typeof others];
    if (isDefault && key !== "validateEvery") continue;
    words.push(typeof value === "boolean" ? flagOf(key) : `${flagOf(key)} ${value}`);
  }
  return words.join(" ");
}

/** Names and colours that the user chose; the command line cannot express a name with a comma. */
function classWords({ classes }: Project): string[] {
  const { classNames, classColours } = classFields(classes);
  const isSayable = classNames?.every((name) => !name.includes(","));
  return [
    ...(classNames && isSayable ? [`--class-names ${quoted(classNames.join(","))}`] : []),
    ...(classColours ? [`--class-colours ${quoted(classColours.join(","))}`] : []),
  ];
}

/** The augmentation as the most similar named one, and the differences from it. */
function augmentationWords(augmentation: Augmentation): string[] {
  const named = Object.entries(AUGMENTATIONS).map(([name, one]) => {
    const changes = Object.entries(augmentation)
      .filter(([key, value]) => one[key as keyof Augmentation] !== value)
      .map(([key, value]) => {
        if (typeof value === "boolean") return value ? flagOf(key) : flagOf(`no-${key}`);
        return `${flagOf(key)} ${value}`;
      });
    return [`--augmentation ${name}`, ...changes];
  });
  return named.reduce((least, words) => (words.length < least.length ? words : least));
}

/** `micrograph predict` with the network in use: for the images with labels, and for those without. */
export function predictCommands(project: Project, threshold: number): string[] {
  const folder = quoted(folderOf(project));
  const kind = networkInUse(project.training)?.kind ?? "best";
  const { images, classes } = project;
  const hasLabels = images.some(isLabelled);
  const inputs = [
    ...(hasLabels ? ["images"] : []),
    ...(hasLabels && images.every(isLabelled) ? [] : ["unlabelled"]),
  ];
  return inputs.map((input) => {
    const words = [
      "micrograph predict",
      `--checkpoint ${folder}/checkpoints/${kind}.safetensors`,
      `--input ${folder}/${input}`,
      "--output masks",
      "--components",
      ...cellWords(project),
    ];
    if (classes.length === 2 && threshold !== 0.5) words.push(`--threshold ${threshold}`);
    return words.join(" ");
  });
}

/** What is segmented of a slide. */
export interface SlideChoice {
  /** Its address, or the name of its file or folder. */
  readonly input: string;
  readonly level: number;
  readonly plane: PlaneChoice;
  /** Number of channels of the slide. */
  readonly channels: number;
}

/** `micrograph predict` for a whole slide, with the network in use as it is downloaded. */
export function slideCommand(
  project: Project,
  { input, level, plane, channels: count }: SlideChoice,
): string {
  const network = networkInUse(project.training);
  const { channels, z, t } = plane;
  const isAll = channels.length === count && channels.every((channel, i) => channel === i);
  return [
    "micrograph predict",
    `--input ${quoted(input)}`,
    ...(network ? [`--checkpoint ${quoted(networkFileName(project, network))}`] : []),
    `--level ${level}`,
    ...(isAll ? [] : [`--channels ${channels.join()}`]),
    ...(z > 0 ? [`--z ${z}`] : []),
    ...(t > 0 ? [`--t ${t}`] : []),
    "--output out",
  ].join(" ");
}

/** Deeper than any neck. */
const NEVER = 100_000;

/** Single cells, if the project is about them, separated as on Measure. */
function cellWords({ objects, cells }: Project): string[] {
  if (!objects && !cells) return [];
  const { separation, threshold, holes, smallest } = cells ?? {};
  const values = {
    separation: separation === "never" ? NEVER : separation,
    cellThreshold: threshold,
    holes,
    smallest,
  };
  const words = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${flagOf(key)} ${value}`],
  );
  return ["--objects", "--measure", ...words];
}

/** How the command line differs; undefined if it does the same. */
export function commandNote(project: Project): string | undefined {
  if (labelled(project, "validation").length > 0) return undefined;
  return labelled(project, "training").length < 2
    ? "The command line keeps whole images for validation, not patches: label a second image for it."
    : "The command line keeps whole images for validation, not patches: the last fifth of the labelled ones.";
}

/** An argument quoted for the shells of the system that the page runs on. */
function quoted(text: string): string {
  const isWindows = globalThis.navigator?.userAgent.includes("Windows");
  return quoteFor(isWindows ? "win32" : "linux", text);
}
