// Separates and measures cells, in a Worker of its own.

import type { PixelSize, RawImage } from "../../../src/index.js";
import {
  type EditedObjects,
  editObjects,
  type MeasuredImage,
  measurementsCsv,
  type ObjectEdit,
  type ObjectLabels,
  type PreparedSeparation,
  prepareSeparation,
  type SeparationOptions,
} from "../../../src/objects/index.js";
import type { OutputFile } from "../outputs/pictures.js";
import type { CellFilter } from "../state/cell-settings.js";
import { type CellFileKey, cellFiles, predictedCells } from "./cell-files.js";
import {
  type CellSummary,
  type FoundCells,
  foundCells,
  keptCells,
  measuredImage,
  summaryOf,
} from "./found-cells.js";
import { type CellPlanes, cellsOfPlanes } from "./planes.js";
import { type EditGesture, type ProposedEdit, proposedEdit } from "./proposed-edit.js";

/** An image in which cells are found, kept by the Worker under a key. */
export interface CellImage {
  readonly raw: RawImage;
  readonly planes: CellPlanes;
}

/** How the cells of an image are separated and measured. */
export interface CellOptions extends SeparationOptions {
  readonly pixelSize?: PixelSize | undefined;
  /** Corrections by hand of the cells that are found. */
  readonly edits?: readonly ObjectEdit[] | undefined;
}

interface KeptImage {
  readonly raw: RawImage;
  readonly cells: ReturnType<typeof cellsOfPlanes>;
  /** Prepared for the newest options. */
  prepared?: { readonly by: string; readonly separation: PreparedSeparation };
  /** The last measurements: a filter needs them repeatedly. */
  measured?: {
    readonly by: string;
    readonly columns: FoundCells["columns"];
    readonly count: number;
  };
}

/** Which cells of an image files have, and what tables call the image. */
export interface CellFilesOf {
  readonly file: string;
  readonly filter: CellFilter;
}

export function createCellWork() {
  const images = new Map<string, KeptImage>();
  /** The images of the table that is being made. */
  let table: MeasuredImage[] = [];

  const imageOf = (key: string): KeptImage => {
    const image = images.get(key);
    if (!image) throw new Error(`the cells of ${key} were asked for before its prediction`);
    return image;
  };
  /** The last separation: edits are applied to it repeatedly. */
  let newest: { readonly of: PreparedSeparation; at: unknown; labels: ObjectLabels } | undefined;

  const separated = (key: string, options: CellOptions): EditedObjects => {
    const image = imageOf(key);
    const { separation, pixelSize: _, edits = [], ...others } = options;
    const by = JSON.stringify(others);
    if (image.prepared?.by !== by) {
      image.prepared = { by, separation: prepareSeparation(image.cells, others) };
    }
    const { separation: of } = image.prepared;
    if (newest?.of !== of || newest.at !== separation) {
      newest = { of, at: separation, labels: of.at(separation) };
    }
    return editObjects(newest.labels, edits);
  };
  const find = (key: string, options: CellOptions): FoundCells => {
    const image = imageOf(key);
    const { pixelSize } = options;
    const { labels, skipped } = separated(key, options);
    const measured = measuredImage(labels, image.raw, { file: key, pixelSize });
    // The page takes over the memory of the numbers.
    const own = labels === newest?.labels ? { ...labels, data: labels.data.slice() } : labels;
    const cells = foundCells(own, measured, skipped);
    const { columns, count } = cells;
    image.measured = { by: JSON.stringify(options), columns, count };
    return cells;
  };

  const predicted = (key: string, options: CellOptions, { file, filter }: CellFilesOf) => {
    const { labels } = separated(key, options);
    const { pixelSize } = options;
    const measured = measuredImage(labels, imageOf(key).raw, { file, pixelSize });
    return predictedCells(labels, measured, keptCells(foundCells(labels, measured), filter));
  };

  return {
    /** Keeps an image, whose cells can then be found again and again. */
    async keep(key: string, { raw, planes }: CellImage): Promise<void> {
      images.set(key, { raw, cells: cellsOfPlanes(planes) });
    },
    async forget(key: string): Promise<void> {
      images.delete(key);
    },
    /** The edit that a gesture makes of the cells. */
    propose: async (
      key: string,
      options: CellOptions,
      gesture: EditGesture,
    ): Promise<ProposedEdit> => proposedEdit(separated(key, options).labels, gesture),
    find: async (key: string, options: CellOptions): Promise<FoundCells> => find(key, options),
    async summarise(key: string, options: CellOptions, filter: CellFilter): Promise<CellSummary> {
      const { measured } = imageOf(key);
      const isKnown = measured?.by === JSON.stringify(options);
      return summaryOf(isKnown ? measured : find(key, options), filter);
    },
    files: async (
      key: string,
      options: CellOptions,
      of: CellFilesOf,
      keys: readonly CellFileKey[],
    ): Promise<OutputFile[]> => cellFiles(imageOf(key).raw, key, predicted(key, options, of), keys),
    /** Adds an image to a table of several; the first one begins it. */
    async tabulate(
      key: string,
      options: CellOptions,
      of: CellFilesOf,
      isFirst: boolean,
    ): Promise<void> {
      if (isFirst) table = [];
      table.push(predicted(key, options, of).measured);
    },
    /** The table of the images that were added, as CSV. */
    async takeTable(): Promise<Uint8Array> {
      const bytes = new TextEncoder().encode(measurementsCsv(table));
      table = [];
      return bytes;
    },
  };
}

export type CellWork = ReturnType<typeof createCellWork>;
