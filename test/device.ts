// One device for all tests of a process. MICROGRAPH_ADAPTER chooses: see src/node/open-device.ts.

import type { Device } from "../src/gpu/device.js";
import { openDevice } from "../src/node/open-device.js";
import { variantsOf } from "./device-variants.js";

let opened: Promise<Device> | undefined;

export function testDevice(): Promise<Device> {
  opened ??= openDevice();
  return opened;
}

/** The device itself and variants of it (device-variants.ts). */
export async function deviceVariants(): Promise<Map<string, Device>> {
  return variantsOf(await testDevice());
}
