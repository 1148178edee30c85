/** A file whose bytes are made when needed. Files with the same `content` are equal. */
export interface ProjectFile {
  readonly path: string;
  readonly content: object;
  bytes(): Uint8Array | Promise<Uint8Array>;
}
