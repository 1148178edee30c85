import { createModel } from "../../src/model/architectures.js";
import { initialValues, slice } from "../../src/model/parameters.js";
import { modelConfig } from "../../src/train/config.js";
import type { Checkpoint } from "../../src/train/training-types.js";

/** An untrained network; its normalisation changes nothing. */
export function untrained(changes: Parameters<typeof modelConfig>[0]): Checkpoint {
  const config = modelConfig(changes);
  const { parameters } = createModel(config);
  const values = initialValues(parameters, 1);
  const tensors = new Map(
    parameters.list.map((one) => [one.name, { shape: one.shape, data: slice(one, values) }]),
  );
  const fill = (value: number) => Array(config.channels).fill(value);
  const normalisation = { kind: "statistics", mean: fill(0), deviation: fill(1) } as const;
  return { tensors, metadata: { model: config, normalisation } };
}
