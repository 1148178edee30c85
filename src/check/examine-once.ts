// The quick examination that runs by itself the first time on an adapter and driver.

import type { TuningCache } from "../gpu/adapter-entries.js";
import { loadAvoided, saveAvoided } from "../gpu/avoided-kernels.js";
import type { Device } from "../gpu/device.js";
import { type Examination, type ExamineOptions, examine } from "./examine.js";

/**
 * Makes a quick examination if none is stored for this adapter, driver and version, and stores it;
 * one that ran out of time is continued, in at most as much time again. Returns undefined if there
 * was nothing to do. In all cases the kernels known to be wrong are avoided afterwards. Call it
 * before a training, never during one. A store that cannot be written is not an error: the next
 * call examines again.
 */
export async function examineOnce(
  device: Device,
  storage: TuningCache,
  options: Omit<ExamineOptions, "scope" | "from"> = {},
): Promise<Examination | undefined> {
  const { known } = await loadAvoided(device, storage);
  if (known && known.next === undefined) return undefined;
  const examination = await examine(device, { ...options, scope: "quick", from: known?.next });
  const avoided = { ...known?.avoided, ...examination.avoided };
  await saveAvoided(device, storage, { ...examination, avoided }).catch(() => {});
  return examination;
}
