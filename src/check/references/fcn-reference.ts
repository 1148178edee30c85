// The small FCN-8s in 64 bits, as plain loops over its layers.

import type { Shape } from "../../graph/tensor.js";
import { conv2dReference, outputShape } from "./conv2d-reference.js";
import { maxPool2dReference } from "./max-pool2d-reference.js";
import { upConv2dReference, upConv2dShape } from "./up-conv2d-reference.js";

export interface Map64 {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export type Weights = ReadonlyMap<
  string,
  { readonly shape: Shape; readonly data: ArrayLike<number> }
>;

/** Layers of a network as functions of its maps. */
export function layersOf(weights: Weights) {
  const get = (name: string) => weights.get(name) as NonNullable<ReturnType<Weights["get"]>>;
  return {
    conv({ shape: x, data }: Map64, name: string, border: number, isRelu = true): Map64 {
      const weight = get(`${name}.weight`);
      const sizes = { x, weight: weight.shape, border };
      const y = conv2dReference(sizes, data, weight.data, get(`${name}.bias`).data);
      const result = isRelu ? y.map((value) => Math.max(0, value)) : y;
      return { shape: outputShape(sizes), data: result };
    },
    pool({ shape, data }: Map64): Map64 {
      const [n, c, h, w] = shape;
      return { shape: [n, c, h >> 1, w >> 1], data: maxPool2dReference(shape, data) };
    },
    up({ shape: x, data }: Map64, name: string, stride: number, padding: number): Map64 {
      const { shape, data: weight } = get(`${name}.weight`);
      const sizes = { x, outs: shape[1], kernel: shape[2], stride, padding };
      return { shape: upConv2dShape(sizes), data: upConv2dReference(sizes, data, weight) };
    },
    /** Adds a and the part of b that begins at row and column `from`. */
    addCrop({ shape, data }: Map64, b: Map64, from: number): Map64 {
      return { shape, data: cropReference(b, shape, from).map((value, i) => value + data[i]) };
    },
  };
}

/** Returns the part of a map that begins at row and column `from` and has the sides of `to`. */
export function cropReference(
  { shape: [, , h, w], data }: Map64,
  [n, c, height, width]: Shape,
  from: number,
): Float64Array {
  return Float64Array.from({ length: n * c * height * width }, (_, at) => {
    const plane = Math.floor(at / (height * width));
    const i = (Math.floor(at / width) % height) + from;
    if (i >= h || (at % width) + from >= w) throw new Error("the crop exceeds the map");
    return data[(plane * h + i) * w + (at % width) + from];
  });
}

/** VGG-16 up to its last pooling: the maps after the third, fourth and fifth pooling. */
function poolings(x: Map64, weights: Weights, border: number): [Map64, Map64, Map64] {
  const { conv, pool } = layersOf(weights);
  const pools: Map64[] = [];
  let map = x;
  for (const [i, count] of [2, 2, 3, 3, 3].entries()) {
    for (let j = 1; j <= count; j++) {
      map = conv(map, `conv${i + 1}_${j}`, i === 0 && j === 1 ? border : 1);
    }
    map = pool(map);
    pools.push(map);
  }
  return [pools[2], pools[3], pools[4]];
}

/** Returns the logits of the FCN-8s with same padding. */
export function smallFcn8sReference(x: Map64, weights: Weights): Map64 {
  const { conv, up, addCrop } = layersOf(weights);
  const [pool3, pool4, pool5] = poolings(x, weights, 1);
  let map = conv(conv(conv(pool5, "fc6", 1), "fc7", 0), "score_fr", 0, false);
  map = addCrop(up(map, "upscore2", 2, 1), conv(pool4, "score_pool4", 0, false), 0);
  map = addCrop(up(map, "upscore_pool4", 2, 1), conv(pool3, "score_pool3", 0, false), 0);
  return up(map, "upscore8", 8, 4);
}

/**
 * Returns the logits of the FCN-16s on VGG-16: 100 zeros around the image, crops from rows 5 and
 * 27.
 */
export function fcn16sReference(x: Map64, weights: Weights): Map64 {
  const { conv, up, addCrop } = layersOf(weights);
  const [, pool4, pool5] = poolings(x, weights, 100);
  let map = conv(conv(conv(pool5, "fc6", 0), "fc7", 0), "score_fr", 0, false);
  map = addCrop(up(map, "upscore2", 2, 0), conv(pool4, "score_pool4", 0, false), 5);
  map = up(map, "upscore16", 16, 0);
  const shape = [map.shape[0], map.shape[1], x.shape[2], x.shape[3]];
  return { shape, data: cropReference(map, shape, 27) };
}
