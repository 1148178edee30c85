// The contents of a project: plain values, as they are shown, trained on and stored.

import type {
  LabelDecision,
  LabelDeclaration,
  LabelMap,
  ObjectKind,
  PixelSize,
  RawImage,
  StartingName,
  ValidationFigures,
} from "../../../src/index.js";
import type { ObjectEdit } from "../../../src/objects/index.js";
import type { CellSettings } from "./cell-settings.js";
import type { Settings } from "./settings.js";

export type Role = "training" | "validation";

export interface ProjectImage {
  /** The stem of its files, unique in the project. */
  readonly name: string;
  /** The file that it came from, by which labels are paired with it. */
  readonly source?: ImageSource;
  readonly raw: RawImage;
  /** Absent if no pixel is labelled yet. */
  readonly label?: LabelMap;
  /** What its labelled pixels are used for. */
  readonly role: Role;
  /** Corrections of the cells in its prediction, the newest last. */
  readonly edits?: readonly ObjectEdit[];
  /** What its file says; see `pixelSizeOf`. */
  readonly pixelSize?: PixelSize;
}

export interface ImageSource {
  /** The file's path, with the folders with which it was dropped. */
  readonly path: string;
  /** Present if it differs from the path's, for an image whose channels were separate files. */
  readonly stem?: string;
  /** For a page of a stack: its index from 0, and the number of pages. */
  readonly page?: number;
  readonly pages?: number;
}

export interface ClassInfo {
  readonly name: string;
  /** As "#rrggbb". */
  readonly colour: string;
}

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

/** The data of a run: for training and for validation. */
export interface RunData {
  /** Number of images for training. */
  readonly images: number;
  /** Names of the images for validation, and the number of their labelled pixels. */
  readonly validation: readonly string[];
  readonly pixels: number;
  /** Whether these pixels are patches of the images for training. */
  readonly patches?: boolean;
}

/** A run, from its start to its pause or end. */
export interface Run {
  /** Unique. */
  readonly id: string;
  /** Unknown for a network that came as a file. */
  readonly data?: RunData;
}

/** A checkpoint as the bytes of its file, which Node reads too. */
export interface StoredCheckpoint {
  readonly bytes: Uint8Array;
  readonly step: number;
  readonly figures?: ValidationFigures;
  /** Absent if an earlier version of the app made it. */
  readonly run?: Run;
  /** The name of its file, if it came as one. */
  readonly fileName?: string;
}

export interface Training {
  readonly losses: readonly LossPoint[];
  readonly validations: readonly (LossPoint & { readonly wrongPixels: number })[];
  /** Lowest validation loss. */
  readonly best?: StoredCheckpoint;
  /** The newest, with the optimiser's state: training continues from it. */
  readonly last?: StoredCheckpoint;
}

export interface Project {
  /** Names its folder in the browser's storage. */
  readonly id: string;
  readonly name: string;
  readonly classes: readonly ClassInfo[];
  readonly images: readonly ProjectImage[];
  readonly settings: Settings;
  readonly training: Training;
  /** How label files were read; further ones are read the same way. */
  readonly labelReading?: LabelReading;
  /** What single cells are in the classes of the labels; absent if they hold none. */
  readonly objects?: ObjectKind;
  /** The network that comes with the app whose weights a new run starts from; by default random ones. */
  readonly startFrom?: StartingName;
  /** Whether patches of the labels are used for validation if no image is; by default they are. */
  readonly keepsPatches?: boolean;
  /** The size of a pixel in all images, which the user entered: it replaces what the files say. */
  readonly pixelSize?: PixelSize;
  /** How single cells are separated, and which of them count; the network has the defaults. */
  readonly cells?: CellSettings;
}

/** The user's answers about label files, and the resulting decision. */
export interface LabelReading {
  readonly declared: LabelDeclaration;
  readonly decision: LabelDecision;
}
