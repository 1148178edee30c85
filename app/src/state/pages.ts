// The road: seven stations, and which of them can be reached.

import { hasNetwork } from "./project.js";
import type { AppState, Station } from "./types.js";

export const PAGES: readonly { readonly id: Station; readonly title: string }[] = [
  { id: "start", title: "Start" },
  { id: "images", title: "Images" },
  { id: "label", title: "Label" },
  { id: "train", title: "Train" },
  { id: "correct", title: "Correct" },
  { id: "segment", title: "Segment" },
  { id: "export", title: "Export" },
];

/** What a station was called before: old addresses still work. */
const RENAMED: Readonly<Record<string, Station>> = { home: "export" };

/** The station that an address means; undefined where it means none. */
export function stationOf(word: string): Station | undefined {
  return PAGES.find(({ id }) => id === word)?.id ?? RENAMED[word];
}

/** Why a station cannot be reached yet; undefined where it can. */
export function obstacle({ project }: AppState, station: Station): string | undefined {
  if (station === "start") return undefined;
  if (!project) return "Open images, a project or the sample first";
  if (station === "images") return undefined;
  if (project.images.length === 0) return "Add images first";
  const needsNetwork = station === "correct" || station === "segment";
  if (needsNetwork && !hasNetwork(project)) return "Train first";
  return undefined;
}
