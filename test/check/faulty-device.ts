// A device whose driver makes mistakes: it compiles texts that are changed, or does other things than
// it is asked to.

import "../no-kernel-cache.js";
import * as assert from "uvu/assert";
import type { Device } from "../../src/gpu/device.js";
import { createPipelines } from "../../src/gpu/pipelines.js";

/** The device with the text of one shader changed, or none ("") with own pipelines and no memory of faults. */
export function withFault(
  device: Device,
  shader: string,
  change: (text: string) => string,
  gpu: GPUDevice = device.gpu,
): Device {
  const sourceOf = async (one: { readonly name: string; text(): Promise<string> }) => {
    const text = await one.text();
    const changed = one.name === shader ? change(text) : text;
    assert.ok(one.name !== shader || changed !== text, `${shader} is not changed`);
    return changed;
  };
  const avoided = new Set<string>();
  return {
    ...device,
    gpu,
    avoided,
    capabilities: { ...device.capabilities, avoided },
    pipelines: createPipelines(gpu, sourceOf),
  };
}

/** An object with some methods replaced; the others are called on it. */
export function instead<T extends object>(target: T, change: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      if (name in change) return Reflect.get(change, name);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
