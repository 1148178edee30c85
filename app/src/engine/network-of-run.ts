// The network of a run: that of the checkpoint which the run continues or starts from, else that of the settings.

import {
  type BuiltInConfig,
  type Checkpoint,
  createModel,
  type Model,
  type ModelConfig,
  nearestInput,
  type TrainingConfig,
} from "../../../src/index.js";

export interface RunNetwork {
  readonly model: Model | ModelConfig;
  readonly config: TrainingConfig;
}

/**
 * With the channels and classes of the project, and the nearest tile that such a network takes. Throws if the
 * network came from another program and has others: its layers stay as they are.
 */
export function networkOfRun(
  checkpoint: Checkpoint | undefined,
  settings: BuiltInConfig,
  config: TrainingConfig,
): RunNetwork {
  if (!checkpoint) return { model: settings, config };
  const { model: own } = checkpoint.metadata;
  const { channels, classes } = settings;
  for (const [what, has, got] of [
    ["channels", own.channels, channels],
    ["classes", own.classes, classes],
  ] as const) {
    if (has === got || !("graph" in own)) continue;
    throw new Error(
      `The network has ${has} ${what} and the project ${got}: the layers of a network of another program ` +
        "stay as they are. Train a new network, or another project with it.",
    );
  }
  const model = createModel({ ...own, channels, classes }, checkpoint.models);
  return { model, config: { ...config, tile: nearestInput(model, config.tile) } };
}
