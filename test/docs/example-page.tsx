// The page of example-pictures.ts: the examples for pages and for React, with what they need around them.

import { type Image, type ImageSource, syntheticSample } from "micrograph";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { drawCells } from "../../examples/draw-on-canvas.js";
import { predictFrom, trainOn } from "../../examples/in-a-page.js";
import { Segmented, Training } from "../../examples/in-react.js";

const SIDE = 220;
const [held, ...training] = [10, 1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
  return { name: `synthetic-${seed}`, ...syntheticSample({ seed, width: SIDE, height: SIDE }) };
});

const HTML = `<style>
  main { display: inline-block; padding: 16px; font: 15px sans-serif; background: #fff; color: #222 }
  canvas { display: block } section { display: flex; gap: 16px } section div { position: relative }
  div canvas + canvas { position: absolute; top: 0 } progress { width: 200px } button { font: inherit }
</style><main></main>`;

let gpu: GPUDevice;
/** The file that the first example trains; the others predict with it. */
let checkpoint: Blob;
let unmount = () => {};

function emptyPage(): HTMLElement {
  unmount();
  document.body.innerHTML = HTML;
  return document.querySelector("main") as HTMLElement;
}

/** A canvas with the image in grey, or with `values`, [height][width], from 0 to 1. */
function canvasOf({ width, height, data }: Image, values: ArrayLike<number> = data) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const grey = 255 * values[i];
    pixels.data.set([grey, grey, grey, 255], 4 * i);
  }
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas;
}

/** Shows things next to each other. */
function show(main: HTMLElement, ...things: readonly HTMLElement[]): void {
  const row = document.createElement("section");
  row.append(...things);
  main.append(row);
}

/** Trains with progress until a button stops it, then segments the held-out image. */
export async function inAPage(): Promise<void> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error("no adapter");
  gpu = await adapter.requestDevice();
  const main = emptyPage();
  main.innerHTML = "<p><button>Stop</button> <progress></progress> <output></output></p>";
  const stop = new AbortController();
  const [button, progress, output] = ["button", "progress", "output"].map((name) =>
    main.querySelector(name),
  ) as [HTMLButtonElement, HTMLProgressElement, HTMLOutputElement];
  button.onclick = () => stop.abort();
  checkpoint = await trainOn([held, ...training], gpu, stop.signal, (share, loss) => {
    progress.value = share;
    output.value = `${Math.round(100 * share)} %, loss ${loss.toFixed(3)}`;
    if (share >= 0.8) button.click();
  });
  const picture = canvasOf(held.image);
  const url = URL.createObjectURL(checkpoint);
  const source: ImageSource = picture;
  const { width, height, probabilities } = await predictFrom(url, source, gpu);
  show(main, picture, canvasOf(held.image, probabilities.subarray(width * height)));
}

/** The button of a training and its progress, and below them the image segmented by the first checkpoint. */
export async function inReact(): Promise<void> {
  const main = emptyPage();
  const url = URL.createObjectURL(checkpoint);
  let shown = () => {};
  const trained = new Promise<void>((resolve) => {
    shown = resolve;
  });
  function Page() {
    const [samples] = useState(() => [held, ...training]);
    const [onTrained] = useState(() => () => {});
    return (
      <>
        <Training gpu={gpu} samples={samples} onTrained={onTrained} />
        <Segmented gpu={gpu} url={url} image={held.image} />
      </>
    );
  }
  const root = createRoot(main);
  root.render(<Page />);
  unmount = () => root.unmount();
  const look = setInterval(() => {
    if (/^\d\d %/.test(main.querySelector("output")?.textContent ?? "")) shown();
    else if ((main.querySelector("canvas")?.width ?? 0) === SIDE) {
      const button = main.querySelector("button");
      if (button?.textContent === "Train") button.click();
    }
  }, 100);
  await trained;
  clearInterval(look);
}

/** The image, and the same with the cells drawn over it on the GPU. */
export async function drawOnCanvas(): Promise<void> {
  const main = emptyPage();
  const picture = canvasOf(held.image);
  const canvas = document.createElement("canvas");
  const over = document.createElement("div");
  over.append(canvasOf(held.image), canvas);
  show(main, picture, over);
  await drawCells(new Uint8Array(await checkpoint.arrayBuffer()), picture, canvas, gpu);
}
