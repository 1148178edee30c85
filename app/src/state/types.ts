// The one state of the app. Plain values, replaced and never changed in place.

import type { DeviceDescription } from "../../../src/index.js";
import type { Area } from "../canvas/geometry.js";
import type { Look } from "../canvas/overlay.js";
import type { RatedPrediction } from "../engine/messages.js";
import type { AskedLabels } from "../images/label-question.js";
import type { Project, ProjectImage } from "./project-types.js";
import type { Settings } from "./settings.js";

export type Page = "start" | "images" | "label" | "train" | "correct" | "segment" | "export";

export type DeviceStatus =
  | { readonly kind: "opening" }
  | { readonly kind: "ready"; readonly description: DeviceDescription }
  /** `reason` says why there is none; the words for it are the view's. */
  | { readonly kind: "missing"; readonly reason: string };

export type RunStatus =
  | { readonly kind: "idle" }
  /** From the click to the first step. */
  | { readonly kind: "preparing" }
  | {
      readonly kind: "running";
      readonly step: number;
      readonly steps: number;
      readonly stepsPerSecond: number;
      readonly remainingMs: number;
      readonly planBytes: number;
    }
  /** Asked to stop; `then` is what comes after it. */
  | { readonly kind: "stopping"; readonly then: "paused" | "done" }
  | { readonly kind: "paused" }
  | { readonly kind: "done" };

/** A prediction, and the network that made it. */
export interface StepPrediction extends RatedPrediction {
  readonly step: number;
  /** The id of its run. */
  readonly run?: string | undefined;
}

/** What a change of a label replaced, to take it back. */
export interface LabelPatch {
  readonly image: string;
  readonly area: Area;
  /** The area's values before the change. */
  readonly before: Uint8Array;
}

/** A project in the browser's storage. */
export interface SavedProject {
  readonly id: string;
  readonly name: string;
  readonly images: number;
  readonly labelled: number;
  /** Steps trained. */
  readonly steps: number;
  /** Milliseconds since 1970; 0 where nothing tells. */
  readonly savedAt: number;
  /** A small PNG file of its first image. */
  readonly picture?: Uint8Array | undefined;
}

export type Tool = "brush" | "eraser" | "fill";

export interface Brush {
  readonly tool: Tool;
  /** Index of the class that brush and fill set. */
  readonly classIndex: number;
  /** In pixels of the image. */
  readonly radius: number;
}

/** What messages are about. */
export type NoticeTopic =
  | "skipped"
  | "notes"
  | "training"
  | "saving"
  | "segmenting"
  | "export"
  | "classes";

/** What is asked before something is replaced or deleted. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly answers: readonly {
    readonly id: string;
    /** On its button. */
    readonly label: string;
    /** Whether something is gone for good then. */
    readonly deletes?: boolean;
  }[];
  /** On the button that changes nothing. */
  readonly cancel: string;
}

/** An image that was removed, with all that comes back with it. */
export interface RemovedImage {
  readonly image: ProjectImage;
  /** Where it was in the list. */
  readonly index: number;
  readonly prediction?: StepPrediction | undefined;
  /** Changes of its label. */
  readonly history: readonly LabelPatch[];
}

export interface Notice {
  readonly id: number;
  readonly kind: "error" | "warning" | "info";
  readonly text: string;
  /** Absent where nothing that happens makes it untrue. */
  readonly topic?: NoticeTopic;
  /** What the text sums up, a sentence each. */
  readonly items?: readonly string[];
  /** Settings that would help. */
  readonly remedy?: Remedy;
  /** Images that can be brought back. */
  readonly removed?: readonly RemovedImage[];
}

/** Images that the network looks at. */
export interface Segmenting {
  /** Of the image that it looks at now, which is this one of so many, from 0. */
  readonly name: string;
  readonly image: number;
  readonly images: number;
  /** Tiles of that image. */
  readonly done: number;
  readonly total: number;
}

/** A download of many files that is being made. */
export interface Packing {
  /** On its card: "Segmentation". */
  readonly title: string;
  readonly done: number;
  readonly total: number;
  /** What is being packed now. */
  readonly name: string;
}

/** Files that are being read. */
export interface ImportProgress {
  readonly done: number;
  readonly files: number;
  /** The path of the one that is read now. */
  readonly name: string;
}

export interface Remedy {
  /** On its button. */
  readonly label: string;
  readonly changes: Partial<Settings>;
}

/** What the next run would take, as far as it is known. */
export interface RunEstimate {
  readonly bytes: number;
  /** Of the run, and of one step, as far as the GPU's peak tells: see `AppState.speed`. */
  readonly ms: number;
  readonly stepMs: number;
  /** Why it cannot be, in words. */
  readonly problem?: string;
  readonly remedy?: Remedy;
}

export interface ViewState {
  /** Name of the image on show. */
  readonly image?: string;
  /** Of what lies over the image, 0 to 1. */
  readonly opacity: number;
  /** Two classes: a pixel is class 1 above this probability. */
  readonly threshold: number;
  /** Shares of the grey range that are shown as black and as white. */
  readonly contrast: readonly [number, number];
  readonly look: Look;
  /** What is shown next to the image with its colours. */
  readonly secondView: "nothing" | "image" | "label";
}

/** "write": this tab may change the project; "read": another tab has it; "asked": it was asked for. */
export type Access = "write" | "read" | "asked";

export interface AppState {
  readonly page: Page;
  readonly device: DeviceStatus;
  readonly project?: Project;
  readonly access: Access;
  readonly run: RunStatus;
  readonly estimate?: RunEstimate;
  /** By the presets' ids. */
  readonly presetEstimates: Readonly<Record<string, RunEstimate>>;
  /** How many times as long as estimated a step took in the last run here. */
  readonly speed: number;
  /** By the image's name: what a person asked for in this session. */
  readonly predictions: Readonly<Record<string, StepPrediction>>;
  /** By the image's name: what runs of this session predicted as they were checked. */
  readonly live: Readonly<Record<string, StepPrediction>>;
  readonly segmenting?: Segmenting;
  readonly packing?: Packing;
  readonly importing?: ImportProgress;
  /** What a person is asked about labels that are being read. */
  readonly asking?: AskedLabels;
  readonly question?: Question;
  readonly notices: readonly Notice[];
  readonly view: ViewState;
  readonly brush: Brush;
  /** Changes of labels in this session, the newest last. */
  readonly history: readonly LabelPatch[];
  /** Those that were taken back, the last one last: `redo` makes them again. */
  readonly undone: readonly LabelPatch[];
  readonly saved: readonly SavedProject[];
  /** Whether letters and digits without Ctrl do something. */
  readonly singleKeys: boolean;
  /** Whether the browser promised to keep what it stores; undefined until it was asked. */
  readonly persisted?: boolean;
  /** Whether the storage has all that the project holds. */
  readonly saving: "saved" | "saving" | "failed";
}
