import { test } from "uvu";
import * as assert from "uvu/assert";
import { openPage, type TestPage } from "./page.js";

declare const it: typeof import("./worker-page.js");

const STEPS = 12;

/** A module script without a bundler, on the one file of the package. */
const workerOf = (submits: number) => `
import {
  modelConfig, requestDevice, syntheticSample, train, trainingConfig,
} from "/dist/micrograph.min.js";

try {
  const device = await requestDevice();
  const training = [{ name: "cells", ...syntheticSample({ seed: 1, width: 96, height: 96 }) }];
  const losses = [];
  await train(
    device,
    { training, validation: [] },
    modelConfig({ base: 4, depth: 2 }),
    trainingConfig({ tile: 76, steps: ${STEPS}, learningRate: 0.01 }),
    {
      submits: ${submits},
      onEvent(event) {
        if (event.type === "step") losses.push(event.loss);
      },
    },
  );
  device.close();
  postMessage({ losses });
} catch (error) {
  postMessage({ error: String(error) });
}
`;

let opened: TestPage;
test.before(async () => {
  opened = await openPage("./worker-page.js", {
    "/whole.js": workerOf(1),
    "/parts.js": workerOf(6),
  });
});
test.after(() => opened?.close());

test("the one file trains in a Worker, and no task of the page's thread takes 50 ms", async () => {
  const whole = await opened.run((path) => it.trainInWorker(path), "/whole.js");
  assert.is(whole.losses.length, STEPS);
  assert.ok(whole.losses[STEPS - 1] < whole.losses[0], `${whole.losses}`);
  assert.equal(whole.longTasks, []);
  const parts = await opened.run((path) => it.trainInWorker(path), "/parts.js");
  assert.equal(parts.losses, whole.losses, "steps in several submits have the same losses");
  assert.equal(parts.longTasks, []);
  assert.equal(opened.problems, []);
});

test.run();
