// `report.html` of a run folder: everything about a run and its results, in one self-contained
// file.

import { join } from "node:path";
import { classLegend } from "../../data/classes.js";
import type { Sample } from "../../data/image-types.js";
import { classesOf, readSample, type SampleFile } from "../../data/survey.js";
import { classFieldsOf } from "../../data/task.js";
import { balanceOf } from "../../data/weight-map.js";
import type { Architecture } from "../../model/architecture.js";
import { createModel } from "../../model/architectures.js";
import type { Model } from "../../model/model.js";
import { earlierTraining } from "../../train/config.js";
import type { Prediction } from "../../train/training-types.js";
import { writeFileAtomic } from "../run-files.js";
import { classSection } from "./class-section.js";
import {
  augmentationFigure,
  dataFigure,
  overlapTileFigure,
  predictionFigure,
  weightFigure,
} from "./figures.js";
import { type Cell, listHtml, type Section, tableHtml } from "./html.js";
import { pageHtml } from "./page.js";
import { type RunRecord, readRunRecord, shownValidation } from "./run-record.js";
import {
  commandSection,
  configurationSection,
  curveSection,
  grouped,
  imageSection,
  machineSection,
  share,
  summaryHtml,
} from "./run-sections.js";
import { type Album, createAlbum, networkHtml } from "./sections.js";

/** What a report shows in addition to the run folder; missing parts are left out. */
export interface ReportMaterial {
  /** The samples that were trained on, if they are to be shown. */
  readonly training?: readonly (Sample | SampleFile)[] | undefined;
  /** The samples that were held out, if they are to be shown. */
  readonly validation?: readonly (Sample | SampleFile)[] | undefined;
  /** Predicts with the run's best checkpoint. Called for the few held-out images that are shown. */
  predict?(sample: Sample): Promise<Prediction>;
  /** Figures for comparison: names with their share of wrong pixels. */
  readonly baselines?: readonly (readonly [name: string, wrongPixels: number])[] | undefined;
  /** Sentences on what is missing and why. */
  readonly remarks?: readonly string[] | undefined;
  /** Architectures besides the built-in ones. */
  readonly models?: readonly Architecture[] | undefined;
}

/** The number of held-out images to show: the worst ones. */
const CASES = 6;
/** The largest size of all embedded pictures, in bytes. */
const MOST_BYTES = 2_800_000;
/** The part of it for held-out images. */
const CASE_BYTES = 1_700_000;
/** The number of training images to show. */
const SHOWN_DATA = 2;
const PANEL = 256;
const WIDE_PANEL = 300;

/** Writes `report.html` into a run folder and returns its path. */
export async function writeReport(folder: string, material: ReportMaterial = {}): Promise<string> {
  const record = await readRunRecord(folder, material);
  const path = join(folder, "report.html");
  await writeFileAtomic(path, await reportHtml(record, material));
  return path;
}

/** Returns the report of a run as a self-contained document. */
export async function reportHtml(record: RunRecord, material: ReportMaterial): Promise<string> {
  const { config, steps } = record;
  const model = createModel(config.model, material.models);
  const album = createAlbum();
  const sections = [
    commandSection(record),
    curveSection(record),
    await caseSection(record, material, album),
    classSection(record, material.training),
    imageSection(record),
    await dataSection(record, material, album, model),
    {
      id: "network",
      title: "Network",
      lead: "The layers in execution order, with their sizes for the training tiles.",
      html: networkHtml(model, config.config.tile),
    },
    configurationSection(record),
    machineSection(record),
  ].filter((section) => section !== undefined);
  const count = config.training.length;
  return pageHtml({
    kind: "Micrograph training run",
    title: config.name,
    subtitle:
      `${model.title}, trained for ${grouped(steps)} steps on ` +
      `${count} image${count === 1 ? "" : "s"}, evaluated on ${config.validation.length} held out.`,
    summary: summaryHtml(record, material.remarks ?? []),
    sections,
    footer: `Made by micrograph ${config.micrograph}. This page loads nothing from other places.`,
  });
}

async function caseSection(
  record: RunRecord,
  { validation = [], predict }: ReportMaterial,
  album: Album,
): Promise<Section | undefined> {
  const { config } = record;
  if (!predict || validation.length === 0) return undefined;
  const wrong = new Map(
    shownValidation(record)?.images.map(({ name, wrongPixels }) => [name, wrongPixels]),
  );
  const worstFirst = [...validation].sort(
    (a, b) => (wrong.get(b.name) ?? 0) - (wrong.get(a.name) ?? 0),
  );
  const { objects } = config.task ?? {};
  const { separation, cellThreshold: threshold } = shownValidation(record) ?? {};
  const cells = objects && { ...objects, separation, threshold };
  const cases: string[] = [];
  for (const one of worstFirst.slice(0, CASES)) {
    const sample = await readSample(one);
    const figure = predictionFigure(
      sample,
      { ...(await predict(sample)), cells },
      classLegend(classFieldsOf(config)),
    );
    const html = album.add(figure, PANEL, CASE_BYTES);
    if (html === undefined) break;
    cases.push(html);
  }
  const left = validation.length - cases.length;
  const rest = left > 0 ? ` The other ${left} had fewer wrong pixels.` : "";
  return {
    id: "cases",
    title: "Held-out images, the worst first",
    lead:
      "A labelled object is split if two or more predicted ones are mostly inside it, merged " +
      "if it is mostly in a predicted one with others, missed if most of it is predicted as " +
      `background; objects below 20 pixels do not count.${rest}`,
    html: cases.join("\n"),
  };
}

const SAMPLE_SOURCES = {
  sample: "the embedded synthetic sample",
  nuclei: "the embedded synthetic sample of nuclei",
} as const;

async function dataSection(
  record: RunRecord,
  material: ReportMaterial,
  album: Album,
  model: Model,
): Promise<Section> {
  const { config } = record;
  const { training = [], baselines = [] } = material;
  const where: [string, string][] =
    typeof config.data === "string"
      ? [["Source", SAMPLE_SOURCES[config.data]]]
      : [
          ["Images", config.data.images],
          ["Labels", config.data.labels],
        ];
  const facts: [string, string][] = [
    ...where,
    ["Trained on", names(config.training)],
    ["Held out", names(config.validation)],
    ...(config.ignore === undefined
      ? []
      : [
          [
            `Ignored ${typeof config.ignore === "string" ? "colour" : "value"}`,
            `${config.ignore}`,
          ] as [string, string],
        ]),
  ];
  const parts = [listHtml(facts, "plain")];
  if (baselines.length > 0) {
    const shown = shownValidation(record);
    const rows: Cell[][] = baselines.map(([name, wrong]) => [name, share(wrong)]);
    if (shown) rows.unshift(["this network", share(shown.wrongPixels)]);
    const head = ["On the held-out images", "Wrong pixels"];
    parts.push('<div class="gap"></div>', tableHtml("Without a network", head, rows));
  }
  if (training.length > 0) {
    const { tile, augmentation } = earlierTraining(config.config);
    const legend = classLegend(classFieldsOf(config));
    const shown = await Promise.all(training.slice(0, SHOWN_DATA).map(readSample));
    const [first] = shown;
    const balance = balanceOf(training.map(classesOf));
    const figures = [
      { figure: dataFigure(shown, training.length, legend), width: 180 },
      { figure: overlapTileFigure(first, model, tile, legend), width: WIDE_PANEL },
      { figure: weightFigure(first, balance, config.config), width: WIDE_PANEL },
      { figure: augmentationFigure(first, tile, augmentation, legend), width: 180 },
    ];
    for (const { figure: one, width } of figures) {
      const html = one && album.add(one, width, MOST_BYTES);
      if (html !== undefined) parts.push(html);
    }
  }
  return { id: "data", title: "Data", html: parts.join("\n") };
}

function names(list: readonly string[]): string {
  const shown = list.slice(0, 40).join(", ");
  return `${list.length}: ${shown}${list.length > 40 ? ` and ${list.length - 40} more` : ""}`;
}
