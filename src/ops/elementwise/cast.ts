// Casts of image tensors for storage in 16 bits (graph/half-storage.ts). Values beyond 65504 become
// infinite.

import { type HalfCasts, type HalfStorage, keepWaitingInHalves } from "../../graph/half-storage.js";
import { apply, type Op } from "../../graph/op.js";
import { expectImage } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

/** x [N,C,H,W] in f32 -> the same in f16, two elements per word. */
export const castF16Op: Op<undefined> = {
  name: "narrow",
  isCast: true,
  outputs([x]) {
    expectImage("narrow", "input", x);
    return [{ shape: x.shape, layout: "image", dtype: "f16" }];
  },
  kernels: [
    {
      name: "narrow",
      dispatches({ inputs: [x], outputs: [y] }) {
        return [perGroup(shaders.narrow, x, { bindings: [x, y] })];
      },
    },
  ],
};

/** x [N,C,H,W] in f16 -> the same in f32. */
export const castF32Op: Op<undefined> = {
  name: "widen",
  isCast: true,
  outputs([x]) {
    expectImage("widen", "input", x);
    return [{ shape: x.shape, layout: "image" }];
  },
  kernels: [
    {
      name: "widen",
      dispatches({ inputs: [x], outputs: [y] }) {
        return [perGroup(shaders.widen, y, { bindings: [x, y] })];
      },
    },
  ],
};

export const halves: HalfCasts = {
  narrow: (x, name) => apply(castF16Op, [x], undefined, name)[0],
  widen: (x, name) => apply(castF32Op, [x], undefined, name)[0],
};

/**
 * Stores images that wait for a reader as f16, rounded to nearest: the relative error is at most
 * 2^-11.
 */
export const imagesInHalves: HalfStorage = keepWaitingInHalves(halves);
