// What fits when a training or a prediction takes more memory than there is: configurations close to the
// given one, whose plans were laid out, so that nobody has to try. Loaded when memory is short; what it needs is
// passed in, so that it is a chunk without imports.

import type { MemoryProposal } from "./errors.js";

type Changes = MemoryProposal["changes"];

/** What can be made smaller, and how to find out what it then takes. */
export interface Search {
  /** What was asked for. Without a batch only the tile is changed. */
  readonly options: {
    readonly tile: number;
    readonly batch?: number | undefined;
    readonly accumulate?: number | undefined;
    readonly recompute?: boolean | undefined;
  };
  /** The network: its tiles, and its width if that can be changed. */
  readonly model: {
    readonly gridStep: number;
    inputFor(size: number): number;
    readonly config: object;
  };
  /** All bytes on the GPU with these changes. Rejects if they do not fit. */
  bytesOf(changes: Changes): Promise<number>;
}

/** The share of what was too much that a proposal may take, where the memory of the adapter is unknown. */
const LESS = 0.7;

/**
 * Returns the configurations that fit, and words for them: smaller batches that make the same steps first, then
 * smaller tiles, then both, and a narrower network last.
 */
export async function proposalsFor(
  isForeseen: boolean,
  { options, model, bytesOf }: Search,
): Promise<{ readonly proposals: MemoryProposal[]; readonly words: string }> {
  const most = isForeseen ? Infinity : LESS * (await bytesOf({}).catch(() => Infinity));
  const tried = async (changes: Changes): Promise<MemoryProposal[]> => {
    const bytes = await bytesOf(changes).catch(() => Infinity);
    return bytes <= most && bytes < Infinity ? [{ changes, bytes }] : [];
  };
  const { tile, batch = 0, accumulate = 1, recompute } = options;
  const proposals: MemoryProposal[] = [];
  for (let parts = 2; parts <= batch && proposals.length === 0; parts++) {
    if (batch % parts !== 0) continue;
    proposals.push(...(await tried({ batch: batch / parts, accumulate: accumulate * parts })));
  }
  if (proposals.length === 0 && batch > 0 && !recompute) {
    proposals.push(...(await tried({ recompute: true })));
  }
  /** The largest smaller tile, in steps of the grid below the tile. The smallest tile is tried first. */
  const largestTile = async (more: Changes) => {
    let [tooLarge, fitting] = [0, Math.floor((tile - model.inputFor(1)) / model.gridStep)];
    const tiled = (steps: number) => tried({ ...more, tile: tile - steps * model.gridStep });
    let best = fitting > 0 ? await tiled(fitting) : [];
    while (best.length > 0 && fitting - tooLarge > 1) {
      const middle = Math.floor((tooLarge + fitting) / 2);
      const found = await tiled(middle);
      if (found.length > 0) [fitting, best] = [middle, found];
      else tooLarge = middle;
    }
    return best;
  };
  proposals.push(...(await largestTile({})));
  if (proposals.length === 0 && batch > 1) {
    proposals.push(...(await largestTile({ batch: 1, accumulate: accumulate * batch })));
  }
  const { base } = model.config as { readonly base?: unknown };
  if (batch > 0 && typeof base === "number") {
    for (let width = base / 2; proposals.length === 0 && Number.isInteger(width); width /= 2) {
      proposals.push(...(await tried({ base: width })));
    }
  }
  const begin = isForeseen ? ", such as " : "; what takes less memory: ";
  return { proposals, words: begin + proposals.map(wordsOf).join(", or ") };
}

function wordsOf({ changes, bytes }: MemoryProposal): string {
  const [first, ...others] = Object.entries(changes).map(([name, value]) => {
    return value === true ? name : `${name} ${value}`;
  });
  const words = others.length > 0 ? `${first} with ${others.join(" and ")}` : first;
  return `${words} (${(bytes / 1e9).toPrecision(2)} GB)`;
}
