// An op with as many kernels as a test needs, on every adapter.

import { imageSizes } from "../../src/graph/layout.js";
import { apply, type Op } from "../../src/graph/op.js";
import { input, type Tensor } from "../../src/graph/tensor.js";
import * as shaders from "../../src/shaders/embedded.generated.js";

/** Dispatches of the kernel "slow". */
export const SLOW = 40;

/** max(0, x) with kernels of several kinds; "slow" computes it many times. */
export function manyOp(offered: readonly string[], masks: readonly string[] = []): Op<undefined> {
  return {
    name: "many",
    outputs: ([x]) => [{ shape: x.shape, layout: x.layout }],
    kernels: offered.map((kernel, rank) => ({
      name: kernel,
      rank: () => rank,
      isReference: kernel === "buffer",
      fusesReluMask: masks.includes(kernel),
      dispatches({ inputs: [x], outputs: [y], mask }) {
        const { n, c, h, blocks } = imageSizes(y);
        const groups = n * c * h * blocks * 8;
        const call = {
          shader: shaders.relu,
          bindings: [x, y],
          uniforms: { groups },
          workgroups: [Math.ceil(groups / 64), 1, 1] as const,
        };
        if (mask) return [{ ...call, shader: shaders.reluGradient, bindings: [mask, x, y] }];
        if (kernel === "wrong") return [{ ...call, uniforms: { groups: 4 } }];
        if (kernel === "broken") return [{ ...call, constants: { NOTHING: 1 } }];
        return kernel === "slow" ? Array(SLOW).fill(call) : [call];
      },
    })),
  };
}

export const image = (name: string) => input(name, [1, 8, 64, 64]);
/** `manyOp` on a tensor, as the node "layer". */
export const many = (x: Tensor, offered: readonly string[], masks?: readonly string[]) =>
  apply(manyOp(offered, masks), [x], undefined, "layer")[0];
