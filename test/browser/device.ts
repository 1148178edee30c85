// Replaces test/device.ts in a page: one device for all its tests.

import type { Device } from "../../src/gpu/device.js";
import { requestDevice } from "../../src/gpu/request-device.js";

let opened: Promise<Device> | undefined;

export function testDevice(): Promise<Device> {
  opened ??= requestDevice();
  return opened;
}

/**
 * The device itself: kernels that other devices would choose are checked in Node, on the same Dawn.
 */
export async function deviceVariants(): Promise<Map<string, Device>> {
  return new Map([["as it is", await testDevice()]]);
}
