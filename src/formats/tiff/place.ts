// Copies the numbers of a block into the planes of its image.

import type { Numbers } from "./block-numbers.js";
import type { Block } from "./blocks.js";
import type { Layout } from "./page-layout.js";

/** Where the numbers of a sample go. */
export interface Target {
  readonly numbers: Numbers;
  readonly start: number;
}

/** Copies a block's numbers, pixel by pixel with `step` samples each, into the planes. */
export function place(
  given: Numbers,
  block: Block,
  rowLength: number,
  step: number,
  width: number,
  targets: readonly (Target | undefined)[],
): void {
  const numbers = unsigned(given);
  const { columns } = block;
  for (let sample = 0; sample < step; sample++) {
    const target = targets[block.sample + sample];
    if (target === undefined) continue;
    const plane = unsigned(target.numbers);
    for (let row = 0; row < block.rows; row++) {
      let from = row * rowLength + sample;
      let to = target.start + (block.top + row) * width + block.left;
      if (step === 1) {
        plane.set(numbers.subarray(from, from + columns), to);
        continue;
      }
      for (const end = to + columns; to < end; to++, from += step) plane[to] = numbers[from];
    }
  }
}

/**
 * Returns the same bits as unsigned numbers: loops over few types of arrays are several times
 * faster.
 */
function unsigned(numbers: Numbers): Uint8Array | Uint16Array | Uint32Array | Float64Array {
  const { buffer, byteOffset, length } = numbers;
  if (numbers.BYTES_PER_ELEMENT === 1) return new Uint8Array(buffer, byteOffset, length);
  if (numbers.BYTES_PER_ELEMENT === 2) return new Uint16Array(buffer, byteOffset, length);
  if (numbers instanceof Float64Array) return numbers;
  return new Uint32Array(buffer, byteOffset, length);
}

/** Fills a block that was never written. */
export function fill(
  block: Block,
  value: number,
  { width }: Layout,
  targets: readonly (Target | undefined)[],
  step: number,
): void {
  for (let sample = 0; sample < step; sample++) {
    const target = targets[block.sample + sample];
    if (target === undefined) continue;
    for (let row = 0; row < block.rows; row++) {
      const start = target.start + (block.top + row) * width + block.left;
      target.numbers.fill(value, start, start + block.columns);
    }
  }
}
