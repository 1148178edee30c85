// Stores the tuner's choices: a string with an entry per adapter, driver and version. The caller
// decides where it is kept: a file in Node, IndexedDB in a page.

import { kernelsVersion } from "../shaders/version.generated.js";
import type { Device } from "./device.js";

/** A place to store one string. */
export interface TuningCache {
  /** Its name in messages: a path. */
  readonly name: string;
  /** Returns the string, or undefined if there is none yet. */
  read(): Promise<string | undefined>;
  /** Replaces the text. */
  write(text: string): Promise<void>;
}

const FORMAT = 1;
/** The number of adapters and versions to keep, the newest last. */
const MOST_ENTRIES = 16;

interface Entry {
  readonly key: string;
  readonly choices: Readonly<Record<string, string>>;
}

/**
 * Returns the key of everything besides the layer that a choice depends on: adapter, driver,
 * capabilities, and the versions of the package and its kernels. Adapters whose names the browser
 * hides are distinguished by their other properties.
 */
export function tuningKey({ gpu, capabilities, describe }: Device): string {
  const { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize } =
    gpu.adapterInfo;
  const { adapter, backend, limits, features } = describe();
  const names = { vendor, architecture, device, description };
  const isNamed = Object.values(names).some((name) => name !== "");
  const traits = isNamed ? {} : { limits, features, subgroupMinSize, subgroupMaxSize };
  return JSON.stringify({
    ...{ adapter, backend, ...names, ...traits },
    capabilities,
    version: kernelsVersion,
  });
}

/** What `loadTuning` found. */
export interface LoadedTuning {
  /** Choices found for this adapter and version. */
  readonly count: number;
  /** What is wrong with the cache, if anything; it is then treated as empty. */
  readonly remark: string | undefined;
}

/** Adds the choices stored for this device to `device.choices`. Never throws. */
export async function loadTuning(device: Device, storage: TuningCache): Promise<LoadedTuning> {
  const { entries, remark } = await readEntries(storage);
  const choices = entries.find(({ key }) => key === tuningKey(device))?.choices ?? {};
  for (const [layer, kernel] of Object.entries(choices)) device.choices.set(layer, kernel);
  return { count: Object.keys(choices).length, remark };
}

/** Stores `device.choices`, keeping the entries of other adapters. Throws if it cannot. */
export async function saveTuning(device: Device, storage: TuningCache): Promise<void> {
  const key = tuningKey(device);
  const { entries } = await readEntries(storage);
  const others = entries.filter((entry) => entry.key !== key).slice(1 - MOST_ENTRIES);
  const before = entries.find((entry) => entry.key === key)?.choices;
  // Another process may have tuned other layers meanwhile.
  const choices = { ...before, ...Object.fromEntries(device.choices) };
  const content = { micrograph: "kernels", format: FORMAT, entries: [...others, { key, choices }] };
  await storage.write(`${JSON.stringify(content, null, 1)}\n`);
}

async function readEntries(
  storage: TuningCache,
): Promise<{ entries: Entry[]; remark: string | undefined }> {
  const ignored = (why: string) => {
    return { entries: [], remark: `${storage.name}: ignoring the tuning cache: ${why}` };
  };
  try {
    const text = await storage.read();
    if (text === undefined) return { entries: [], remark: undefined };
    const content = JSON.parse(text) as {
      micrograph?: unknown | undefined;
      format?: unknown | undefined;
      entries?: unknown | undefined;
    };
    if (content?.micrograph !== "kernels") return ignored("it was written by another program");
    if (content.format !== FORMAT) {
      return ignored(`its format is ${JSON.stringify(content.format)}, expected ${FORMAT}`);
    }
    const { entries } = content;
    if (!Array.isArray(entries) || !entries.every(isEntry)) return ignored("it is damaged");
    return { entries, remark: undefined };
  } catch (error) {
    return ignored(error instanceof SyntaxError ? "it is not JSON" : (error as Error).message);
  }
}

function isEntry(value: unknown): value is Entry {
  const { key, choices } = (value ?? {}) as Partial<Entry>;
  if (typeof key !== "string" || typeof choices !== "object" || choices === null) return false;
  return Object.values(choices).every((kernel) => typeof kernel === "string");
}
