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

/** The engine, whose GPU is destroyed at these steps, in this order. */
function losing(losses: readonly number[]) {
  const left = [...losses];
  const services: Services = {
    ...engine,
    train(device, data, model, training, options) {
      return engine.train(device, data, model, training, {
        ...options,
        async onEvent(event) {
          await options.onEvent?.(event);
          if (!("step" in event) || !(event.step >= left[0])) return;
          left.shift();
          (device as Device).gpu.destroy();
        },
      });
    },
  };
  return { services, log: fakeServices().log };
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
    const lost = await runCli([...ARGS, "-o", "lost"], losing([6]));
    assert.is(lost.code, 0, lost.stderr);
    assert.match(lost.stdout, /the GPU device was lost.* the run goes on after step 4\./);
    assert.equal(await filesOf("lost"), await filesOf("whole"));
    // No step is in the logs twice, and the loss is in them.
    const events = (await readFile(join("lost", "events.jsonl"), "utf8")).trim().split("\n");
    const types = events.map((line) => JSON.parse(line).type);
    assert.equal(
      types.filter((type) => type !== "progress" && type !== "health"),
      ["start", "validation", "lost", "validation", "end"],
    );
  });
});

test("a run that fails after a checkpoint says how it is continued, and its newest state is saved", async () => {
  await inFolder(async () => {
    const fake = fakeServices();
    const { train } = fake.services;
    fake.services.train = async (device, data, model, training, options) => {
      await train(device, data, model, { ...training, steps: 4 }, options);
      throw new Error("the GPU device was lost, for the 4th time in a row without progress");
    };
    const { code, stderr, log } = await runCli([...ARGS, "-o", "out"], fake);
    assert.is(code, 1);
    assert.match(
      stderr,
      "for the 4th time in a row without progress; continue with --resume out\n",
    );
    assert.equal([log.opened, log.closed], [1, 1]);
  });
});

test.run();
