// In React: a training with progress that can be stopped, and an image segmented with the
// checkpoint at a URL, on the app's own GPUDevice. The clean-up of an effect releases what it
// opened.

import {
  createPredictor,
  useDevice as openOn, // not a hook, but React's linter would treat it as one
  type Prediction,
  type Predictor,
} from "micrograph/core";
import { decodeSafetensors, type Image, type Sample } from "micrograph/files";
import { useEffect, useRef, useState } from "react";
import { trainOn } from "./in-a-page.js";

interface TrainingProps {
  readonly gpu: GPUDevice;
  readonly samples: readonly Sample[];
  /**
   * Receives the checkpoint file. Like `samples`, it must be the same in every render, otherwise
   * the training stops.
   */
  onTrained(file: Blob): void;
}

/** A button that starts and stops training, with the progress next to it. */
export function Training({ gpu, samples, onTrained }: TrainingProps) {
  const [stop, setStop] = useState<AbortController>();
  const [progress, setProgress] = useState("");
  useEffect(() => {
    if (!stop) return;
    let isShown = true;
    const show = (share: number, loss: number) =>
      setProgress(`${Math.round(100 * share)} %, loss ${loss.toFixed(3)}`);
    trainOn(samples, gpu, stop.signal, show)
      .then(
        (file) => isShown && onTrained(file),
        (error) => setProgress(String(error)),
      )
      .finally(() => isShown && setStop(undefined));
    return () => {
      isShown = false;
      stop.abort(); // ends after the current step, and releases everything
    };
  }, [stop, gpu, samples, onTrained]);
  return (
    <p>
      {stop ? (
        <button type="button" onClick={() => stop.abort()}>
          Stop
        </button>
      ) : (
        <button type="button" onClick={() => setStop(new AbortController())}>
          Train
        </button>
      )}{" "}
      <output>{progress}</output>
    </p>
  );
}

interface SegmentedProps {
  readonly gpu: GPUDevice;
  /** Address of a checkpoint file. */
  readonly url: string;
  readonly image: Image;
}

/** The probability of class 1 in each pixel, as greys. */
export function Segmented({ gpu, url, image }: SegmentedProps) {
  const { predictor, error } = usePredictor(gpu, url);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let isShown = true;
    predictor?.predict(image, "the image").then(
      (prediction) => isShown && canvas.current && draw(canvas.current, prediction),
      (failed) => isShown && console.error(failed),
    );
    return () => {
      isShown = false;
    };
  }, [predictor, image]);
  return error ? <p role="alert">{error}</p> : <canvas ref={canvas} />;
}

/** Returns a predictor for as long as the component is shown with this URL. */
function usePredictor(gpu: GPUDevice, url: string): { predictor?: Predictor; error?: string } {
  const [state, setState] = useState<{ predictor?: Predictor; error?: string }>({});
  useEffect(() => {
    const stop = new AbortController();
    const device = openOn(gpu);
    const load = async () => {
      const response = await fetch(url, { signal: stop.signal });
      if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
      const checkpoint = decodeSafetensors(new Uint8Array(await response.arrayBuffer()), url);
      const predictor = await createPredictor(device, checkpoint);
      if (stop.signal.aborted) predictor.close();
      else {
        stop.signal.addEventListener("abort", () => predictor.close());
        setState({ predictor });
      }
    };
    load().catch((error) => stop.signal.aborted || setState({ error: String(error) }));
    return () => {
      stop.abort();
      device.close(); // closes only what Micrograph created, not the app's device
    };
  }, [gpu, url]);
  return state;
}

function draw(canvas: HTMLCanvasElement, { width, height, probabilities }: Prediction): void {
  const cell = probabilities.subarray(width * height); // [classes][height][width]
  const picture = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    picture.data.fill(255 * cell[pixel], 4 * pixel, 4 * pixel + 3);
    picture.data[4 * pixel + 3] = 255;
  }
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")?.putImageData(picture, 0, 0);
}
