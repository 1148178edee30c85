// What the address says after its "#": the project and the station, "project=sample-m1&label".

import { stationOf } from "./pages.js";
import type { AppState, Station } from "./types.js";

export interface Address {
  /** The project's id; without one it is the newest, as the first versions of the app had it. */
  readonly project?: string;
  readonly station?: Station;
}

export function parseAddress(hash: string): Address {
  let address: Address = {};
  for (const part of hash.replace(/^#/, "").split("&")) {
    const [, id] = /^project=(.+)$/.exec(part) ?? [];
    const station = stationOf(part);
    if (id) address = { ...address, project: decoded(id) };
    else if (station) address = { ...address, station };
  }
  return address;
}

/** As it is in the address; empty without a project. */
export function addressOf({ project, station }: Pick<AppState, "project" | "station">): string {
  return project ? `#project=${encodeURIComponent(project.id)}&${station}` : "";
}

/** Who types an address may type a broken one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
