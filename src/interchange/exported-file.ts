/** A file that was written, for a folder or an archive (`writeZip`). */
export interface ExportedFile {
  /** Its path in the folder, with "/" between folders. */
  readonly path: string;
  /** Its content. */
  readonly bytes: Uint8Array;
}
