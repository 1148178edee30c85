// Parses what ImageJ and tifffile write about the pages into a file's description.

export interface ImageJ {
  /** Planes that the file holds. */
  readonly images: number;
  readonly channels: number;
  readonly slices: number;
  readonly frames: number;
}

/**
 * Parses ImageJ's description: lines of `key=value`. Planes are ordered by channel, slice, frame.
 */
export function parseImageJ(description: string): ImageJ | undefined {
  if (!description.startsWith("ImageJ=")) return undefined;
  const number = (key: string) => {
    const text = new RegExp(`^${key}=(\\d{1,9})\\s*$`, "m").exec(description)?.[1];
    return Math.max(1, Number(text ?? 1));
  };
  return {
    images: number("images"),
    channels: number("channels"),
    slices: number("slices"),
    frames: number("frames"),
  };
}

export interface Shaped {
  readonly shape: readonly number[];
  /** One letter per size, "C" for channels. */
  readonly axes: string;
  /** Whether one directory describes all pages. */
  readonly isTruncated: boolean;
}

/** Parses tifffile's description: `{"shape": [3, 512, 512], "axes": "CYX"}`. */
export function parseShaped(description: string): Shaped | undefined {
  if (!description.startsWith('{"shape":')) return undefined;
  let value: { shape?: unknown; axes?: unknown; truncated?: unknown };
  try {
    value = JSON.parse(description);
  } catch {
    return undefined;
  }
  const { shape, axes, truncated } = value;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    return undefined;
  }
  const letters = typeof axes === "string" && axes.length === shape.length ? axes : "";
  return { shape, axes: letters, isTruncated: truncated === true };
}
