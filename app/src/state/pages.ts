// The road: seven pages, and which of them can be reached.

import { hasNetwork } from "./project.js";
import type { AppState, Page } from "./types.js";

export const PAGES: readonly { readonly id: Page; readonly title: string }[] = [
  { id: "start", title: "Start" },
  { id: "images", title: "Images" },
  { id: "label", title: "Label" },
  { id: "train", title: "Train" },
  { id: "correct", title: "Correct" },
  { id: "segment", title: "Segment" },
  { id: "export", title: "Export" },
];

/** What a page was called before: old addresses still work. */
const RENAMED: Readonly<Record<string, Page>> = { home: "export" };

/** The page that an address means; undefined where it means none. */
export function pageOf(word: string): Page | undefined {
  return PAGES.find(({ id }) => id === word)?.id ?? RENAMED[word];
}

/** Why a page cannot be reached yet; undefined where it can. */
export function obstacle({ project }: AppState, page: Page): string | undefined {
  if (page === "start") return undefined;
  if (!project) return "Open images, a project or the sample first";
  if (page === "images") return undefined;
  if (project.images.length === 0) return "Add images first";
  const needsNetwork = page === "correct" || page === "segment";
  if (needsNetwork && !hasNetwork(project)) return "Train first";
  return undefined;
}
