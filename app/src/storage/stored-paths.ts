// The paths of the parts of a stored project. Each save writes into its own folder, so that no file is ever
// overwritten: the folder's name begins with the time, the path of the part follows.

/** The folder of one save; later ones sort after earlier ones. */
export function saveFolder(ms: number): string {
  const random = Math.random().toString(36).slice(2, 8).padEnd(6, "0");
  return `${ms.toString(36).padStart(8, "0")}-${random}`;
}

export type PartKind = "images" | "unlabelled" | "labels" | "checkpoints" | "session";

export interface StoredPart {
  /** Its path. */
  readonly at: string;
  /** The folder of its save; empty for a project of an earlier version, or in a zip file. */
  readonly save: string;
  readonly kind: PartKind;
  /** The stem of its file: the image's name. */
  readonly name: string;
}

const PART =
  /^(?:([0-9a-z]{8}-[0-9a-z]{6})\/)?(images|unlabelled|labels|checkpoints|session)\/(.+)\.[a-z0-9]+$/;

/** What a file is; undefined if it is not part of a project. */
export function storedPart(at: string): StoredPart | undefined {
  const [, save = "", kind, name] = PART.exec(at) ?? [];
  return name === undefined ? undefined : { at, save, kind: kind as PartKind, name };
}
