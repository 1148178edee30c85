// Writes a folder of pictures of a data set and of a network's predictions, with a page that shows
// them.

import { join } from "node:path";
import type { Augmentation } from "../../data/augmentation-config.js";
import { type ClassLegend, classLegend } from "../../data/classes.js";
import type { Sample } from "../../data/image-types.js";
import { classesOf, readSample, type SampleFile } from "../../data/survey.js";
import { classFieldsOf, splitTask, type Task } from "../../data/task.js";
import { balanceOf } from "../../data/weight-map.js";
import type { Architecture } from "../../model/architecture.js";
import { createModel } from "../../model/architectures.js";
import { sheet } from "../../pictures/sheet.js";
import type { ModelConfig, Prediction } from "../../train/training-types.js";
import { picturePng } from "../png-files.js";
import { ensureFolder, writeFileAtomic } from "../run-files.js";
import { chartHtml } from "./chart.js";
import {
  augmentationFigure,
  dataFigure,
  type Figure,
  overlapTileFigure,
  predictionFigure,
  weightFigure,
} from "./figures.js";
import type { Section } from "./html.js";
import { pageHtml } from "./page.js";
import { chartsOf, type RunRecord } from "./run-record.js";
import { fileFigureHtml, layerLines, networkHtml } from "./sections.js";

/** What a gallery shows. */
export interface GalleryMaterial {
  /** A description of the source of the samples. */
  readonly source: string;
  /** At least one. */
  readonly samples: readonly (Sample | SampleFile)[];
  /** The network that is drawn. */
  readonly model: ModelConfig;
  /** What its classes mean. */
  readonly task?: Task | undefined;
  /** Architectures besides the built-in ones. */
  readonly models?: readonly Architecture[] | undefined;
  /** Side of the training tiles in pixels. */
  readonly tile: number;
  /** How the tiles are varied that it shows. */
  readonly augmentation: Augmentation;
  /** The weight map's separation term: height, and width in pixels. */
  readonly w0: number;
  /** Width of the separation term, in pixels. */
  readonly sigma: number;
  /** Version of the package, for the foot of the page. */
  readonly version: string;
  /** The run of the network, for its curves. */
  readonly run?: RunRecord | undefined;
  /**
   * Returns the probabilities of a sample, if there is a network; called for samples that its run
   * held out.
   */
  predict?(sample: Sample): Promise<Prediction>;
}

const MOST_SAMPLES = 12;
const MOST_PREDICTIONS = 8;

/**
 * Writes the pictures as PNG files, `architecture.txt` and, last, `index.html`; returns the names
 * of the files.
 */
export async function writeGallery(folder: string, material: GalleryMaterial): Promise<string[]> {
  const { samples, tile, augmentation, run, predict } = material;
  const apart = splitTask(material.model, material.task);
  const model = createModel(apart.model, material.models);
  const legend = classLegend(classFieldsOf(apart));
  await ensureFolder(folder);
  const files: string[] = [];
  const write = async (name: string, content: Uint8Array | string) => {
    await writeFileAtomic(join(folder, name), content);
    files.push(name);
  };
  const section = async (
    head: Omit<Section, "html">,
    figures: Iterable<Figure | undefined> | AsyncIterable<Figure | undefined>,
  ): Promise<Section> => {
    const parts: string[] = [];
    for await (const figure of figures) {
      if (figure === undefined) continue;
      const picture = sheet(figure.panels, { columns: figure.columns });
      await write(`${figure.name}.png`, picturePng(picture));
      parts.push(fileFigureHtml(figure, `${figure.name}.png`, picture));
    }
    return { ...head, html: parts.join("\n") };
  };
  const shown = await Promise.all(samples.slice(0, MOST_SAMPLES).map(readSample));
  const [first] = shown;
  const balance = balanceOf(samples.map(classesOf));
  const sections: Section[] = [
    await section({ id: "data", title: "Data" }, [dataFigure(shown, samples.length, legend)]),
    await section({ id: "training", title: "What training sees" }, [
      overlapTileFigure(first, model, tile, legend),
      augmentationFigure(first, tile, augmentation, legend),
      weightFigure(first, balance, { ...material, classWeights: "balanced" }),
    ]),
  ];
  if (run && chartsOf(run).length > 0) {
    const charts = chartsOf(run).map((chart, i) => chartHtml(chart, `curve-${i}`));
    const html = `<div class="charts">${charts.join("\n")}</div>`;
    sections.push({ id: "curves", title: "Curves", html });
  }
  if (predict) {
    const held = samples.filter(({ name }) => run?.config.validation.includes(name));
    const judged = (held.length > 0 ? held : samples).slice(0, MOST_PREDICTIONS);
    const figures = predictions(judged, predict, legend);
    sections.push(await section({ id: "predictions", title: "Predictions" }, figures));
  }
  await write("architecture.txt", `${layerLines(model, tile).join("\n")}\n`);
  sections.push({ id: "network", title: "Network", html: networkHtml(model, tile) });
  const count = samples.length;
  const page = pageHtml({
    kind: "Micrograph gallery",
    title: material.source,
    subtitle: `${count} image${count === 1 ? "" : "s"} with labels, as a network sees them.`,
    sections,
    footer: `Made by micrograph ${material.version}.`,
    files: true,
  });
  await write("index.html", page);
  return files;
}

async function* predictions(
  samples: readonly (Sample | SampleFile)[],
  predict: (sample: Sample) => Promise<Prediction>,
  legend: ClassLegend,
): AsyncGenerator<Figure> {
  for (const one of samples) {
    const sample = await readSample(one);
    yield predictionFigure(sample, await predict(sample), legend);
  }
}
