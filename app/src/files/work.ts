// Slow work on files and pixels, done in its own Worker so that the page's thread stays free.

import {
  type ColourRule,
  connectedComponents,
  type Prediction,
  type RawImage,
} from "../../../src/index.js";
import { recoloured } from "../images/channels.js";
import {
  type LabelOptions,
  type LabelRequest,
  type ReadLabels,
  readLabelFiles,
} from "../images/label-files.js";
import { isModelPackage, readNetwork } from "../networks/network-files.js";
import { exportedNetwork } from "../outputs/network-formats.js";
import {
  classesOf,
  classFiles,
  type OutputFile,
  type PictureRequest,
  predictionFiles,
} from "../outputs/pictures.js";
import { type ReportParts, reportHtml } from "../outputs/report.js";
import type { ClassInfo, Project } from "../state/project-types.js";
import type { LoadedProject } from "../storage/autosave.js";
import { namedCheckpoint } from "../storage/named-checkpoint.js";
import { type PackOptions, unzipProject, zipFiles, zipProject } from "../storage/project-zip.js";
import { imageCodec } from "./codec.js";
import { countPages, openFile, readImages } from "./read-images.js";

/** The number of objects and the classes' shares of a prediction's pixels. */
export interface PixelFigures {
  readonly objects: number;
  readonly shares: readonly number[];
}

/** Errors name the file. */
export const fileWork = {
  ...imageCodec,
  readImages,
  recoloured: async (raw: RawImage, rule: ColourRule): Promise<RawImage> => recoloured(raw, rule),
  countPages,
  readLabels: (request: LabelRequest, options: LabelOptions): Promise<ReadLabels> =>
    readLabelFiles(request, openFile, options),

  exportedNetwork,
  readNetwork,
  isModelPackage,

  /** The project in a zip file, as far as it can be read. */
  async openProject(file: Blob, name: string): Promise<LoadedProject> {
    return unzipProject(new Uint8Array(await file.arrayBuffer()), name, imageCodec);
  },
  packProject: (project: Project, options: PackOptions = {}): Promise<Uint8Array> =>
    zipProject(project, imageCodec, options),

  /** A checkpoint's file with the project's classes. */
  checkpoint: (bytes: Uint8Array, classes: readonly ClassInfo[]): Promise<Uint8Array> =>
    namedCheckpoint(bytes, classes, "checkpoint"),

  pictures: async (requests: readonly PictureRequest[]): Promise<OutputFile[]> =>
    requests.flatMap(predictionFiles),
  /** The same in one zip file, with other files. */
  async packPictures(
    requests: readonly PictureRequest[],
    { onFile, signal, others = [] }: PackOptions & { others?: readonly OutputFile[] } = {},
  ): Promise<Uint8Array> {
    const files: OutputFile[] = [];
    for (const [i, request] of requests.entries()) {
      await onFile?.(i, requests.length, request.name);
      signal?.throwIfAborted();
      files.push(...predictionFiles(request));
    }
    return zipFiles([...files, ...others, ...classFiles(requests)]);
  },
  report: async (parts: ReportParts): Promise<Uint8Array> =>
    new TextEncoder().encode(reportHtml(parts)),

  async figures(prediction: Prediction, threshold: number): Promise<PixelFigures> {
    const { width, height, classes } = prediction;
    const indices = classesOf(prediction, threshold);
    const counts = new Array<number>(classes).fill(0);
    for (const index of indices) counts[index]++;
    return {
      objects: connectedComponents(indices, width, height).count,
      shares: counts.map((count) => count / indices.length),
    };
  },
};

export type FileWork = typeof fileWork;
