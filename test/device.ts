// One device for all tests of a process. MICROGRAPH_ADAPTER chooses: see src/node/device.ts.

import type { Device } from "../src/gpu/device.js";
import { openDevice } from "../src/node/device.js";

let opened: Promise<Device> | undefined;

export function testDevice(): Promise<Device> {
  opened ??= openDevice();
  return opened;
}

/**
 * The device as it is, and as if it had other lanes, no subgroups, no textures or were a GPU: other
 * kernels, same answers.
 */
export async function deviceVariants(): Promise<Map<string, Device>> {
  const device = await testDevice();
  const { kind, lanes, subgroups } = device.capabilities;
  const shares = subgroups && lanes === 8;
  const as = (change: Partial<Device["capabilities"]>) => ({
    ...device,
    capabilities: { ...device.capabilities, ...change },
  });
  return new Map([
    [`${kind}, ${lanes} lanes`, device],
    ["as a GPU", as({ kind: "gpu", lanes: 64, subgroups: false })],
    ["as a CPU of 8 lanes without subgroups", as({ kind: "cpu", lanes: 8, subgroups: false })],
    ...(shares ? ([["without textures", as({ textureSide: 0 })]] as const) : []),
  ]);
}
