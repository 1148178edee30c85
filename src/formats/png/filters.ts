// The filters of PNG's rows (PNG specification, section 9): each byte minus a prediction from its
// neighbours, `step` bytes to the left and in the row above.

/**
 * Undoes the filter of a row in place. `above` is the row above, already decoded; zeros for the
 * first.
 */
export function unfilter(filter: number, row: Uint8Array, above: Uint8Array, step: number): void {
  const { length } = row;
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let i = step; i < length; i++) row[i] += row[i - step];
      return;
    case 2:
      for (let i = 0; i < length; i++) row[i] += above[i];
      return;
    case 3:
      for (let i = 0; i < Math.min(step, length); i++) row[i] += above[i] >> 1;
      for (let i = step; i < length; i++) row[i] += (row[i - step] + above[i]) >> 1;
      return;
    case 4:
      for (let i = 0; i < Math.min(step, length); i++) row[i] += above[i];
      for (let i = step; i < length; i++) {
        row[i] += paeth(row[i - step], above[i], above[i - step]);
      }
      return;
    default:
      throw new Error(`a row has the filter ${filter}, expected 0 to 4`);
  }
}

/**
 * Writes the filter's number and the filtered row to `target`: the filter whose bytes, as
 * differences of -128 to 127, have the smallest sum (proposed in section 12.7).
 */
export function filterRow(
  row: Uint8Array,
  above: Uint8Array,
  step: number,
  target: Uint8Array,
): void {
  let least = Infinity;
  let best = 0;
  for (let filter = 0; filter < 5; filter++) {
    let sum = 0;
    for (let i = 0; i < row.length && sum < least; i++) {
      const byte = (row[i] - guess(filter, row, above, step, i)) & 0xff;
      sum += byte < 128 ? byte : 256 - byte;
    }
    if (sum < least) {
      least = sum;
      best = filter;
    }
  }
  target[0] = best;
  for (let i = 0; i < row.length; i++) target[i + 1] = row[i] - guess(best, row, above, step, i);
}

function guess(
  filter: number,
  row: Uint8Array,
  above: Uint8Array,
  step: number,
  i: number,
): number {
  const left = i < step ? 0 : row[i - step];
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above[i];
  if (filter === 3) return (left + above[i]) >> 1;
  return paeth(left, above[i], i < step ? 0 : above[i - step]);
}

/** The neighbour nearest to left + up - corner; if equal the first in this order. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
