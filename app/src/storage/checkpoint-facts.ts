// The metadata of a checkpoint's file, without its weights.

import type {
  Checkpoint,
  ModelConfig,
  Task,
  TrainingConfig,
  ValidationFigures,
} from "../../../src/index.js";
import { decodeNetwork } from "../networks/decode-network.js";

export interface CheckpointFacts {
  readonly model: ModelConfig;
  /** Its channels in the first layer and its depth; absent if it came from another program. */
  readonly size?: { readonly base: number; readonly depth: number } | undefined;
  readonly task?: Task | undefined;
  /** Absent in a checkpoint that was not made by training. */
  readonly training?: TrainingConfig | undefined;
  readonly step: number;
  /** The metrics of its own step, if that is its run's best. */
  readonly figures?: ValidationFigures | undefined;
  /** Whether it has the optimiser's state: only then can training continue from it. */
  readonly goesOn: boolean;
}

/** Errors name the file: damaged, or of another program. */
export async function checkpointFacts(
  bytes: Uint8Array,
  fileName: string,
): Promise<CheckpointFacts> {
  return factsOf(await decodeNetwork(bytes, fileName));
}

export function factsOf({ tensors, metadata }: Checkpoint): CheckpointFacts {
  const { model, task, training, progress } = metadata;
  const { base, depth } = model;
  const size = typeof base === "number" && typeof depth === "number" ? { base, depth } : undefined;
  const goesOn = [...tensors.keys()].some((name) => name.startsWith("optimizer."));
  const step = progress?.step ?? 0;
  const figures = progress?.best?.step === step ? progress.best : undefined;
  return { model, size, task, training, step, figures, goesOn };
}
