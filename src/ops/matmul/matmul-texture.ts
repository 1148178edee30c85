// The kernel of matrix products that reads textures, for adapters whose lanes share their loads
// (lavapipe). Packing takes a fraction of the time: it reads each element once.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { ROW_TEXELS } from "../../graph/layout.js";
import type { Kernel, Node } from "../../graph/op.js";
import { scratchTexture, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { ABSENT } from "../common/absent.js";
import { readsTextures, sharesLoads } from "../common/adapter.js";
import { type Dimension, dimensionsOf, type MatmulAttributes, merged } from "./matmul-sizes.js";

/** Below this, packing and two more dispatches take as long as they save. */
const LEAST_MULTIPLY_ADDS = 2 ** 17;
/** Fewer columns leave most lanes without work. */
const LEAST_COLUMNS = 16;

export const textureKernel: Kernel<MatmulAttributes> = {
  name: "texture",
  rank(node, capabilities) {
    const { size, outer, inner } = merged(node.attributes);
    const [m, n, k] = size;
    const work = m * n * k * countOf(outer) * countOf(inner);
    if (!sharesLoads(capabilities) || n < LEAST_COLUMNS || work < LEAST_MULTIPLY_ADDS) {
      return undefined;
    }
    return readsTextures(packedOf(node, capabilities), capabilities) ? 0 : undefined;
  },
  dispatches(node, capabilities) {
    const { size, outer, inner, ...strides } = merged(node.attributes);
    const [m, n, k] = size;
    const [a, b, bias] = node.inputs;
    const [y] = node.outputs;
    const [packedA, packedB] = packedOf(node, capabilities);
    const [batches, inners] = [countOf(outer), countOf(inner)];
    const { workgroupSize: LANES } = capabilities;
    const common = { batches, inners, k };
    const packing = (side: "a" | "b", matrices: Tensor, packed: Tensor, own: Own): Dispatch => {
      const [rows, rowTexels] = packed.shape;
      return dispatch(shaders.matmulPack, {
        constants: { SIDE: Number(side === "b"), LANES },
        bindings: [matrices, packed],
        uniforms: {
          ...common,
          ...own,
          rows: rows / batches,
          rowTexels,
          ...stepsOf(dimensionsOf(outer, inner), side),
        },
        workgroups: workgroupsFor(rows, 1),
      });
    };
    const ROWS = m > 8 ? 16 : m > 4 ? 8 : 4;
    const tiles = Math.ceil(m / ROWS) * Math.ceil(n / 4 / LANES) * batches;
    return [
      packing("a", a, packedA, { length: m, step: strides.a[0], kStep: strides.a[1] }),
      packing("b", b, packedB, { length: n, step: strides.b[1], kStep: strides.b[0] }),
      dispatch(shaders.matmulTexture, {
        constants: { ROWS, LANES },
        bindings: [packedA, packedB, bias ?? ABSENT, y],
        uniforms: {
          m,
          n,
          depth: packedB.shape[0] / batches,
          batches,
          biases: Number(bias !== undefined),
        },
        workgroups: workgroupsFor(tiles, 1),
        multiplyAdds: m * n * k * batches * inners,
      }),
    ];
  },
};

interface Own {
  readonly length: number;
  readonly step: number;
  readonly kStep: number;
}

const countOf = (dimensions: readonly Dimension[]) =>
  dimensions.reduce((product, { size }) => product * size, 1);

const toMultiple = (count: number, of: number) => Math.ceil(count / of) * of;

/** Scratch for both packed matrices: `[batch * M / 4, K, 4]` and `[batch * K, N / 4, 4]`. */
function packedOf({ name, attributes }: Node<MatmulAttributes>, capabilities: Capabilities) {
  const { size, outer, inner } = merged(attributes);
  const [m, n, k] = size;
  const batches = countOf(outer);
  const depth = toMultiple(k * countOf(inner), capabilities.workgroupSize);
  return [
    scratchTexture(`${name}: packed a`, batches * Math.ceil(m / 4), toMultiple(depth, ROW_TEXELS)),
    scratchTexture(`${name}: packed b`, batches * depth, toMultiple(Math.ceil(n / 4), ROW_TEXELS)),
  ] as const;
}

type Place = 0 | 1 | 2 | 3 | 4 | 5;

/** Uniforms: sizes of six dimensions, and the strides of one matrix. */
const stepsOf = (dimensions: readonly Dimension[], side: "a" | "b") =>
  Object.fromEntries(
    dimensions.flatMap((dimension, i) => [
      [`size${i}`, dimension.size],
      [`step${i}`, dimension[side]],
    ]),
  ) as Record<`size${Place}` | `step${Place}`, number>;
