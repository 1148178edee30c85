// What goes wrong on a GPU.

/** No adapter, or none that this engine can use. The message says what was tried. */
export class AdapterError extends Error {
  override readonly name = "AdapterError";
}

/** The GPU refused or dropped work. The message names the node where it is known. */
export class GpuError extends Error {
  override readonly name = "GpuError";
}

/** A message of the GPU in one line: what is wrong, in which call, and in which node. */
export function oneLine(message: string): string {
  return message
    .replaceAll("\0", "")
    .trim()
    .replace(/\.?\s*\n\s*(?:[->] )?/g, "; ")
    .replace("Debug group stack:; ", "in node ");
}
