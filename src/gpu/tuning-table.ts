// The cache of the tuner's choices: a text with an entry for each adapter, driver and version.
// Where the text is kept is the caller's matter: a file in Node, IndexedDB in a page.

import { kernelsVersion } from "../shaders/version.generated.js";
import type { Device } from "./device.js";

/** A place for one text. */
export interface TuningCache {
  /** What remarks call it: a path. */
  readonly name: string;
  /** The text, or undefined where there is none yet. */
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

const FORMAT = 1;
/** Adapters and versions that are remembered, the newest last. */
const MOST_ENTRIES = 16;

interface Entry {
  readonly key: string;
  readonly choices: Readonly<Record<string, string>>;
}

/**
 * What a choice depends on beside the layer: adapter, driver, capabilities, and the version of the
 * package and of its kernels. Adapters whose names the browser hides are told apart by all else that it says.
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

export interface LoadedTuning {
  /** Choices that were found for this adapter and version. */
  readonly count: number;
  /** What was wrong with the cache, where something was: it is then as if there were none. */
  readonly remark: string | undefined;
}

/** Puts the choices that were kept for this device into `device.choices`. Never throws. */
export async function loadTuning(device: Device, storage: TuningCache): Promise<LoadedTuning> {
  const { entries, remark } = await readEntries(storage);
  const choices = entries.find(({ key }) => key === tuningKey(device))?.choices ?? {};
  for (const [layer, kernel] of Object.entries(choices)) device.choices.set(layer, kernel);
  return { count: Object.keys(choices).length, remark };
}

/** Keeps `device.choices`, beside what is kept for other adapters. Throws where it cannot. */
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
    return { entries: [], remark: `${storage.name}: the cache of kernels is ignored: ${why}` };
  };
  try {
    const text = await storage.read();
    if (text === undefined) return { entries: [], remark: undefined };
    const content = JSON.parse(text) as {
      micrograph?: unknown | undefined;
      format?: unknown | undefined;
      entries?: unknown | undefined;
    };
    if (content?.micrograph !== "kernels") return ignored("it is a file of another program");
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
