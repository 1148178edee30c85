// The networks that come with the package, as files.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { STARTING_NETWORKS } from "../networks/starting-networks.js";

/** The folder of the package with the networks to start from. */
const FOLDER = fileURLToPath(new URL("../../../networks", import.meta.url));

/**
 * The file of the network of that name which comes with the package; undefined for any other place, and where the
 * name is that of a file or of a run folder here.
 */
export function startingNetworkFile(place: string): string | undefined {
  if (!Object.hasOwn(STARTING_NETWORKS, place)) return undefined;
  const there = statSync(place, { throwIfNoEntry: false });
  const isOwn = there?.isDirectory()
    ? ["best", "last"].some((kind) => existsSync(join(place, `${kind}.safetensors`)))
    : there !== undefined;
  return isOwn ? undefined : join(FOLDER, `${place}.safetensors`);
}
