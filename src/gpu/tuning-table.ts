// Stores the tuner's choices: a string with an entry per adapter, driver and version.

import {
  type AdapterEntry,
  type EntryKind,
  readEntries,
  type TuningCache,
  tuningKey,
  writeEntry,
} from "./adapter-entries.js";
import type { Device } from "./device.js";

interface Entry extends AdapterEntry {
  readonly choices: Readonly<Record<string, string>>;
}

const KIND: EntryKind<Entry> = { mark: "kernels", what: "tuning cache", format: 1, isEntry };

/** What `loadTuning` found. */
export interface LoadedTuning {
  /** Choices found for this adapter and version. */
  readonly count: number;
  /** What is wrong with the cache, if anything; it is then treated as empty. */
  readonly remark: string | undefined;
}

/** Adds the choices stored for this device to `device.choices`. Never throws. */
export async function loadTuning(device: Device, storage: TuningCache): Promise<LoadedTuning> {
  const { entries, remark } = await readEntries(storage, KIND);
  const choices = entries.find(({ key }) => key === tuningKey(device))?.choices ?? {};
  for (const [layer, kernel] of Object.entries(choices)) device.choices.set(layer, kernel);
  return { count: Object.keys(choices).length, remark };
}

/** Stores `device.choices`, keeping the entries of other adapters. Throws if it cannot. */
export async function saveTuning(device: Device, storage: TuningCache): Promise<void> {
  const key = tuningKey(device);
  // Another process may have tuned other layers meanwhile.
  const entryFrom = (before?: Entry) => ({
    key,
    choices: { ...before?.choices, ...Object.fromEntries(device.choices) },
  });
  await writeEntry(storage, KIND, { key }, entryFrom);
}

function isEntry(value: unknown): value is Entry {
  const { key, choices } = (value ?? {}) as Partial<Entry>;
  if (typeof key !== "string" || typeof choices !== "object" || choices === null) return false;
  return Object.values(choices).every((kernel) => typeof kernel === "string");
}
