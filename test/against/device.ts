// In another runtime this module replaces test/device.ts: one device of its WebGPU for all tests.

import type { Device } from "../../src/gpu/device.js";
import { requestDevice } from "../../src/gpu/request-device.js";
import { variantsOf } from "../device-variants.js";

let opened: Promise<Device> | undefined;

export function testDevice(): Promise<Device> {
  opened ??= requestDevice();
  return opened;
}

export async function deviceVariants(): Promise<Map<string, Device>> {
  return variantsOf(await testDevice());
}
