// The station stands in the address, so that a reload comes back to it and "back" goes back.

import { obstacle, STATIONS } from "../state/stations.js";
import type { Station } from "../state/types.js";
import type { App } from "./app.js";

const isStation = (word: string): word is Station => STATIONS.some(({ id }) => id === word);

/** Follows the address, and writes it. A reload opens the project that was saved last. */
export async function followAddress(app: App): Promise<void> {
  const asked = location.hash.slice(1);
  await app.listSaved();
  const [newest] = app.state.peek().saved;
  const isReload = isStation(asked) && asked !== "start" && newest !== undefined;
  if (isReload) await app.openSaved(newest.id, asked);
  addEventListener("hashchange", () => {
    const station = location.hash.slice(1);
    const state = app.state.peek();
    if (!isStation(station) || station === state.station) return;
    if (!obstacle(state, station)) app.dispatch({ type: "go", station });
  });
  app.state.subscribe(({ station, project }) => {
    if (project && location.hash.slice(1) !== station) location.hash = station;
  });
}
