// In a page: the app's own GPUDevice, a training with progress that can be stopped, and a
// prediction with a checkpoint from a URL. Everything on the GPU is released at the end of its
// block.

import {
  createPredictor,
  modelConfig,
  type Prediction,
  train,
  trainingConfig,
  useDevice,
} from "micrograph/core";
import {
  decodeSafetensors,
  encodeSafetensors,
  type Image,
  type ImageSource,
  imageFromRaw,
  readImage,
  type Sample,
} from "micrograph/files";

/** Segments an image with the checkpoint at `url`, on a device that the app continues to use. */
export async function predictFrom(
  url: string,
  source: ImageSource,
  gpu: GPUDevice,
): Promise<Prediction> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  const checkpoint = decodeSafetensors(new Uint8Array(await response.arrayBuffer()), url);
  const image: Image = imageFromRaw(await readImage(source, "image"));
  using device = useDevice(gpu); // closes only what Micrograph created, not the app's device
  using predictor = await createPredictor(device, checkpoint);
  return await predictor.predict(image, "image");
}

/** Trains until it is done or `signal` aborts; resolves with the file of the last checkpoint. */
export async function trainOn(
  samples: readonly Sample[],
  gpu: GPUDevice,
  signal: AbortSignal,
  onProgress: (share: number, loss: number) => void,
): Promise<Blob> {
  let file = new Blob();
  using device = useDevice(gpu);
  await train(
    device,
    { training: samples.slice(1), validation: samples.slice(0, 1) },
    modelConfig({ base: 8, depth: 3, channels: samples[0].image.channels }),
    trainingConfig({ tile: 132, steps: 500 }),
    {
      signal,
      submits: 8, // the page can draw between the parts of a step
      onEvent(event) {
        if (event.type === "progress") onProgress(event.step / event.steps, event.loss);
      },
      onCheckpoint(_kind, checkpoint) {
        file = new Blob([encodeSafetensors(checkpoint) as Uint8Array<ArrayBuffer>]);
      },
    },
  );
  return file;
}
