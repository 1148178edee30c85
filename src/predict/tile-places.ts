// Where the output tiles of a prediction stand in an image, and how they become one.

export interface Origin {
  readonly x: number;
  readonly y: number;
}

/**
 * Where the output tiles stand so that they cover an image: at multiples of the largest distance
 * that is a multiple of the pooling grid and at most the output's side, row by row.
 */
export function tileOrigins(
  { width, height }: { readonly width: number; readonly height: number },
  output: number,
  grid: number,
): Origin[] {
  if (output < grid && Math.max(width, height) > output) {
    throw new Error(
      `tiles with an output of ${output} pixels cannot cover an image of ${width} x ${height}: the output must be at least ${grid}; choose a larger tile`,
    );
  }
  // A tile that covers the image needs no distance.
  const stride = Math.max(grid, Math.floor(output / grid) * grid);
  const along = (size: number) => {
    const count = Math.max(1, Math.ceil((size - output) / stride) + 1);
    return Array.from({ length: count }, (_, i) => i * stride);
  };
  return along(height).flatMap((y) => along(width).map((x) => ({ x, y })));
}

/** Copies the part of an output tile [classes][side][side] that lies in the image. */
export function paste(
  tile: Float32Array,
  side: number,
  { x, y }: Origin,
  { width, height }: { readonly width: number; readonly height: number },
  result: Float32Array,
): void {
  const columns = Math.min(side, width - x);
  const rows = Math.min(side, height - y);
  const classes = tile.length / (side * side);
  for (let k = 0; k < classes; k++) {
    for (let row = 0; row < rows; row++) {
      const at = (k * side + row) * side;
      result.set(tile.subarray(at, at + columns), (k * height + y + row) * width + x);
    }
  }
}
