import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/gpu/device.js";
import { createPipelines, type MadePipeline } from "../../src/gpu/pipelines.js";
import { unet } from "../../src/model/unet.js";
import { openDevice } from "../../src/node/open-device.js";
import { type WarmUpDevice, warmUpBy, warmUpDeviceOf } from "../../src/node/pipeline-warm-up.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { createTrainer } from "../../src/train/step.js";
import { noise } from "../numbers.js";

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const named = (code: string) => ({ code }) as MadePipeline;

/** A lane that takes this many milliseconds each, and records what it did. */
function fakeLane(ms: number) {
  const did: string[] = [];
  let isClosed = false;
  const lane: WarmUpDevice = {
    async translate({ code }) {
      await later(ms);
      did.push(code);
      if (code === "broken") throw new Error("it cannot be translated");
    },
    close() {
      isClosed = true;
    },
  };
  return { lane, did, isClosed: () => isClosed };
}

test("while a translation takes long, another device takes others", async () => {
  const [first, second] = [fakeLane(100), fakeLane(30)];
  const translate = warmUpBy(first.lane, async () => second.lane, 10);
  await Promise.all(["a", "b", "broken", "d", "e"].map((code) => translate(named(code))));
  await later(0);
  assert.equal([...first.did, ...second.did].sort(), ["a", "b", "broken", "d", "e"]);
  assert.ok(second.did.length >= 2, `the second did ${second.did}`);
  assert.ok(second.isClosed());
  assert.not.ok(first.isClosed());
  await translate(named("f"));
  assert.is([...first.did, ...second.did].length, 6);
});

test("no second device is opened if no pipeline takes long, and failing to open one is harmless", async () => {
  const quick = fakeLane(1);
  let opened = 0;
  const open = async () => {
    opened++;
    throw new Error("no second device");
  };
  const all = (lane: WarmUpDevice, longMs: number) => {
    const translate = warmUpBy(lane, open, longMs);
    return Promise.all(["a", "b", "c"].map((code) => translate(named(code))));
  };
  await all(quick.lane, 1000);
  assert.is(opened, 0);
  const slow = fakeLane(60);
  await all(slow.lane, 10);
  assert.ok(opened > 0);
  assert.equal(
    [quick.did, slow.did],
    [
      ["a", "b", "c"],
      ["a", "b", "c"],
    ],
  );
});

test("every pipeline of a training step is translated by either device, and the step is the same", async () => {
  const model = unet(modelConfig({ base: 4, depth: 1 }));
  const side = model.outputSize(28);
  const batch = {
    image: noise(28 * 28, 1),
    label: new Float32Array(side * side).fill(1),
    weight: new Float32Array(side * side).fill(1),
  };
  const lossOn = async (device: Device) => {
    const trainer = await createTrainer(device, model, trainingConfig({ tile: 28 }));
    trainer.step(batch);
    const [{ loss }] = await trainer.losses();
    trainer.close();
    device.check();
    return loss;
  };
  const [plain, second] = [await openDevice(), await openDevice()];
  const failures: unknown[] = [];
  let count = 0;
  const lanes = [warmUpDeviceOf(plain.gpu, true), warmUpDeviceOf(second.gpu, false)];
  const pipelines = createPipelines(plain.gpu, undefined, async (made) => {
    count++;
    for (const lane of lanes) await lane.translate(made).catch((error) => failures.push(error));
  });
  const expected = await lossOn(plain);
  assert.is(await lossOn({ ...plain, pipelines }), expected);
  second.check();
  assert.equal(failures, []);
  assert.ok(count >= 10, `${count} pipelines`);
  second.close();
  plain.close();
});

test.run();
