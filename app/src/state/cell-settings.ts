// How single cells are separated, and which of them count. Stored in the project; the cells themselves are
// found again from its predictions.

/** A field that is absent has its default. */
export interface CellSettings {
  /** Depth of a neck that separates two cells, in pixels; by default that of the network, else 1. */
  readonly separation?: number | "never";
  /** A pixel is cell above this probability; by default that of the network, else that of the mask. */
  readonly threshold?: number;
  /** Objects of fewer pixels do not count. */
  readonly smallest?: number;
  /** Holes of at most so many pixels are filled. */
  readonly holes?: number;
  /** Index of the class that is the cell; by default all but the first. */
  readonly cellClass?: number;
  readonly filter?: CellFilter;
  /** The measurements that the table shows: "area" of "area_um2". */
  readonly columns?: readonly string[] | undefined;
}

/** Cells that do not pass are neither counted nor listed. */
export interface CellFilter {
  /** By the name of a column of the table: the least and the greatest value that pass. */
  readonly bounds: Readonly<Record<string, Bounds>>;
  /** Leaves out cells that touch the edge of the image. */
  readonly withoutBorder: boolean;
}

export interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

export const NO_FILTER: CellFilter = { bounds: {}, withoutBorder: false };

/** Whether the filter lets every cell pass. */
export const isOpen = ({ bounds, withoutBorder }: CellFilter) =>
  !withoutBorder && Object.keys(bounds).length === 0;

/** The filter with other bounds of a column; none if both ends are open. */
export function withBounds(filter: CellFilter, column: string, bounds: Bounds): CellFilter {
  const { [column]: _, ...others } = filter.bounds;
  const isBounded = bounds.least !== undefined || bounds.most !== undefined;
  return { ...filter, bounds: isBounded ? { ...others, [column]: bounds } : others };
}

/** The settings as far as they are valid: a file of a project may hold anything. */
export function knownCells(stored: unknown, classes: number): CellSettings | undefined {
  if (!isRecord(stored)) return undefined;
  const { separation, threshold, smallest, holes, cellClass, filter, columns } = stored;
  const isClass = Number.isInteger(cellClass) && isSize(cellClass) && cellClass < classes;
  return {
    ...(separation === "never" || isSize(separation) ? { separation } : {}),
    ...(isSize(threshold) && threshold < 1 ? { threshold } : {}),
    ...(isSize(smallest) ? { smallest } : {}),
    ...(isSize(holes) ? { holes } : {}),
    ...(isClass ? { cellClass } : {}),
    ...(isRecord(filter) ? { filter: knownFilter(filter) } : {}),
    ...(isNames(columns) ? { columns } : {}),
  };
}

function knownFilter({ bounds, withoutBorder }: Readonly<Record<string, unknown>>): CellFilter {
  let known: CellFilter = { bounds: {}, withoutBorder: withoutBorder === true };
  for (const [column, ends] of Object.entries(isRecord(bounds) ? bounds : {})) {
    if (!isRecord(ends)) continue;
    const { least, most } = ends;
    known = withBounds(known, column, {
      ...(typeof least === "number" ? { least } : {}),
      ...(typeof most === "number" ? { most } : {}),
    });
  }
  return known;
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isSize = (value: unknown): value is number =>
  typeof value === "number" && value >= 0 && Number.isFinite(value);
