// Saves files to disk.

import type { OutputFile } from "./pictures.js";

/** Saves a file as a download. */
export function download({ path, bytes }: OutputFile): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  const link = document.createElement("a");
  link.href = url;
  link.download = path.split("/").at(-1) as string;
  link.click();
  // The browser reads the file after the click; a minute is plenty.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
