// What is printed at the end of a run: its best result compared with simple baselines, and what to do next.

import { join } from "node:path";
import type { ClassFields } from "../../data/classes.js";
import { imageFromRaw } from "../../data/float-image.js";
import { classesOf, readSample } from "../../data/survey.js";
import { classFieldsOf } from "../../data/task.js";
import {
  commonestClass,
  type ThresholdBaseline,
  thresholdSearch,
  wrongOfOneClass,
} from "../../metrics/baseline.js";
import { encodePng } from "../../node/png-files.js";
import { ensureFolder, writeFileAtomic } from "../../node/run-files.js";
import type { RunConfig } from "../../node/run-folder.js";
import type { TrainingResult } from "../../train/training-types.js";
import { countText, duration, percent, shellQuote } from "../format.js";
import type { RunData } from "./train-data.js";
import { cellText } from "./train-progress.js";

export interface Finished {
  /** Folder of the run. */
  readonly place: string;
  readonly data: RunData;
  readonly run: RunConfig;
  readonly result: TrainingResult;
  readonly baselines: Baselines;
  readonly invocation: string;
  /** The module of an architecture of the user's. */
  readonly module?: string | undefined;
}

/** Wrong pixels of the baselines on the held-out images. */
export interface Baselines {
  /** The best single threshold on the blurred images; null with more than two classes. */
  readonly threshold: ThresholdBaseline | null;
  /** Assigning the most common class to every pixel. */
  readonly oneClass: number;
  readonly commonestClass: number;
}

/** Held-out samples as files, for `predict` to read and for `evaluate` to compare with. */
export async function writeHeldOut(run: string, samples: RunData["validation"]): Promise<void> {
  const [images, labels] = ["input", "label"].map((kind) => join(run, "samples", kind));
  await ensureFolder(images);
  await ensureFolder(labels);
  for (const { name, image: stored, label } of await Promise.all(samples.map(readSample))) {
    const image = imageFromRaw(stored);
    const { width, height, channels } = image;
    const scaled = image.data.map((value) => 255 * value);
    const png = { width, height, channels: channels as 1 | 3, bitDepth: 8, data: scaled } as const;
    await writeFileAtomic(join(images, `${name}.png`), encodePng(png));
    const data = label.data.map((index) => (label.classes === 2 ? 255 * index : index));
    const map = { width, height, channels: 1, bitDepth: 8, data } as const;
    await writeFileAtomic(join(labels, `${name}.png`), encodePng(map));
  }
}

/** The result for programs (`--json`). */
export function resultJson(finished: Finished): unknown {
  const { place, result } = finished;
  return {
    run: place,
    reason: result.reason,
    steps: result.steps,
    elapsedMs: Math.round(result.elapsedMs),
    skippedSteps: result.skippedSteps,
    best: result.best ?? null,
    baselines: finished.baselines,
    checkpoint: join(place, `${result.best ? "best" : "last"}.safetensors`),
    next: nextCommand(finished),
  };
}

const ENDED = {
  steps: "Done",
  time: "Time is up",
  patience: "No improvement: ended",
  aborted: "Stopped",
};

/** The result for people. */
export function resultLines(finished: Finished): string[] {
  const { place, data, result } = finished;
  const ended = ENDED[result.reason];
  const skipped = result.skippedSteps ? `, ${result.skippedSteps} of them skipped (overflow)` : "";
  const lines = [
    "",
    `${ended} after ${result.steps} steps${skipped}, ${duration(result.elapsedMs)}.`,
  ];
  if (result.best) {
    const count = data.validation.length;
    lines.push("", `Wrong pixels on the ${count} held-out image${count > 1 ? "s" : ""}:`);
    lines.push(
      `  this network, best at step ${result.best.step}: ${percent(result.best.wrongPixels)}` +
        cellText(result.best),
    );
    for (const [name, wrong] of baselineNames(finished.baselines, classFieldsOf(finished.run))) {
      lines.push(`  ${name}: ${percent(wrong)}`);
    }
  }
  lines.push(
    "",
    `Run folder: ${place} (report.html, loss.svg, samples/, metrics.csv, config.json)`,
  );
  if (result.reason === "aborted") {
    lines.push("", "To continue:", `  ${finished.invocation} train --resume ${shellQuote(place)}`);
  }
  if (result.best) lines.push("", "Next:", `  ${nextCommand(finished)}`);
  // With the user's data, predictions include training images, so evaluating them would not be fair.
  if (result.best && typeof data.source === "string") {
    const labels = shellQuote(join(place, "samples", "label"));
    lines.push(`  ${finished.invocation} evaluate --prediction predictions --labels ${labels}`);
  }
  return lines;
}

/** Measures the baselines on the held-out images, one after the other. */
export async function measureBaselines({ validation }: RunData): Promise<Baselines> {
  const counts = validation.map((sample) => classesOf(sample).counts);
  const baselines = { oneClass: wrongOfOneClass(counts), commonestClass: commonestClass(counts) };
  if (counts[0].length !== 2) return { threshold: null, ...baselines };
  const search = thresholdSearch();
  for (const sample of validation) search.measure((await readSample(sample)).image);
  for (const sample of validation) {
    const { image, label } = await readSample(sample);
    search.add(image, label);
  }
  return { threshold: search.best(), ...baselines };
}

/** The baselines in words, with their share of wrong pixels. */
export function baselineNames(
  { threshold, oneClass, commonestClass: index }: Baselines,
  { classes, classNames }: ClassFields,
): [name: string, wrongPixels: number][] {
  const usual = classes === 2 ? ["background", "cell"][index] : `class ${index}`;
  const everything = classNames?.[index] ?? usual;
  const one: [string, number] = [`everything ${everything}`, oneClass];
  if (!threshold) return [one];
  const blur = `blurred by ${countText(threshold.sigma, "pixel")}, fitted on these same images`;
  return [[`best threshold (${blur})`, threshold.wrongPixels], one];
}

function nextCommand({ place, data, run, result, invocation, module }: Finished): string {
  const checkpoint = join(place, `${result.best ? "best" : "last"}.safetensors`);
  const input =
    typeof data.source === "string" ? join(place, "samples", "input") : data.source.images;
  const own = module ? `--model ${shellQuote(module)} ` : "";
  return (
    `${invocation} predict --checkpoint ${shellQuote(checkpoint)} ${own}` +
    `--input ${shellQuote(input)} --output predictions${run.task?.objects ? " --objects" : ""}`
  );
}
