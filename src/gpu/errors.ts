// Errors of a GPU.

/** There is no adapter, or none that this engine can use. The message says what was tried. */
export class AdapterError extends Error {
  override readonly name = "AdapterError";
}

/** The GPU refused or dropped work. The message names the node if it is known. */
export class GpuError extends Error {
  override readonly name: string = "GpuError";
}

/**
 * The GPU has less memory than is needed. The message says what needs it, and both numbers if they were
 * known before anything was allocated.
 */
export class MemoryError extends GpuError {
  override readonly name = "MemoryError";
}

/** Shortens a message of the GPU to one line: what is wrong, in which call, and in which node. */
export function oneLine(message: string): string {
  return message
    .replaceAll("\0", "")
    .trim()
    .replace(/\.?\s*\n\s*(?:[->] )?/g, "; ")
    .replace("Debug group stack:; ", "in node ");
}
