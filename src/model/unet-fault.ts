// Options of a U-Net that exclude each other.

import type { UNetVariant } from "./fields.js";

/** Returns why no U-Net has these options; undefined if one has. */
export function unetFault(config: UNetVariant & { readonly depth: number }): string | undefined {
  const { depth, widths, padding, norm, normFirst, downsampling, deepSupervision } = config;
  const count = widths.split(",").length;
  if (widths !== "" && count !== depth + 1) {
    return `widths has ${count} numbers, expected ${depth + 1}: one for each level of depth ${depth}, and the bottom`;
  }
  if (deepSupervision && depth < 2) return "deepSupervision needs a depth of at least 2, got 1";
  if (normFirst && norm === "none") return "normFirst needs a norm: batch, instance or group";
  if (padding === "same") return undefined;
  if (downsampling === "strided") return "strided convolutions need the padding same, got valid";
  if (deepSupervision) return "deepSupervision needs the padding same, got valid";
  return undefined;
}
