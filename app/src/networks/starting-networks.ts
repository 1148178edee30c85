// The networks that come with the app, to start from. Each is fetched when it is asked for.

import { STARTING_NETWORKS, type StartingName } from "../../../src/index.js";

/** Vite replaces the addresses by those of the files in the build. */
const ADDRESSES: Readonly<Record<StartingName, () => URL>> = {
  membranes: () => new URL("../../../networks/membranes.safetensors", import.meta.url),
  nuclei: () => new URL("../../../networks/nuclei.safetensors", import.meta.url),
  mitochondria: () => new URL("../../../networks/mitochondria.safetensors", import.meta.url),
};

export const STARTING_NAMES = Object.keys(STARTING_NETWORKS) as StartingName[];

/** Whether a value, such as one of a stored project, names a network. */
export const isStartingName = (value: unknown): value is StartingName =>
  STARTING_NAMES.includes(value as StartingName);

/** The bytes of a checkpoint's file by its network's name. Throws one sentence if it cannot be fetched. */
export type FetchStart = (name: StartingName) => Promise<Uint8Array>;

export const fetchStart: FetchStart = async (name) => {
  const problem = `The network "${name}" could not be loaded`;
  const response = await fetch(ADDRESSES[name]()).catch((error) => {
    throw new Error(`${problem}: ${error}. Check the connection, and try again.`);
  });
  if (!response.ok) throw new Error(`${problem}: the server answered ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
};
