// Images at rest in 16 bits (graph/storage.ts). A value beyond 65504 becomes infinite.

import { type Pack, packWaiting, type Storage } from "../../graph/half-storage.js";
import { apply, expectImage, type Op } from "../../graph/tensor.js";
import { perGroup } from "../common/per-group.js";

/** x [N,C,H,W] in f32 -> the same in f16, two elements in a word. */
export const narrowOp: Op<undefined> = {
  name: "narrow",
  isPacking: true,
  outputs([x]) {
    expectImage("narrow", "input", x);
    return [{ shape: x.shape, order: "image", element: "f16" }];
  },
  dispatches({ inputs: [x], outputs: [y] }) {
    return [perGroup("narrow", x, [x, y])];
  },
};

/** x [N,C,H,W] in f16 -> the same in f32. */
export const widenOp: Op<undefined> = {
  name: "widen",
  isPacking: true,
  outputs([x]) {
    expectImage("widen", "input", x);
    return [{ shape: x.shape, order: "image" }];
  },
  dispatches({ inputs: [x], outputs: [y] }) {
    return [perGroup("widen", y, [x, y])];
  },
};

export const halves: Storage = {
  narrow: (x, name) => apply(narrowOp, [x], undefined, name)[0],
  widen: (x, name) => apply(widenOp, [x], undefined, name)[0],
};

/** Images that wait lie in memory as f16: rounded to the nearest, a value is off by 2^-11 of itself. */
export const packImages: Pack = packWaiting(halves);
