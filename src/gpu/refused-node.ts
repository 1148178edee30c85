// Which node of a plan the GPU refuses, where its message does not name it: Dawn names the debug groups of
// a command, wgpu does not.

import { finish } from "../graph/pausable.js";
import type { Memory } from "./allocate.js";
import { type CompiledDispatch, createCommands, encode } from "./commands.js";
import type { Device } from "./device.js";
import { GpuError } from "./errors.js";

/**
 * The error with " in node ..." at its end: the first node whose commands are refused when they are made
 * again by themselves. The same error if it already names a node, or if no single node is refused.
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
  return at < 0 ? error : new GpuError(`${error.message}; in node "${steps[at].node.name}"`);
}
