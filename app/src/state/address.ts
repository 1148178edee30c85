// The part of the address after "#": the project and the page, "project=sample-m1&label".

import { pageOf } from "./pages.js";
import type { AppState, Page } from "./types.js";

export interface Address {
  /** The project's id; without one, the newest project, as in the first versions of the app. */
  readonly project?: string;
  readonly page?: Page;
}

export function parseAddress(hash: string): Address {
  let address: Address = {};
  for (const part of hash.replace(/^#/, "").split("&")) {
    const [, id] = /^project=(.+)$/.exec(part) ?? [];
    const page = pageOf(part);
    if (id) address = { ...address, project: decoded(id) };
    else if (page) address = { ...address, page };
  }
  return address;
}

/** The text in the address; empty without a project. */
export function addressOf({ project, page }: Pick<AppState, "project" | "page">): string {
  return project ? `#project=${encodeURIComponent(project.id)}&${page}` : "";
}

/** An address that was typed may be invalid. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
