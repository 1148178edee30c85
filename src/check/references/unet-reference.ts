// The U-Net and its loss in 64 bits, as plain loops, for comparison with the engine's whole
// gradient.

import type { Shape } from "../../graph/tensor.js";
import { conv2dReference } from "./conv2d-reference.js";

interface Map64 {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export type Weights = ReadonlyMap<string, { readonly shape: Shape; readonly data: Float64Array }>;

function conv(x: Map64, weights: Weights, name: string, relu: boolean): Map64 {
  const weight = weights.get(`${name}.weight`) as Map64;
  const bias = weights.get(`${name}.bias`) as Map64;
  const sizes = { x: x.shape, weight: weight.shape, border: 0 };
  const data = conv2dReference(sizes, x.data, weight.data, bias.data);
  const [n, , h, w] = x.shape;
  const k = weight.shape[2];
  const shape = [n, weight.shape[0], h - k + 1, w - k + 1];
  return { shape, data: relu ? data.map((value) => Math.max(0, value)) : data };
}

function pool({ shape: [n, c, h, w], data }: Map64): Map64 {
  const shape = [n, c, h / 2, w / 2];
  const result = new Float64Array(n * c * shape[2] * shape[3]);
  for (let i = 0; i < result.length; i++) {
    const x = i % shape[3];
    const y = Math.floor(i / shape[3]) % shape[2];
    const at = Math.floor(i / (shape[2] * shape[3])) * h * w + 2 * y * w + 2 * x;
    result[i] = Math.max(data[at], data[at + 1], data[at + w], data[at + w + 1]);
  }
  return { shape, data: result };
}

function up({ shape: [n, c, h, w], data }: Map64, weights: Weights, name: string): Map64 {
  const weight = weights.get(`${name}.weight`) as Map64;
  const bias = weights.get(`${name}.bias`) as Map64;
  const o = weight.shape[1];
  const result = new Float64Array(n * o * 4 * h * w);
  for (let i = 0; i < result.length; i++) {
    const x = i % (2 * w);
    const y = Math.floor(i / (2 * w)) % (2 * h);
    const out = Math.floor(i / (4 * h * w)) % o;
    const image = Math.floor(i / (4 * h * w * o));
    let sum = bias.data[out];
    for (let k = 0; k < c; k++) {
      const tap = weight.data[((k * o + out) * 2 + (y % 2)) * 2 + (x % 2)];
      sum += tap * data[((image * c + k) * h + (y >> 1)) * w + (x >> 1)];
    }
    result[i] = sum;
  }
  return { shape: [n, o, 2 * h, 2 * w], data: result };
}

function concat(skip: Map64, map: Map64): Map64 {
  const [n, c, h, w] = map.shape;
  const [, skipC, skipH, skipW] = skip.shape;
  const [top, left] = [(skipH - h) >> 1, (skipW - w) >> 1];
  const shape = [n, skipC + c, h, w];
  const data = Float64Array.from({ length: n * (skipC + c) * h * w }, (_, i) => {
    const x = i % w;
    const y = Math.floor(i / w) % h;
    const k = Math.floor(i / (h * w)) % (skipC + c);
    const image = Math.floor(i / (h * w * (skipC + c)));
    return k < skipC
      ? skip.data[((image * skipC + k) * skipH + y + top) * skipW + x + left]
      : map.data[((image * c + k - skipC) * h + y) * w + x];
  });
  return { shape, data };
}

/** Returns the logits of the valid U-Net. */
export function unetReference(x: Map64, weights: Weights, depth: number): Map64 {
  const skips: Map64[] = [];
  const block = (map: Map64, name: string) =>
    conv(conv(map, weights, `${name}.conv1`, true), weights, `${name}.conv2`, true);
  let map = x;
  for (let level = 1; level <= depth; level++) {
    map = block(map, `encoder${level}`);
    skips.push(map);
    map = pool(map);
  }
  map = block(map, "bottleneck");
  for (let level = depth; level >= 1; level--) {
    map = block(
      concat(skips[level - 1], up(map, weights, `decoder${level}.up`)),
      `decoder${level}`,
    );
  }
  return conv(map, weights, "head", false);
}

/** Weighted softmax cross-entropy over the pixels with a weight above 0. */
export function lossReference(
  { shape: [n, k, h, w], data }: Map64,
  label: ArrayLike<number>,
  weight: ArrayLike<number>,
): number {
  let loss = 0;
  let count = 0;
  for (let i = 0; i < n * h * w; i++) {
    if (weight[i] <= 0) continue;
    count++;
    const image = Math.floor(i / (h * w));
    const z = Array.from({ length: k }, (_, c) => data[(image * k + c) * h * w + (i % (h * w))]);
    const largest = Math.max(...z);
    const sum = z.reduce((total, value) => total + Math.exp(value - largest), 0);
    loss += weight[i] * (Math.log(sum) - (z[label[i]] - largest));
  }
  return loss / count;
}
