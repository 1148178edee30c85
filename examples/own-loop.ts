// A custom training loop: build a model, run steps, read the loss, save.

import {
  AUGMENTATIONS,
  createSampler,
  createTrainer,
  modelConfig,
  openDevice,
  saveCheckpoint,
  syntheticSample,
  unet,
} from "../src/node.js"; // in your own project: from "micrograph/node"

const samples = [1, 2, 3, 4].map((seed) => ({
  name: `synthetic ${seed}`,
  ...syntheticSample({ seed, width: 256, height: 256 }),
}));
const model = unet(modelConfig({ base: 8, depth: 2 }));
const tile = 124;
const sampler = createSampler({
  samples,
  input: tile,
  output: model.outputSize(tile),
  augmentation: AUGMENTATIONS.paper,
  classWeights: "equal",
  w0: 0,
  sigma: 5,
  seed: 1,
});

const device = await openDevice();
const trainer = await createTrainer(device, model, {
  tile,
  batch: 2,
  optimizer: "adam",
  learningRate: 0.002,
  momentum: 0.9,
  seed: 1,
});
for (let step = 0; step < 40; step++) {
  trainer.step(sampler.batch(step, 2));
  if (step % 10 === 9) console.log(await trainer.losses());
}
await saveCheckpoint("own-loop.safetensors", await trainer.checkpoint());
trainer.close();
device.close();
