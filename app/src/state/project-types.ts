// What a project holds: plain values, as they are shown, trained on and stored.

import type {
  LabelDecision,
  LabelDeclaration,
  LabelMap,
  RawImage,
  ValidationFigures,
} from "../../../src/index.js";
import type { Settings } from "./settings.js";

export type Role = "training" | "validation";

export interface ProjectImage {
  /** The stem of its files, unlike every other of the project. */
  readonly name: string;
  /** Where it came from: labels are paired with it by that. */
  readonly source?: ImageSource;
  readonly raw: RawImage;
  /** Without one, nobody has labelled a pixel yet. */
  readonly label?: LabelMap;
  /** What its labelled pixels serve for. */
  readonly role: Role;
}

export interface ImageSource {
  /** The file's, with the folders with which it was dropped. */
  readonly path: string;
  /** Where it is not the path's: of an image whose channels were files. */
  readonly stem?: string;
  /** From 0, and how many the file has: of a stack. */
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

/** What a run learns from, and what it is checked on. */
export interface RunData {
  /** How many images it trains on. */
  readonly images: number;
  /** Names of the images that check it, and how many labelled pixels do. */
  readonly validation: readonly string[];
  readonly pixels: number;
  /** Whether these pixels are patches of the images that it trains on. */
  readonly patches?: boolean;
}

/** A run, from its start to its pause or end: of each of its steps there is one network. */
export interface Run {
  /** Unlike every other. */
  readonly id: string;
  /** Unknown of a network that came as a file. */
  readonly data?: RunData;
}

/** A checkpoint as a file: the bytes that Node reads too. */
export interface StoredCheckpoint {
  readonly bytes: Uint8Array;
  readonly step: number;
  readonly figures?: ValidationFigures;
  /** Absent where an earlier version of the app made it. */
  readonly run?: Run;
  /** What its file was called, where it came as one. */
  readonly fileName?: string;
}

export interface Training {
  readonly losses: readonly LossPoint[];
  readonly validations: readonly (LossPoint & { readonly wrongPixels: number })[];
  /** Lowest validation loss. */
  readonly best?: StoredCheckpoint;
  /** The newest, with the optimiser's state: a run goes on from it. */
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
  /** How label files were read: further ones are read alike. */
  readonly labelReading?: LabelReading;
  /** Whether patches of the labels check a run that no image is held out of; by default they do. */
  readonly keepsPatches?: boolean;
}

/** What a person said of label files, and what follows from it. */
export interface LabelReading {
  readonly declared: LabelDeclaration;
  readonly decision: LabelDecision;
}
