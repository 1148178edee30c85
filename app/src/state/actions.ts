// The actions that change the state.

import type { LabelMap, PixelSize, StartingName, TrainingEvent } from "../../../src/index.js";
import type { ObjectEdit } from "../../../src/objects/index.js";
import type { Session } from "../storage/session.js";
import type { CellSettings } from "./cell-settings.js";
import type { SummedTopic } from "./notices.js";
import type { ClassInfo, Project, Role, StoredCheckpoint } from "./project-types.js";
import type { Settings } from "./settings.js";
import type {
  Access,
  AppState,
  Brush,
  DeviceStatus,
  DoctorStatus,
  LabelPatch,
  Notice,
  NoticeTopic,
  Page,
  RunEstimate,
  RunStatus,
  SavedProject,
  StepPrediction,
  ViewState,
} from "./types.js";

export type Action =
  | { readonly type: "go"; readonly page: Page }
  | { readonly type: "device"; readonly status: DeviceStatus }
  | { readonly type: "doctor"; readonly status: DoctorStatus | undefined }
  | {
      readonly type: "open";
      readonly project: Project;
      readonly page: Page;
      /** By default "write". */
      readonly access?: Access;
      /** What was kept of the last session's work on it. */
      readonly session?: Session | undefined;
    }
  | { readonly type: "access"; readonly access: Access }
  /** The project no longer exists. */
  | { readonly type: "close" }
  | { readonly type: "edit"; readonly project: Project }
  | { readonly type: "label"; readonly name: string; readonly label: LabelMap }
  /** A stroke: the label after it, and the patch that undoes it. */
  | { readonly type: "paint"; readonly label: LabelMap; readonly patch: LabelPatch }
  /** All corrections of an image's cells. */
  | { readonly type: "edit-cells"; readonly name: string; readonly edits: readonly ObjectEdit[] }
  | { readonly type: "undo-cells" }
  | { readonly type: "redo-cells" }
  | { readonly type: "undo" }
  | { readonly type: "redo" }
  | { readonly type: "classes"; readonly classes: readonly ClassInfo[] }
  /** Its pixels become unlabelled; earlier strokes can no longer be undone. */
  | { readonly type: "delete-class"; readonly index: number }
  | { readonly type: "remove-image"; readonly name: string }
  /** Brings back the images that a notice says were removed. */
  | { readonly type: "restore-images"; readonly notice: number }
  /** The network that comes with the app whose weights a new run starts from. */
  | { readonly type: "start-from"; readonly name: StartingName | undefined }
  | { readonly type: "rename"; readonly name: string }
  /** Without a size, what the files say holds again. */
  | { readonly type: "pixel-size"; readonly size: PixelSize | undefined }
  | { readonly type: "brush"; readonly changes: Partial<Brush> }
  | { readonly type: "single-keys"; readonly isOn: boolean }
  | { readonly type: "saved"; readonly saved: readonly SavedProject[] }
  | { readonly type: "saving"; readonly saving: AppState["saving"] }
  | { readonly type: "persisted"; readonly persisted: boolean }
  | { readonly type: "role"; readonly name: string; readonly role: Role }
  | { readonly type: "settings"; readonly changes: Partial<Settings> }
  | { readonly type: "cells"; readonly changes: Partial<CellSettings> }
  | { readonly type: "view"; readonly changes: Partial<ViewState> }
  | { readonly type: "run"; readonly status: RunStatus }
  | { readonly type: "training"; readonly events: readonly TrainingEvent[] }
  | {
      readonly type: "checkpoint";
      readonly kind: "best" | "last";
      readonly checkpoint: StoredCheckpoint;
    }
  | { readonly type: "forget-training" }
  | {
      /** "live": of the validation during a run. */
      readonly type: "prediction" | "live";
      readonly name: string;
      readonly prediction: StepPrediction;
    }
  | { readonly type: "segmenting"; readonly progress: AppState["segmenting"] }
  | { readonly type: "packing"; readonly progress: AppState["packing"] }
  | { readonly type: "importing"; readonly progress: AppState["importing"] }
  | { readonly type: "slide"; readonly slide: AppState["slide"] }
  | { readonly type: "question"; readonly question: AppState["question"] }
  | { readonly type: "asking"; readonly question: AppState["asking"] }
  | ({ readonly type: "notice" } & Omit<Notice, "id">)
  /** Sentences that are shown as one message. */
  | {
      readonly type: "notices";
      readonly topic: SummedTopic;
      readonly kind: Notice["kind"];
      readonly sentences: readonly string[];
    }
  /** What the messages on a topic are about is being tried again. */
  | { readonly type: "settle"; readonly topic: NoticeTopic }
  | { readonly type: "estimate"; readonly estimate: RunEstimate | undefined }
  | {
      readonly type: "preset-estimates";
      readonly estimates: AppState["presetEstimates"];
    }
  | { readonly type: "speed"; readonly speed: number }
  | { readonly type: "dismiss"; readonly id: number };
