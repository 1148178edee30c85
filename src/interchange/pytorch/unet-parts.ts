// What families of U-Nets share: levels down and up again with skips.

import type { OnnxActivation } from "../onnx/end-activation.js";
import type { GraphWriter } from "./graph-writer.js";

/** A family of networks. */
export interface PytorchFamily {
  readonly name: string;
  /** A weight that all of the family have, and others do not. */
  readonly sign: string;
  /** The activation that the module applies itself. */
  readonly activation?: OnnxActivation;
  /** Writes the layers; returns the output. */
  write(layers: GraphWriter): string;
}

/** Counts the levels whose weight is there. */
export function levels({ has }: GraphWriter, weight: (level: number) => string, first = 0): number {
  let count = 0;
  while (has(weight(first + count))) count++;
  return count;
}

/** 0, 1, ... */
export const list = (count: number) => Array.from({ length: count }, (_, i) => i);

/** What is common to all: blocks down, poolings, a block at the bottom, and up again with the skips. */
export function uNet(
  g: GraphWriter,
  depth: number,
  parts: {
    readonly down: (x: string, level: number) => string;
    readonly bottom: (x: string) => string;
    readonly up: (x: string, step: number) => string;
    readonly join: (skip: string, x: string) => string;
    readonly block: (x: string, step: number) => string;
  },
  image = "image",
): string {
  const skips: string[] = [];
  let x = image;
  for (const level of list(depth)) {
    x = parts.down(x, level);
    skips.push(x);
    x = g.maxPool(x);
  }
  x = parts.bottom(x);
  for (const step of list(depth)) {
    const skip = skips[depth - 1 - step];
    x = parts.block(parts.join(skip, parts.up(x, step)), step);
  }
  return x;
}
