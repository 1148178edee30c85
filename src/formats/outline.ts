// Outlines as files of several formats hold them: polygons around objects.

/**
 * The corners of a closed ring: x0, y0, x1, y1 ... in pixels from the image's corner, so that the first pixel
 * covers 0 to 1. The first corner is not repeated.
 */
export type Ring = readonly number[];

/** An area with holes: what lies within an odd number of its rings. */
export type Polygon = readonly Ring[];

/** An object by its outline. */
export interface Outline {
  /** Its name in the file; "" if it has none. */
  readonly name: string;
  /** Its parts; together they are the object. */
  readonly polygons: readonly Polygon[];
}

/** The outlines of a file, and remarks for the user. */
export interface OutlineFile {
  /** The outlines, in the order of the file. */
  readonly outlines: readonly Outline[];
  /** Remarks on what was left out or assumed: whole sentences without the file's name. */
  readonly remarks: readonly string[];
}
