// The state of the app. Plain values, replaced and never changed in place.

import type { DeviceDescription, Examination } from "../../../src/index.js";
import type { ObjectEdit } from "../../../src/objects/index.js";
import type { Area } from "../canvas/geometry.js";
import type { Look } from "../canvas/overlay.js";
import type { RatedPrediction } from "../engine/messages.js";
import type { AskedLabels } from "../images/label-question.js";
import type { SlideFacts } from "../slides/messages.js";
import type { Project, ProjectImage } from "./project-types.js";
import type { Settings } from "./settings.js";

export type Page =
  | "start"
  | "images"
  | "label"
  | "train"
  | "correct"
  | "segment"
  | "measure"
  | "export"
  | "slide";

/** The examination of the GPU. */
export type DoctorStatus =
  | { readonly kind: "running"; readonly done: number; readonly total: number }
  | { readonly kind: "done"; readonly examination: Examination };

export type DeviceStatus =
  | { readonly kind: "opening" }
  | {
      readonly kind: "ready";
      readonly description: DeviceDescription;
      readonly doctor?: DoctorStatus | undefined;
    }
  /** `reason`: why there is none; the view words it. */
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
  /** Asked to stop; `then` is the status afterwards. */
  | { readonly kind: "stopping"; readonly then: "paused" | "done" }
  | { readonly kind: "paused" }
  | { readonly kind: "done" };

/** A prediction, and the network that made it. */
export interface StepPrediction extends RatedPrediction {
  readonly step: number;
  /** The id of its run. */
  readonly run?: string | undefined;
}

/** A slide: an image of any size that is read where one looks, and is not part of the project. */
export type SlideStatus =
  | { readonly kind: "opening"; readonly name: string }
  | {
      readonly kind: "open";
      /** Differs for each slide that is opened. */
      readonly id: number;
      readonly facts: SlideFacts;
      /** What `micrograph predict --input` is given. */
      readonly input: string;
    };

/** What a change of a label replaced, to undo it. */
export interface LabelPatch {
  readonly image: string;
  readonly area: Area;
  /** The area's values before the change. */
  readonly before: Uint8Array;
}

/** What a change of an image's list of edits replaced, to undo it. */
export interface EditsPatch {
  readonly image: string;
  readonly before: readonly ObjectEdit[];
}

/** A project in the browser's storage. */
export interface SavedProject {
  readonly id: string;
  readonly name: string;
  readonly images: number;
  readonly labelled: number;
  /** Steps trained. */
  readonly steps: number;
  /** Milliseconds since 1970; 0 if unknown. */
  readonly savedAt: number;
  /** A small PNG file of its first image. */
  readonly picture?: Uint8Array | undefined;
}

export type Tool = "brush" | "eraser" | "fill";

export interface Brush {
  readonly tool: Tool;
  /** Index of the class that brush and fill paint. */
  readonly classIndex: number;
  /** In pixels of the image. */
  readonly radius: number;
}

/** The topics of messages. */
export type NoticeTopic =
  | "skipped"
  | "notes"
  | "training"
  | "health"
  | "saving"
  | "segmenting"
  | "export"
  | "classes";

/** A question before something is replaced or deleted. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly answers: readonly {
    readonly id: string;
    /** The label of its button. */
    readonly label: string;
    /** Whether it deletes something permanently. */
    readonly deletes?: boolean;
  }[];
  /** The label of the button that changes nothing. */
  readonly cancel: string;
}

/** A removed image, with everything that is restored with it. */
export interface RemovedImage {
  readonly image: ProjectImage;
  /** Its index in the list. */
  readonly index: number;
  readonly prediction?: StepPrediction | undefined;
  /** The history of its label. */
  readonly history: readonly LabelPatch[];
}

export interface Notice {
  readonly id: number;
  readonly kind: "error" | "warning" | "info";
  readonly text: string;
  /** Absent if no event removes its cause. */
  readonly topic?: NoticeTopic;
  /** The sentences that the text sums up. */
  readonly items?: readonly string[];
  /** Settings that would help. */
  readonly remedy?: Remedy;
  /** Images that can be restored. */
  readonly removed?: readonly RemovedImage[];
}

/** The progress of predictions. */
export interface Segmenting {
  /** The current image: its index from 0, and the number of images. */
  readonly name: string;
  readonly image: number;
  readonly images: number;
  /** Tiles of that image. */
  readonly done: number;
  readonly total: number;
}

/** A download of many files that is being packed. */
export interface Packing {
  /** The title of its card: "Segmentation". */
  readonly title: string;
  readonly done: number;
  readonly total: number;
  /** The file that is being packed. */
  readonly name: string;
}

/** Files that are being read. */
export interface ImportProgress {
  readonly done: number;
  readonly files: number;
  /** The path of the file that is being read. */
  readonly name: string;
}

export interface Remedy {
  /** The label of its button. */
  readonly label: string;
  readonly changes: Partial<Settings>;
}

/** The expected time and memory of the next run. */
export interface RunEstimate {
  readonly bytes: number;
  /** Of the run, and of one step, estimated from the GPU's peak; see `AppState.speed`. */
  readonly ms: number;
  readonly stepMs: number;
  /** Whether the network came from another program: its time and memory are not known before a run. */
  readonly isUnknown?: boolean;
  /** Why it is not possible, in words. */
  readonly problem?: string;
  readonly remedy?: Remedy;
}

export interface ViewState {
  /** Name of the selected image. */
  readonly image?: string;
  /** Opacity of the overlay, 0 to 1. */
  readonly opacity: number;
  /** With two classes: a pixel is class 1 above this probability. */
  readonly threshold: number;
  /** The shares of the grey range that are shown as black and as white. */
  readonly contrast: readonly [number, number];
  readonly look: Look;
  /** What is shown next to the image with its overlay. */
  readonly secondView: "nothing" | "image" | "label";
}

/** "write": this tab may change the project; "read": another tab has it; "asked": requested from it. */
export type Access = "write" | "read" | "asked";

export interface AppState {
  readonly page: Page;
  readonly device: DeviceStatus;
  readonly project?: Project;
  readonly access: Access;
  readonly run: RunStatus;
  readonly estimate?: RunEstimate;
  /** By preset id. */
  readonly presetEstimates: Readonly<Record<string, RunEstimate>>;
  /** How many times longer than estimated a step took in the last run here. */
  readonly speed: number;
  /** By image name: predictions that the user requested in this session. */
  readonly predictions: Readonly<Record<string, StepPrediction>>;
  /** By image name: predictions of validations in this session's runs. */
  readonly live: Readonly<Record<string, StepPrediction>>;
  readonly segmenting?: Segmenting;
  readonly packing?: Packing;
  readonly importing?: ImportProgress;
  readonly slide?: SlideStatus;
  /** The question about labels that are being read. */
  readonly asking?: AskedLabels;
  readonly question?: Question;
  readonly notices: readonly Notice[];
  readonly view: ViewState;
  readonly brush: Brush;
  /** Changes of labels in this session, the newest last. */
  readonly history: readonly LabelPatch[];
  /** Undone changes, the last one last; `redo` applies them again. */
  readonly undone: readonly LabelPatch[];
  /** Changes of the lists of edits of cells in this session, and undone ones, as for labels. */
  readonly cellHistory: readonly EditsPatch[];
  readonly cellsUndone: readonly EditsPatch[];
  readonly saved: readonly SavedProject[];
  /** Whether letters and digits without Ctrl are shortcuts. */
  readonly singleKeys: boolean;
  /** Whether the browser promised to keep what it stores; undefined until asked. */
  readonly persisted?: boolean;
  /** Whether the whole project is stored. */
  readonly saving: "saved" | "saving" | "failed";
}
