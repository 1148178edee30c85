// Images at rest in 16 bits (graph/half-storage.ts). A value beyond 65504 becomes infinite.

import { type HalfCasts, type HalfStorage, keepWaitingInHalves } from "../../graph/half-storage.js";
import { apply, expectImage, type Op } from "../../graph/tensor.js";
import { perGroup } from "../common/per-group.js";

/** x [N,C,H,W] in f32 -> the same in f16, two elements in a word. */
export const castF16Op: Op<undefined> = {
  name: "narrow",
  isCast: true,
  outputs([x]) {
    expectImage("narrow", "input", x);
    return [{ shape: x.shape, layout: "image", dtype: "f16" }];
  },
  dispatches({ inputs: [x], outputs: [y] }) {
    return [perGroup("narrow", x, [x, y])];
  },
};

/** x [N,C,H,W] in f16 -> the same in f32. */
export const castF32Op: Op<undefined> = {
  name: "widen",
  isCast: true,
  outputs([x]) {
    expectImage("widen", "input", x);
    return [{ shape: x.shape, layout: "image" }];
  },
  dispatches({ inputs: [x], outputs: [y] }) {
    return [perGroup("widen", y, [x, y])];
  },
};

export const halves: HalfCasts = {
  narrow: (x, name) => apply(castF16Op, [x], undefined, name)[0],
  widen: (x, name) => apply(castF32Op, [x], undefined, name)[0],
};

/** Images that wait lie in memory as f16: rounded to the nearest, a value is off by 2^-11 of itself. */
export const imagesInHalves: HalfStorage = keepWaitingInHalves(halves);
