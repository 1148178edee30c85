// What the numbers of an adapter (graph/capabilities.ts) mean for kernels.

import type { Capabilities } from "../../graph/capabilities.js";
import { textureSize } from "../../graph/layout.js";
import type { Tensor } from "../../graph/tensor.js";

/** Lanes of a subgroup on lavapipe: a vector of 256 bits, or, by LP_NATIVE_VECTOR_WIDTH, of 512. */
const SHARING_LANES: readonly number[] = [8, 16];

/** Whether a workgroup is a subgroup of so many lanes, so that they can share what they load. */
export const sharesLoads = ({ workgroupSize, subgroups }: Capabilities, sizes = SHARING_LANES) =>
  subgroups && sizes.includes(workgroupSize);

/** Whether a processor has fewer lanes than those that share loads: SwiftShader has 4. */
export const hasFewLanes = ({ kind, workgroupSize }: Capabilities) =>
  kind === "cpu" && workgroupSize < SHARING_LANES[0];

/** Output rows of an invocation that loads a texture on its own: a GPU has fewer registers a lane. */
export const rowsAlone = ({ workgroupSize }: Capabilities) =>
  workgroupSize > SHARING_LANES[0] ? 2 : 4;

/**
 * Whether kernels that read textures are offered on an adapter, and the images fit into its textures.
 * SwiftShader, of 4 lanes, loads from a texture no faster than from a buffer.
 */
export function readsTextures(images: readonly Tensor[], capabilities: Capabilities): boolean {
  const { workgroupSize, textureSide } = capabilities;
  if (workgroupSize < SHARING_LANES[0]) return false;
  return images.every((image) => {
    const { width, height } = textureSize(image);
    return width <= textureSide && height <= textureSide;
  });
}

/** Registers that 64 sums need, with what they are made of. */
const REGISTERS_OF_64 = 128;
const REGISTERS_OF_128 = 200;

/** Whether 64 sums do not fit into the registers of an invocation. */
export const hasFewRegisters = ({ gpu }: Capabilities) =>
  gpu !== undefined && gpu.registers < REGISTERS_OF_64;

/** Whether 128 do. */
export const hasManyRegisters = ({ gpu }: Capabilities) =>
  gpu !== undefined && gpu.registers >= REGISTERS_OF_128;
