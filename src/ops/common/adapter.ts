// Rules that kernels derive from the capabilities of an adapter (graph/capabilities.ts).

import type { Capabilities } from "../../graph/capabilities.js";
import { textureSize } from "../../graph/layout.js";
import type { Tensor } from "../../graph/tensor.js";

/** Lanes of a subgroup on lavapipe: a vector of 256 bits, or 512 with LP_NATIVE_VECTOR_WIDTH. */
const SHARING_LANES: readonly number[] = [8, 16];

/** Whether a workgroup is a subgroup of one of these sizes, so that lanes can share their loads. */
export const sharesLoads = ({ workgroupSize, subgroups }: Capabilities, sizes = SHARING_LANES) =>
  subgroups && sizes.includes(workgroupSize);

/** Whether a CPU adapter has fewer lanes than those that share loads: SwiftShader has 4. */
export const hasFewLanes = ({ kind, workgroupSize }: Capabilities) =>
  kind === "cpu" && workgroupSize < SHARING_LANES[0];

/**
 * Output rows per invocation if each lane loads textures separately: fewer on GPUs, which have
 * fewer registers per lane.
 */
export const unsharedRows = ({ workgroupSize }: Capabilities) =>
  workgroupSize > SHARING_LANES[0] ? 2 : 4;

/**
 * Whether kernels that read textures are offered on an adapter, and the images fit into its
 * textures. On SwiftShader, with 4 lanes, loads from textures are no faster than from buffers.
 */
export function readsTextures(images: readonly Tensor[], capabilities: Capabilities): boolean {
  const { workgroupSize, textureSide } = capabilities;
  if (workgroupSize < SHARING_LANES[0]) return false;
  return images.every((image) => {
    const { width, height } = textureSize(image);
    return width <= textureSide && height <= textureSide;
  });
}

/** Registers for 64 sums and their operands. */
const REGISTERS_OF_64 = 128;
const REGISTERS_OF_128 = 200;

/** Whether 64 sums exceed the registers of an invocation. */
export const hasFewRegisters = ({ gpu }: Capabilities) =>
  gpu !== undefined && gpu.registers < REGISTERS_OF_64;

/** Whether 128 sums fit into the registers of an invocation. */
export const hasManyRegisters = ({ gpu }: Capabilities) =>
  gpu !== undefined && gpu.registers >= REGISTERS_OF_128;
