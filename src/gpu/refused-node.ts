// Finds the node of a plan that the GPU refuses if the message does not name it: Dawn's messages
// contain the debug groups of a command, wgpu's do not.

import { finish } from "../graph/pausable.js";
import type { Memory } from "./allocate.js";
import { type CompiledDispatch, createCommands, encode } from "./commands.js";
import type { Device } from "./device.js";
import { GpuError, MemoryError } from "./errors.js";

/**
 * Returns the error with " in node ..." appended: the first node whose commands are refused when
 * encoded separately. Returns the same error if it already names a node, or if no single node is
 * refused.
 */
export async function withNode(
  device: Device,
  error: GpuError,
  steps: readonly CompiledDispatch[],
  memory: Memory,
): Promise<GpuError> {
  if (/in node "/.test(error.message)) return error;
  const refusals = steps.map((step) => {
    const { name } = step.node;
    const { refused } = device.guard(name, () => {
      const commands = finish(createCommands(device.gpu, name, [step], memory));
      const encoder = device.gpu.createCommandEncoder({ label: name });
      encode(encoder, name, commands);
      encoder.finish();
    });
    return refused;
  });
  const at = (await Promise.all(refusals)).findIndex((refusal) => refusal !== undefined);
  if (at < 0) return error;
  const message = `${error.message}; in node "${steps[at].node.name}"`;
  return error instanceof MemoryError ? new MemoryError(message) : new GpuError(message);
}
