// The pictures of docs/examples.md, each made by its example.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Browser } from "playwright-core";
import { predictOwn, trainOwn } from "../../examples/own-model.js";
import { softClip, trainClipped } from "../../examples/own-op.js";
import { picturePng } from "../../src/node/png-files.js";
import {
  compilePlan,
  type Device,
  gradients,
  input,
  openDevice,
  syntheticSample,
} from "../../src/node.js";
import { predictionPanels } from "../../src/pictures/prediction.js";
import { WEBGPU_CANVASES } from "../browser/chromium.js";
import { openPage } from "../browser/page.js";
import { type Figure, figuresPicture, imageOf } from "./html-picture.js";

declare const it: typeof import("./example-page.js");

/** Takes a picture, PNG, its name without ".png", and how many colours it may have. */
export type Keep = (name: string, png: Uint8Array, colours?: number) => Promise<void>;

const [BLUE, ORANGE] = ["#2a6fb0", "#d1600a"];

/** Pictures of the examples for Node. */
export async function nodePictures(browser: Browser, keep: Keep): Promise<void> {
  await keep("example-single-ops", await figuresPicture(browser, singleOps()));
  const device = await openDevice();
  await keep("example-own-op", await figuresPicture(browser, await ownOp(device)));
  await keep("example-own-model", await figuresPicture(browser, await ownModel(device)), 28);
  device.close();
}

/** The tensors that the example prints. */
function singleOps(): Figure[] {
  const program = fileURLToPath(new URL("../../examples/single-ops.js", import.meta.url));
  const text = execFileSync(process.execPath, [program], { encoding: "utf8" });
  const titles: Readonly<Record<string, string>> = {
    y: "y: convolution and max-pooling",
    dx: "dx: gradient of the image",
    dweight: "dweight: gradient of the weights",
  };
  const printed = text.matchAll(/^(\w+) \[ ([\d, ]+) \] Float32Array\(\d+\) \[([^\]]+)\]/gm);
  return [...printed].map(([, name, shape, values]) => {
    const [n, c, height, width] = shape.split(",").map(Number);
    const size = { planes: n * c, height, width };
    return { html: heatMap(values.split(",").map(Number), size), title: titles[name] };
  });
}

/** Planes as squares, two or three to a row: blue below 0, orange above. */
function heatMap(
  values: readonly number[],
  { planes, height, width }: { planes: number; height: number; width: number },
): string {
  const side = Math.floor(84 / width);
  const perRow = planes === 2 ? 2 : 3;
  const most = Math.max(...values.map(Math.abs));
  const squares = values.map((value, i) => {
    const [plane, pixel] = [Math.floor(i / (width * height)), i % (width * height)];
    const x = (plane % perRow) * (width * side + 8) + (pixel % width) * side;
    const y = Math.floor(plane / perRow) * (height * side + 8) + Math.floor(pixel / width) * side;
    const share = 10 * Math.round((10 * Math.abs(value)) / most);
    const fill = `color-mix(in srgb, ${value < 0 ? BLUE : ORANGE} ${share}%, white)`;
    return `<rect x="${x}" y="${y}" width="${side}" height="${side}" style="fill: ${fill}; stroke: #888"/>`;
  });
  const size = `width="${perRow * (width * side + 8)}" height="180"`;
  return `<svg ${size}>${squares.join("")}</svg>`;
}

/** The op and its gradient, and the losses of a training with it. */
async function ownOp(device: Device): Promise<Figure[]> {
  const x = input("x", [1, 1, 1, 241]);
  const y = softClip(x, 4);
  const [dx] = gradients(y, [x], input("seed", y.shape));
  if (!dx) throw new Error("y does not depend on x");
  const plan = await compilePlan(device, { name: "soft-clip", outputs: [y, dx] });
  const places = Float32Array.from({ length: 241 }, (_, i) => (i - 120) / 10);
  plan.run({ x: places, seed: new Float32Array(241).fill(1) });
  const curve = (values: Float32Array) => [...values].map((value, i) => [places[i], value]);
  const [clipped, gradient] = [curve(await plan.read(y)), curve(await plan.read(dx))];
  plan.close();
  const losses = (await trainClipped(device, 40)).map((loss, i) => [i + 1, loss]);
  return [
    {
      html: chart("x", [clipped, gradient]),
      title: "softClip(x, 4) in blue, its gradient in orange",
    },
    { html: chart("step", [losses]), title: "the loss of a U-Net that is trained with it" },
  ];
}

function chart(label: string, curves: readonly (readonly (readonly number[])[])[]): string {
  const { document } = parseHTML("<html><body></body></html>");
  const plot = Plot.plot({
    document: document as unknown as Document,
    width: 400,
    height: 230,
    marginBottom: 40,
    x: { label, labelArrow: "none", ticks: 7 },
    y: { grid: true, zero: true, ticks: 5 },
    marks: curves.map((curve, i) =>
      Plot.line(curve as [number, number][], { stroke: [BLUE, ORANGE][i], strokeWidth: 2 }),
    ),
  });
  return plot.outerHTML.replace(/ font-size="10"/, ' font-size="12"');
}

/** A held-out image that the example's network segments. */
async function ownModel(device: Device): Promise<Figure[]> {
  const samples = [10, 1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
    return { name: `synthetic-${seed}`, ...syntheticSample({ seed, width: 192, height: 192 }) };
  });
  const file = await trainOwn(device, samples, 300);
  const { probabilities } = await predictOwn(device, file, samples[0]);
  const { panels } = predictionPanels(samples[0], { classes: 2, probabilities });
  return panels.slice(0, 4).map(({ picture, title }) => {
    return { html: imageOf(picturePng(picture), 190), title };
  });
}

/** Pictures of the examples for pages, in a browser. */
export async function pagePictures(keep: Keep): Promise<void> {
  const opened = await openPage("../docs/example-page.js", {}, WEBGPU_CANVASES);
  try {
    const main = opened.page.locator("main");
    for (const name of ["inAPage", "inReact", "drawOnCanvas"] as const) {
      await opened.run((show: typeof name) => it[show](), name, 600);
      await opened.page.waitForTimeout(300);
      await keep(`example-${NAMES[name]}`, await main.screenshot());
    }
  } finally {
    await opened.close();
  }
}

const NAMES = {
  inAPage: "in-a-page",
  inReact: "in-react",
  drawOnCanvas: "draw-on-canvas",
} as const;
