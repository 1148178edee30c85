// The commands' engine without a GPU: what is read, checked, printed and written is real, its numbers are not.

import type { Services } from "../../../src/cli/services.js";
import { loadModel } from "../../../src/model/load-model.js";
import { fakeServices } from "../../cli/fakes.js";
import { shortSteps } from "./options.js";

const { services } = fakeServices();

export const engine: Services = {
  ...services,
  async train(device, data, config, training, options) {
    const { parameters } = await loadModel(config);
    const tensors = new Map(
      parameters.list.map(({ name, shape }) => {
        const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
        return [name, { shape, data }];
      }),
    );
    const done = options.resume?.metadata.progress?.step ?? 0;
    const steps = Math.min(training.steps, done + shortSteps(import.meta.url));
    return services.train(
      device,
      data,
      config,
      { ...training, steps },
      {
        ...options,
        onCheckpoint: (kind, checkpoint) =>
          options.onCheckpoint?.(kind, { ...checkpoint, tensors }),
      },
    );
  },
};
