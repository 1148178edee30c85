import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Look } from "../../src/canvas/look.js";
import { defaultColour } from "../../src/data/classes.js";
import { predictedClasses } from "../../src/metrics/pixels.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { sampledTest } from "../sample.js";
import { syntheticCheckpoint } from "./canvas-checkpoint.js";
import { drawnPicture as picture, PICTURE_SIZE as SIZE, WORKER } from "./canvas-data.js";
import { WEBGPU_CANVASES } from "./chromium.js";
import { openPage, type TestPage } from "./page.js";

declare const it: typeof import("./canvas-in-page.js") & typeof import("./canvas-out-page.js");

const COUNT = SIZE.width * SIZE.height;

const PAGE = `
export * from "./canvas-in-page.js";
export * from "./canvas-out-page.js";
`;

let opened: TestPage;
test.before(async () => {
  const files = {
    "/worker.js": WORKER,
    "/checkpoint.safetensors": encodeSafetensors(syntheticCheckpoint(1, 2)),
  };
  opened = await openPage(PAGE, files, WEBGPU_CANVASES);
});
test.after(() => opened?.close());

/** Rounding of sums of 32 bits in the normalisation, about 1e-6 of a standard deviation. */
const ROUNDING = 1e-5;

sampledTest(
  "every kind of picture gives the probabilities that it gives by readImage",
  async () => {
    for (const channels of [1, 3]) {
      const argument = [SIZE, picture(channels, 5), channels] as const;
      const differences = await opened.run((a) => it.compareKinds(a), argument);
      assert.is(Object.keys(differences).length, 14);
      for (const [kind, difference] of Object.entries(differences)) {
        assert.ok(difference < ROUNDING, `${kind} of ${channels} channels: ${difference}`);
      }
    }
  },
);

sampledTest(
  "kinds that a browser's WebGPU refuses go by a canvas, with the same values",
  async () => {
    const colours = picture(3, 5).map((value, i) => (i % 4 === 3 ? (i >> 2) % 256 : value));
    for (const [channels, given] of [
      [1, picture(1, 5)],
      [3, colours],
    ] as const) {
      const argument = [SIZE, given, channels] as const;
      const differences = await opened.run((a) => it.compareRefusedKinds(a), argument);
      assert.equal(Object.keys(differences), ["ImageData", "VideoFrame", "HTMLVideoElement"]);
      for (const [kind, difference] of Object.entries(differences)) {
        assert.ok(difference < ROUNDING, `${kind} of ${channels} channels: ${difference}`);
      }
    }
  },
);

sampledTest(
  "what the browser converts itself is within a step of 8 bits of readImage",
  async () => {
    const differences = await opened.run(() => it.compareConverted());
    assert.is(Object.keys(differences).length, 3);
    for (const [kind, steps] of Object.entries(differences)) {
      // The means over the picture differ as well, by less.
      assert.ok(steps < 1.1, `${kind}: ${steps}`);
    }
  },
);

sampledTest("the mean over symmetries is the same on the GPU", async () => {
  const difference = await opened.run((a) => it.compareSymmetries(a), [
    SIZE,
    picture(1, 6),
  ] as const);
  assert.ok(difference < ROUNDING, `${difference}`);
});

/** The pixels of a look computed on the CPU, over black, from probabilities that were read. */
function painted(probabilities: readonly number[], classes: number, look: Look): number[] {
  const values = Float32Array.from(probabilities);
  if (look.kind === "probability") {
    const { class: shown = 1 } = look;
    const plane = values.subarray(shown * COUNT, (shown + 1) * COUNT);
    return [...plane].flatMap((value) => {
      const grey = Math.floor(Math.fround(value * 255) + 0.5);
      return [grey, grey, grey, 255];
    });
  }
  const found = predictedClasses(values, classes, look.threshold);
  const opacity = look.kind === "mask" ? 1 : (look.opacity ?? 0.35);
  const usual = (index: number) => {
    if (look.kind === "overlay") {
      return index === 0 || look.colours ? [0, 0, 0] : defaultColour(index);
    }
    return classes === 2 ? [255 * index, 255 * index, 255 * index] : defaultColour(index);
  };
  return [...found].flatMap((index) => {
    const colour = look.colours?.[index] ?? usual(index);
    return [...colour.map((value) => value * opacity), 255];
  });
}

test("canvases show the pixels that the read probabilities give", async () => {
  const looks: Readonly<Record<number, readonly Look[]>> = {
    2: [
      { kind: "mask" },
      { kind: "mask", threshold: 0.55 },
      { kind: "probability" },
      { kind: "probability", class: 0 },
      { kind: "overlay", threshold: 0.55 },
    ],
    3: [
      { kind: "mask" },
      { kind: "probability", class: 2 },
      { kind: "overlay", opacity: 0.5, colours: [[255, 0, 0], undefined, [0, 80, 255]] },
    ],
  };
  for (const classes of [2, 3]) {
    const argument = [SIZE, picture(1, 7), classes, looks[classes]] as const;
    const { pixels, probabilities } = await opened.run((a) => it.drawLooks(a), argument);
    assert.is(probabilities.length, classes * COUNT);
    for (const [i, look] of looks[classes].entries()) {
      const expected = painted(probabilities, classes, look);
      assert.ok(new Set(expected).size > 1, "there is something to see");
      // Half transparent colours are rounded when drawn and when composited over black.
      const tolerance = look.kind === "overlay" ? 1.01 : 0;
      for (const got of pixels[i]) {
        assert.is(got.length, expected.length);
        const wrong = got.findIndex((value, at) => Math.abs(value - expected[at]) > tolerance);
        assert.is(wrong, -1, `${JSON.stringify(look)}: ${got[wrong]} not ${expected[wrong]}`);
      }
    }
  }
});

sampledTest("the example draws a picture and a video on the app's device", async () => {
  const argument = ["/checkpoint.safetensors", SIZE, picture(1, 8)] as const;
  const { cells, video } = await opened.run((a) => it.runExample(a), argument);
  const reds = new Set(cells.filter((_, i) => i % 4 === 0));
  // Nothing on the membrane, and the first class's colour (255, 176, 0) by half.
  assert.equal([...reds].sort(), [0, 128]);
  assert.equal(video, [SIZE.width, SIZE.height]);
});

sampledTest("a Worker draws several times on a canvas of the page", async () => {
  const argument = ["/worker.js", SIZE, picture(1, 8)] as const;
  const { pixels, probabilities } = await opened.run((a) => it.drawInWorker(a), argument);
  assert.equal(pixels, painted(probabilities, 2, { kind: "mask" }));
});

test("nothing is read back while a page predicts and draws, and nothing is left after close", async () => {
  const argument = [SIZE, picture(1, 9), 20] as const;
  const { left, most, readable } = await opened.run((a) => it.countMemory(a), argument);
  assert.ok(most > 20, `only ${most} buffers were counted`);
  assert.equal([left, readable], [0, 0]);
});

test("a GPU that is lost while a picture is predicted, or before, is opened again: the same probabilities", async () => {
  const argument = [SIZE, picture(1, 9)] as const;
  const { found, problem, renewals, drawn } = await opened.run((a) => it.loseGpu(a), argument);
  assert.equal(drawn, painted(found[0], 2, { kind: "mask" }));
  assert.equal(found.slice(2), found.slice(0, 2));
  assert.is(renewals, 3);
  assert.is(problem, "the prediction of picture was lost with the GPU: predict it again");
});

test("errors explain what cannot be predicted or drawn", async () => {
  assert.equal(await opened.run(() => it.refusals()), [
    "empty has 0x0 pixels, expected a loaded picture",
    "rgb has 3 channels, but the model was trained on 1",
    "wide has 20000x1 pixels, but a texture of this adapter at most N per side: read it as an image with readImage",
    "the canvas has a context of another kind, expected a WebGPU one",
    "class: got 2, expected 0 to 1",
    "the prediction of pixels is closed",
    "the prediction of pixels is closed",
    "pixels cannot be predicted: the canvas predictor is closed",
    "large cannot be predicted: the canvas predictor is closed",
    "1/8 2/8",
  ]);
  assert.equal(opened.problems, []);
});

test.run();
