// Every call of the file system fails in turn, while a run is recorded and while it is continued. Each
// failure is one line that names the file and the reason, leaves no temporary file, and the run can be
// continued to the files of an undisturbed one.

import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  createRunFolder,
  type RunConfig,
  readRunFolder,
  recordRun,
} from "../../src/node/run-folder.js";
import type { TrainingConfig } from "../../src/train/training-types.js";
import { fakeCheckpoint } from "../cli/fakes.js";
import { inFolder } from "../cli/run.js";
import { withFault } from "./faulty-files.js";

const training = { tile: 44, steps: 6, batch: 1, learningRate: 1, momentum: 0, seed: 1 };
const config: RunConfig = {
  micrograph: "0.0.0",
  command: "micrograph train",
  name: "cells",
  data: "sample",
  training: ["a"],
  validation: ["b"],
  adapter: "fake",
  model: { architecture: "unet", base: 2, depth: 2, channels: 1, classes: 2, dropout: 0 },
  config: training as TrainingConfig,
};

/** Records the steps after `first` up to `last`, with a validation after every second one. */
async function record(first: number | undefined, last: number): Promise<void> {
  const listener = await recordRun("run", config, first);
  for (let step = (first ?? 0) + 1; step <= last; step++) {
    const loss = 1 / step;
    await listener.onEvent?.({ type: "step", step, loss, learningRate: 0.01 });
    const rate = { imagesPerSecond: 2.5, waitMs: 3.5, remainingMs: 0 };
    await listener.onEvent?.({ type: "progress", step, steps: 6, loss, ...rate });
    if (step % 2 > 0) continue;
    const figures = { loss, wrongPixels: 0.125 };
    await listener.onEvent?.({ type: "validation", step, best: true, images: [], ...figures });
    const checkpoint = fakeCheckpoint(config.model, config.config, step);
    await listener.onCheckpoint?.("best", checkpoint);
    await listener.onCheckpoint?.("last", checkpoint);
  }
  const result = { steps: last, reason: "steps", best: undefined, elapsedMs: 1 } as const;
  await listener.onEvent?.({ type: "end", result });
}

async function begin(): Promise<void> {
  await createRunFolder("cells", { output: "run" });
  await record(undefined, 4);
}

async function resume(): Promise<void> {
  const { checkpoint } = await readRunFolder("run");
  const step = checkpoint.metadata.progress?.step;
  if (step !== 6) await record(step, 6);
}

/** The run from wherever it is to its end. */
async function toTheEnd(): Promise<void> {
  if (!existsSync("run/last.safetensors")) {
    // As the error says of a best checkpoint whose run cannot be continued.
    await rm("run/best.safetensors", { force: true });
    await begin();
  }
  await resume();
}

/** What does not depend on time. */
async function contents(): Promise<Record<string, string>> {
  const bytes = async (name: string) => (await readFile(join("run", name))).toString("latin1");
  return {
    best: await bytes("best.safetensors"),
    last: await bytes("last.safetensors"),
    // A step that was written twice is read as one.
    metrics: [...new Set((await bytes("metrics.csv")).trim().split("\n"))].join("\n"),
    files: (await readdir("run", { recursive: true })).map(String).sort().join(" "),
  };
}

const PROBLEM = /no space left on the device|no permission|input\/output error/;

/** Lets every call of `work` fail that touches the run; `prepare` makes what it begins with. */
async function failEach(prepare: () => Promise<void>, work: () => Promise<void>): Promise<number> {
  const fresh = async () => {
    await rm("run", { recursive: true, force: true });
    await prepare();
  };
  await fresh();
  const { calls } = await withFault("run", 0, work);
  await toTheEnd();
  const whole = await contents();
  for (let at = 1; at <= calls.length; at++) {
    await fresh();
    let message: string | undefined;
    const seen = await withFault("run", at, () =>
      work().catch((error) => {
        message = error.message;
      }),
    );
    const what = `call ${at} of ${calls.length}, ${seen.calls[at - 1]}`;
    if (message === undefined) assert.unreachable(`${what}: no error`);
    assert.match(message as string, PROBLEM, what);
    assert.match(message as string, /^run\b[^\n]*$/, what);
    const names = existsSync("run") ? await readdir("run", { recursive: true }) : [];
    assert.equal(
      names.filter((name) => String(name).endsWith(".tmp")),
      [],
      what,
    );
    await toTheEnd();
    assert.equal(await contents(), whole, what);
  }
  return calls.length;
}

/** In a folder whose files are not flushed to the disk. */
const inFastFolder = (work: () => Promise<void>) =>
  inFolder(async () => void (await withFault("run", 0, work)));

test("a run is recorded whole after any failure of the file system", async () => {
  await inFastFolder(async () => {
    const count = await failEach(async () => {}, begin);
    assert.ok(count > 30, `${count} calls`);
  });
});

test("a run is continued after any failure of the file system", async () => {
  await inFastFolder(async () => {
    const count = await failEach(begin, resume);
    assert.ok(count > 30, `${count} calls`);
  });
});

test.run();
