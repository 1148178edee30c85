// A training whose GPU is lost continues on another one. With the real engine, except that the GPU is destroyed.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { engine } from "../../src/cli/engine.js";
import type { Services } from "../../src/cli/services.js";
import type { Device } from "../../src/gpu/device.js";
import { fakeServices } from "./fakes.js";
import { inFolder, runCli } from "./run.js";

const ARGS = [
  ...["train", "--base", "4", "--depth", "1", "--tile", "60", "--steps", "8"],
  ...["--validate-every", "4", "--workers", "0", "--seed", "3"],
];

/** The engine, whose GPU is destroyed after these steps: one of each device that is opened. */
function losing(losses: readonly number[]) {
  let opened = 0;
  const services: Services = {
    ...engine,
    openDevice(onRemark) {
      opened++;
      return engine.openDevice(onRemark);
    },
    train(device, data, model, training, options) {
      const at = losses[opened - 1];
      return engine.train(device, data, model, training, {
        ...options,
        async onEvent(event) {
          await options.onEvent?.(event);
          if (event.type === "step" && event.step === at) (device as Device).gpu.destroy();
        },
      });
    },
  };
  return { services, log: fakeServices().log, opened: () => opened };
}

/** What a run leaves that does not depend on time. */
async function filesOf(folder: string) {
  const read = (name: string) => readFile(join(folder, name));
  const rows = (await read("metrics.csv")).toString().trim().split("\n");
  const losses = rows.map((row) => row.split(",").slice(0, 2).join());
  return { losses, files: [await read("best.safetensors"), await read("last.safetensors")] };
}

test("a run whose GPU is lost ends as if nothing had happened", async () => {
  await inFolder(async () => {
    assert.is((await runCli([...ARGS, "-o", "whole"], losing([]))).code, 0);
    const fake = losing([6]);
    const { code, stdout, stderr } = await runCli([...ARGS, "-o", "lost"], fake);
    assert.is(code, 0, stderr);
    assert.is(fake.opened(), 2);
    assert.match(stdout, /the GPU device was lost.* the run goes on after step 4\./);
    assert.equal(await filesOf("lost"), await filesOf("whole"));
  });
});

test("a GPU that is lost again and again ends the run, with the command that continues it", async () => {
  await inFolder(async () => {
    const fake = fakeServices();
    const { train } = fake.services;
    fake.services.lossOf = async () => "the GPU device was lost: reset";
    const begun: unknown[] = [];
    fake.services.train = async (device, data, model, training, options) => {
      begun.push(options.resume?.metadata.progress?.step);
      const isFirst = begun.length === 1;
      if (!isFirst) await train(device, data, model, { ...training, steps: 4 }, options);
      throw new Error("the work was dropped");
    };
    const { code, stdout, stderr, log } = await runCli([...ARGS, "-o", "out"], fake);
    assert.is(code, 1);
    assert.equal(begun, [undefined, undefined, 4, 4]);
    assert.match(stdout, "reset. It is opened again, and the run goes on after step 0.");
    assert.match(
      stderr,
      "the GPU device was lost: reset, for the 4th time in this run; continue with --resume out\n",
    );
    assert.equal([log.opened, log.closed], [4, 4]);
  });
});

test.run();
