/** A file that is made when it is needed. Two with one `content` are equal. */
export interface ProjectFile {
  readonly path: string;
  readonly content: object;
  bytes(): Uint8Array | Promise<Uint8Array>;
}
