// One device for all tests of a process. MICROGRAPH_ADAPTER chooses: see src/node/device.ts.

import type { Device } from "../src/gpu/device.js";
import { openDevice } from "../src/node/device.js";

let opened: Promise<Device> | undefined;

export function testDevice(): Promise<Device> {
  opened ??= openDevice();
  return opened;
}
