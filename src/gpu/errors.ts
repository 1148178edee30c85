// Errors of a GPU.

/** There is no adapter, or none that this engine can use. The message says what was tried. */
export class AdapterError extends Error {
  override readonly name = "AdapterError";
}

/** The GPU refused or dropped work. The message names the node if it is known. */
export class GpuError extends Error {
  override readonly name: string = "GpuError";
}

/** A configuration that takes less memory. */
export interface MemoryProposal {
  /** The options that change, such as `{ batch: 2, accumulate: 2 }` or `{ tile: 388 }`. */
  readonly changes: Readonly<Record<string, number | boolean>>;
  /** All bytes on the GPU with these. */
  readonly bytes: number;
}

/**
 * The GPU has less memory than is needed. The message says what needs it, both numbers if they were
 * known before anything was allocated, and for a training or a prediction what fits.
 */
export class MemoryError extends GpuError {
  override readonly name = "MemoryError";
  /** Configurations that fit, nearest to the given one first; none where no training or prediction was meant. */
  readonly proposals: readonly MemoryProposal[];
  /** Whether it was known before anything was allocated. */
  readonly isForeseen: boolean;

  constructor(
    message: string,
    {
      isForeseen = false,
      proposals = [],
    }: Partial<Pick<MemoryError, "isForeseen" | "proposals">> = {},
  ) {
    super(message);
    this.isForeseen = isForeseen;
    this.proposals = proposals;
  }
}

/** Shortens a message of the GPU to one line: what is wrong, in which call, and in which node. */
export function oneLine(message: string): string {
  return message
    .replaceAll("\0", "")
    .trim()
    .replace(/\.?\s*\n\s*(?:[->] )?/g, "; ")
    .replace("Debug group stack:; ", "in node ");
}
