// Mistakes in dispatches that the compiler detects. This file is compiled and never run: a missing
// error is itself an error.

import { dispatch } from "../../src/graph/dispatch.js";
import type { Kernel } from "../../src/graph/op.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { perGroup } from "../../src/ops/common/per-group.js";
import * as shaders from "../../src/shaders/embedded.generated.js";
import { shader } from "../../src/shaders/shader.js";

declare const x: Tensor;
const workgroups = [1, 1, 1] as const;
const relu = { bindings: [x, x], uniforms: { groups: 1 }, workgroups } as const;
const misspelt = { LANE: 8 };

export const right = [
  dispatch(shaders.relu, relu),
  dispatch(shaders.relu, { ...relu, constants: { LANES: 8 } }),
  dispatch(shaders.conv2dWinogradOutput, {
    constants: { LANES: 4 },
    bindings: [x, x, x, x],
    uniforms: {
      channels: 1,
      height: 1,
      width: 1,
      blocks: 1,
      tileRows: 1,
      tileGroups: 1,
      firstRow: 0,
      rows: 1,
      biases: 0,
      least: 0,
    },
    workgroups,
  }),
  perGroup(shaders.relu, x, { bindings: [x, x] }),
  perGroup(shaders.scale, x, { bindings: [x, x], uniforms: { factor: 2 } }),
];

export const wrong = [
  // @ts-expect-error a misspelt shader
  dispatch(shaders.reluGradeint, relu),
  // @ts-expect-error a name instead of a shader
  dispatch("relu", relu),
  // @ts-expect-error a misspelt constant
  dispatch(shaders.relu, { ...relu, constants: { LANE: 8 } }),
  // @ts-expect-error a misspelt constant that is spread
  dispatch(shaders.relu, { ...relu, constants: { ...misspelt } }),
  // @ts-expect-error a constant that is computed from others
  dispatch(shaders.conv2dWorkgroup, { constants: { SIDE: 8 } }),
  // @ts-expect-error a misspelt uniform
  dispatch(shaders.relu, { bindings: [x, x], uniforms: { group: 1 }, workgroups }),
  // @ts-expect-error a missing uniform
  dispatch(shaders.relu, { bindings: [x, x], uniforms: {}, workgroups }),
  // @ts-expect-error no uniforms
  dispatch(shaders.relu, { bindings: [x, x], workgroups }),
  // @ts-expect-error a missing tensor
  dispatch(shaders.relu, { ...relu, bindings: [x] }),
  // @ts-expect-error a tensor too many
  dispatch(shaders.relu, { ...relu, bindings: [x, x, x] }),
  // @ts-expect-error a missing uniform besides the number of groups
  perGroup(shaders.scale, x, { bindings: [x, x] }),
];

const own = shader<"LANES", "count", ["x", "y"]>("own", "");

export const ofOwn = [
  dispatch(own, { bindings: [x, x], uniforms: { count: 1 }, workgroups }),
  // @ts-expect-error a misspelt uniform of a shader whose names were given
  dispatch(own, { bindings: [x, x], uniforms: { counts: 1 }, workgroups }),
  // Without names everything is accepted, and checked when a plan is compiled.
  dispatch(shader("own", ""), { bindings: [x], uniforms: { any: 1 }, workgroups }),
];

export const misspeltKernel: Kernel = {
  name: "own",
  // @ts-expect-error a misspelt part of a kernel
  fuseReluMask: true,
  dispatches: () => [],
};
