// What is stored per adapter: a text with an entry per adapter, driver and version. The caller
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

/** An entry, with the key of the adapter. */
export interface AdapterEntry {
  readonly key: string;
}

/** What a text holds: its mark, its name in messages, and the check of an entry. */
export interface EntryKind<Entry extends AdapterEntry> {
  readonly mark: string;
  readonly what: string;
  readonly format: number;
  isEntry(value: unknown): value is Entry;
}

/** The number of adapters and versions to keep, the newest last. */
const MOST_ENTRIES = 16;

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
    capabilities: { ...capabilities, avoided: undefined, halfFactors: undefined },
    version: kernelsVersion,
  });
}

/** Reads the entries. What is wrong with the text is a remark, and it is then treated as empty. */
export async function readEntries<Entry extends AdapterEntry>(
  storage: TuningCache,
  { mark, what, format, isEntry }: EntryKind<Entry>,
): Promise<{ entries: Entry[]; remark: string | undefined }> {
  const ignored = (why: string) => {
    return { entries: [], remark: `${storage.name}: ignoring the ${what}: ${why}` };
  };
  try {
    const text = await storage.read();
    if (text === undefined) return { entries: [], remark: undefined };
    const content = JSON.parse(text) as {
      micrograph?: unknown | undefined;
      format?: unknown | undefined;
      entries?: unknown | undefined;
    };
    if (content?.micrograph !== mark) return ignored("it was written by another program");
    if (content.format !== format) {
      return ignored(`its format is ${JSON.stringify(content.format)}, expected ${format}`);
    }
    const { entries } = content;
    if (!Array.isArray(entries) || !entries.every(isEntry)) return ignored("it is damaged");
    return { entries, remark: undefined };
  } catch (error) {
    return ignored(error instanceof SyntaxError ? "it is not JSON" : (error as Error).message);
  }
}

/** Stores the entry of one adapter and keeps those of others. Throws if it cannot. */
export async function writeEntry<Entry extends AdapterEntry>(
  storage: TuningCache,
  kind: EntryKind<Entry>,
  { key }: AdapterEntry,
  entryFrom: (before: Entry | undefined) => Entry,
): Promise<void> {
  const { entries } = await readEntries(storage, kind);
  const others = entries.filter((entry) => entry.key !== key).slice(1 - MOST_ENTRIES);
  const entry = entryFrom(entries.find((one) => one.key === key));
  const { mark, format } = kind;
  const content = { micrograph: mark, format, entries: [...others, entry] };
  await storage.write(`${JSON.stringify(content, null, 1)}\n`);
}
