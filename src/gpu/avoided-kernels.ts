// Stores which kernels an examination found wrong on an adapter (src/check/examine.ts), so that
// later runs there do not use them.

import {
  type AdapterEntry,
  type EntryKind,
  readEntries,
  type TuningCache,
  tuningKey,
  writeEntry,
} from "./adapter-entries.js";
import type { Device } from "./device.js";

/** What was examined: the first choices for two seconds, all kernels of the networks, all ops. */
export type ExaminationScope = "quick" | "normal" | "full";

/** What is known of an adapter. */
export interface StoredExamination {
  /** The largest examination that was made. */
  readonly scope: ExaminationScope;
  /** Kernels that computed wrong results, by op and name, each with the numbers in a sentence. */
  readonly avoided: Readonly<Record<string, string>>;
  /** Kernels with factors of 16 bits that computed right results, by op and name. */
  readonly proven?: readonly string[] | undefined;
  /** The first case of the scope for which there was no time; undefined if there was for all. */
  readonly next?: number | undefined;
}

interface Entry extends AdapterEntry, StoredExamination {}

const SCOPES: readonly ExaminationScope[] = ["quick", "normal", "full"];
const KIND: EntryKind<Entry> = { mark: "doctor", what: "doctor's results", format: 1, isEntry };

/**
 * Returns what is stored for this adapter, driver and version, and adds its kernels to
 * `device.avoided` and `device.proven`. Never throws: what is wrong with the text is a remark.
 */
export async function loadAvoided(
  device: Device,
  storage: TuningCache,
): Promise<{
  readonly known: StoredExamination | undefined;
  readonly remark: string | undefined;
}> {
  const { entries, remark } = await readEntries(storage, KIND);
  const known = entries.find(({ key }) => key === tuningKey(device));
  for (const kernel of Object.keys(known?.avoided ?? {})) device.avoided.add(kernel);
  for (const kernel of known?.proven ?? []) device.proven.add(kernel);
  return { known, remark };
}

/**
 * Stores the result of an examination and sets `device.avoided`. A quick one forgets nothing that a
 * larger one found. Throws if it cannot write.
 */
export async function saveAvoided(
  device: Device,
  storage: TuningCache,
  { scope, avoided, proven, next }: StoredExamination,
): Promise<void> {
  const key = tuningKey(device);
  await writeEntry(storage, KIND, { key }, (before) => {
    const isLess = before && SCOPES.indexOf(scope) < SCOPES.indexOf(before.scope);
    const merged = isLess ? { ...before.avoided, ...avoided } : avoided;
    const kept = isLess ? before : { scope, proven, next };
    return { key, scope: kept.scope, avoided: merged, proven: kept.proven, next: kept.next };
  });
}

function isEntry(value: unknown): value is Entry {
  const { key, scope, avoided, proven = [], next = 0 } = (value ?? {}) as Partial<Entry>;
  if (typeof key !== "string" || !SCOPES.includes(scope as ExaminationScope)) return false;
  if (typeof avoided !== "object" || avoided === null) return false;
  if (!Array.isArray(proven) || !Number.isSafeInteger(next)) return false;
  return [...Object.values(avoided), ...proven].every((text) => typeof text === "string");
}
