// The quick examination that runs by itself the first time on an adapter and driver.

import type { TuningCache } from "../gpu/adapter-entries.js";
import { loadAvoided, saveAvoided } from "../gpu/avoided-kernels.js";
import type { Device } from "../gpu/device.js";
import { type Examination, type ExamineOptions, examine } from "./examine.js";

/**
 * Makes a quick examination if none is stored for this adapter, driver and version, and stores it;
 * else returns undefined. In both cases the kernels known to be wrong are avoided afterwards. Call
 * it before a training, never during one. A store that cannot be written is not an error: the next
 * call examines again.
 */
export async function examineOnce(
  device: Device,
  storage: TuningCache,
  options: Omit<ExamineOptions, "scope"> = {},
): Promise<Examination | undefined> {
  const { known } = await loadAvoided(device, storage);
  if (known) return undefined;
  const examination = await examine(device, { ...options, scope: "quick" });
  await saveAvoided(device, storage, examination).catch(() => {});
  return examination;
}
