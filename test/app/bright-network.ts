// A network whose cells are the bright pixels, made by hand: what a page finds is then known beforehand.

import { loadModel } from "../../src/model/load-model.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig } from "../../src/train/config.js";

/** The file of a U-Net that hands the image through its first skip connection: above a grey of about 180 is cell. */
export async function brightNetwork(): Promise<Uint8Array> {
  const model = modelConfig({ base: 1, depth: 1 });
  const { parameters } = await loadModel(model);
  const tensors = new Map(
    parameters.list.map(({ name, shape }) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      // The middle of each kernel; the channels of the lower level are 0.
      if (/^(encoder1|decoder1)\.conv\d\.weight$/.test(name)) {
        for (let i = 4; i < data.length; i += 9) data[i] = 1;
      }
      if (name === "head.weight") data[1] = 20;
      if (name === "head.bias") data[1] = -8;
      return [name, { shape: [...shape], data }];
    }),
  );
  const normalisation = { kind: "statistics", mean: [0.5], deviation: [0.5] } as const;
  const progress = { step: 100, best: undefined };
  return encodeSafetensors({ tensors, metadata: { model, normalisation, progress } });
}
