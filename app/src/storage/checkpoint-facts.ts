// The metadata of a checkpoint's file, without its weights.

import {
  type BuiltInConfig,
  type Checkpoint,
  decodeSafetensors,
  type Task,
  type TrainingConfig,
  UNET_OPTIONS,
  type ValidationFigures,
} from "../../../src/index.js";

export interface CheckpointFacts {
  readonly model: BuiltInConfig;
  /** Whether it is the paper's U-Net, of any size. */
  readonly isPaper: boolean;
  readonly task?: Task | undefined;
  /** Absent in a checkpoint that was not made by training. */
  readonly training?: TrainingConfig | undefined;
  readonly step: number;
  /** The metrics of its own step, if that is its run's best. */
  readonly figures?: ValidationFigures | undefined;
  /**
   * Whether it has the optimiser's state: only then can training continue from it. Not of
   * a U-Net that differs from the paper's.
   */
  readonly goesOn: boolean;
}

/** Errors name the file: damaged, or of another program. */
export function checkpointFacts(bytes: Uint8Array, fileName: string): CheckpointFacts {
  return factsOf(decodeSafetensors(bytes, fileName));
}

export function factsOf({ tensors, metadata }: Checkpoint): CheckpointFacts {
  const { task, training, progress } = metadata;
  // Other architectures cannot be read.
  const model = metadata.model as BuiltInConfig;
  // The app trains the paper's U-Net, and predicts with any.
  const isPaper = !Object.keys(UNET_OPTIONS).some((key) => key in model);
  const goesOn = isPaper && [...tensors.keys()].some((name) => name.startsWith("optimizer."));
  const step = progress?.step ?? 0;
  const figures = progress?.best?.step === step ? progress.best : undefined;
  return { model, isPaper, task, training, step, figures, goesOn };
}
