// The station stands in the address, so that a reload comes back to it and "back" goes back.

import { obstacle, stationOf } from "../state/stations.js";
import type { App } from "./app.js";

/** Follows the address, and writes it. A reload opens the project that was saved last. */
export async function followAddress(app: App): Promise<void> {
  const asked = stationOf(location.hash.slice(1));
  await app.listSaved();
  const [newest] = app.state.peek().saved;
  const isReload = asked && asked !== "start" && newest !== undefined;
  if (isReload) await app.openSaved(newest.id, asked);
  addEventListener("hashchange", () => {
    const station = stationOf(location.hash.slice(1));
    const state = app.state.peek();
    if (!station || station === state.station) return;
    if (!obstacle(state, station)) app.dispatch({ type: "go", station });
  });
  app.state.subscribe(({ station, project }) => {
    if (project && location.hash.slice(1) !== station) location.hash = station;
  });
}
