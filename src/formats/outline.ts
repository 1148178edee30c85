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
  /** What its file calls it; "" for nothing. */
  readonly name: string;
  /** Its parts; together they are the object. */
  readonly polygons: readonly Polygon[];
}

/** The outlines of a file, and what a person should be told of it, whole sentences without its name. */
export interface OutlineFile {
  /** The outlines, in the order of the file. */
  readonly outlines: readonly Outline[];
  /** Sentences on what was left out or taken for granted. */
  readonly remarks: readonly string[];
}
