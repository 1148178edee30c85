// A page takes one of the networks that come with the package from a server.

import { decodeSafetensors } from "../train/checkpoint-file.js";
import type { Checkpoint } from "../train/training-types.js";
import { STARTING_NETWORKS, type StartingName } from "./starting-networks.js";

/**
 * Fetches a network that comes with the package, to predict with or to start a training from. `folder`: the address
 * of a copy of the package's folder `networks`. Throws one line if the file cannot be fetched or is another one.
 */
export async function fetchNetwork(name: StartingName, folder: string | URL): Promise<Checkpoint> {
  const about = Object.hasOwn(STARTING_NETWORKS, name) ? STARTING_NETWORKS[name] : undefined;
  if (about === undefined) {
    const names = Object.keys(STARTING_NETWORKS).join(", ");
    throw new Error(`fetchNetwork: got ${name}, expected one of ${names}`);
  }
  const address = `${String(folder).replace(/\/$/, "")}/${name}.safetensors`;
  const response = await fetch(address);
  if (!response.ok) {
    throw new Error(
      `${address}: the server answered ${response.status}, expected the package's file`,
    );
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (sha256 !== about.sha256) {
    throw new Error(
      `${address}: ${bytes.length} bytes with the SHA-256 ${sha256}, expected ${about.sha256}: ` +
        "copy the folder networks of this version of the package",
    );
  }
  return decodeSafetensors(bytes, address);
}
