// The eight pages, in order, the page of a slide, and which of them can be opened.

import { hasNetwork } from "./project.js";
import type { AppState, Page } from "./types.js";

export const PAGES: readonly { readonly id: Page; readonly title: string }[] = [
  { id: "start", title: "Start" },
  { id: "images", title: "Images" },
  { id: "label", title: "Label" },
  { id: "train", title: "Train" },
  { id: "correct", title: "Correct" },
  { id: "segment", title: "Segment" },
  { id: "measure", title: "Measure" },
  { id: "export", title: "Export" },
];

/** Former names of pages: old addresses still work. */
const RENAMED: Readonly<Record<string, Page>> = { home: "export" };

/** The page that an address names; undefined if it names none. */
export function pageOf(word: string): Page | undefined {
  if (word === "slide") return word;
  return PAGES.find(({ id }) => id === word)?.id ?? RENAMED[word];
}

/** Why a page cannot be opened yet; undefined if it can. */
export function obstacle({ project, slide }: AppState, page: Page): string | undefined {
  if (page === "start") return undefined;
  if (page === "slide") return slide ? undefined : "Open a slide first";
  if (!project) return "Open images, a project or the sample first";
  if (page === "images") return undefined;
  if (project.images.length === 0) return "Add images first";
  const needsNetwork = page === "correct" || page === "segment" || page === "measure";
  if (needsNetwork && !hasNetwork(project)) return "Train first";
  return undefined;
}
