import { test } from "uvu";
import * as assert from "uvu/assert";
import { openPage, type TestPage } from "./page.js";

declare const it: typeof import("./worker-page.js");

const STEPS = 12;

/** A module script without a bundler, on the one file of the package. */
const WORKER = `
import {
  modelConfig, requestDevice, syntheticSample, train, trainingConfig,
} from "/dist/micrograph.min.js";

try {
  const device = await requestDevice();
  const training = [{ name: "cells", ...syntheticSample({ seed: 1, width: 96, height: 96 }) }];
  const losses = { whole: [], parts: [] };
  for (const [kind, submits] of [["whole", 1], ["parts", 6]]) {
    await train(
      device,
      { training, validation: [] },
      modelConfig({ base: 2, depth: 1 }),
      trainingConfig({ tile: 60, steps: ${STEPS}, learningRate: 0.01 }),
      {
        submits,
        onEvent(event) {
          if (event.type === "step") losses[kind].push(event.loss);
        },
      },
    );
  }
  device.close();
  postMessage(losses);
} catch (error) {
  postMessage({ error: String(error) });
}
`;

let opened: TestPage;
test.before(async () => {
  opened = await openPage("./worker-page.js", { "/worker.js": WORKER });
});
test.after(() => opened?.close());

test("the one file trains in a Worker, and no task of the page's thread takes 50 ms", async () => {
  const { whole, parts, longTasks } = await opened.run(
    (path) => it.trainInWorker(path),
    "/worker.js",
  );
  assert.is(whole.length, STEPS);
  assert.ok(whole[STEPS - 1] < whole[0], `${whole}`);
  assert.equal(parts, whole, "steps in several submits have the same losses");
  assert.equal(longTasks, []);
  assert.equal(opened.problems, []);
});

test.run();
