// Errors of slides: they name the slide, and the chunk.

import type { ChunkSource } from "../../data/chunk-source.js";

/** The chunks, with errors that name the slide and the chunk. */
export function namedChunks(name: string, source: ChunkSource): ChunkSource {
  return {
    ...source,
    async readChunk(column, row) {
      try {
        return await source.readChunk(column, row);
      } catch (error) {
        throw explained(`${name}, chunk at column ${column}, row ${row}`, error);
      }
    },
  };
}

/** The error with what it concerns, and what caused it if that says more. */
export function explained(name: string, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const said = error instanceof Error ? error.message : String(error);
  const why = cause && !said.includes(cause.message) ? `${said}: ${cause.message}` : said;
  return new Error(`${name}: ${why}`, { cause: error });
}
