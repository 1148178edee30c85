// A run in a project whose network came as a file without the optimiser's state.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { createTraining } from "../../app/src/commands/training.js";
import type { Engine } from "../../app/src/engine/client.js";
import { openingTrain } from "../../app/src/engine/jobs.js";
import type { TrainJob } from "../../app/src/engine/messages.js";
import { trainOn } from "../../app/src/engine/work.js";
import { sampleProject } from "../../app/src/state/project.js";
import type { Project, StoredCheckpoint } from "../../app/src/state/project-types.js";
import { INITIAL, reduce } from "../../app/src/state/reducer.js";
import { createStore } from "../../app/src/state/store.js";
import type { Question } from "../../app/src/state/types.js";
import { createModel } from "../../src/model/architectures.js";
import { initialValues, slice } from "../../src/model/parameters.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig } from "../../src/train/config.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

const sample = await sampleProject("sample-1");
const config = modelConfig({ base: 2, depth: 1 });
const { parameters } = createModel(config);
const values = initialValues(parameters, 3);
const bytes = encodeSafetensors({
  tensors: new Map(
    parameters.list.map((one) => [one.name, { shape: one.shape, data: slice(one, values) }]),
  ),
  metadata: { model: config, normalisation: { kind: "image" } },
});
const best: StoredCheckpoint = { bytes, step: 225, fileName: "cells.safetensors" };
const settings = { ...sample.settings, base: 2, depth: 1, tile: 28, steps: 1 };
const project: Project = {
  ...sample,
  settings,
  training: { losses: [], validations: [], best },
};

/** The question, and the weights that the engine starts with, for an answer. */
async function started(of: Project, answer: string | undefined) {
  const store = createStore();
  store.dispatch({ type: "open", project: of, page: "train" });
  const jobs: TrainJob[] = [];
  const questions: Question[] = [];
  const engine = { train: (job: TrainJob) => void jobs.push(job) } as Partial<Engine> as Engine;
  const ask = async (question: Question) => {
    questions.push(question);
    return answer;
  };
  createTraining(store, engine, { ask }).train();
  await new Promise((resolve) => setTimeout(resolve));
  return { questions, jobs };
}

test("a run asks before it replaces a network, and may start from its weights", async () => {
  const { questions, jobs } = await started(project, "weights");
  assert.match(questions[0].text, "cells.safetensors (225 steps) will be replaced");
  assert.equal(
    questions[0].answers.map(({ id }) => id),
    ["weights", "new"],
  );
  assert.is(jobs[0].from, bytes);
  assert.is((await started(project, "new")).jobs[0].from, undefined);
  assert.equal((await started(project, undefined)).jobs, [], "nothing starts without an answer");
});

test("weights of other sizes are not offered, and the question names the settings that they need", async () => {
  const { questions } = await started({ ...project, settings: { ...settings, base: 4 } }, "new");
  assert.equal(
    questions[0].answers.map(({ id }) => id),
    ["new"],
  );
  assert.match(questions[0].text, "set 2 channels in the first layer and a depth of 1");
});

test("without a network, or with one that can continue, there is no question", async () => {
  const { training } = project;
  for (const own of [
    { ...training, best: undefined },
    { ...training, last: best },
  ]) {
    const { questions, jobs } = await started({ ...project, training: own }, undefined);
    assert.equal([questions.length, jobs.length], [0, 1]);
    assert.is(jobs[0].from, undefined);
  }
});

test("the engine reads the file with the weights that a run starts from", async () => {
  const opened = reduce(INITIAL, { type: "open", project, page: "train" });
  const job = openingTrain(opened, Uint8Array.of(1, 2, 3));
  const { signal } = new AbortController();
  const run = trainOn(await testDevice(), job, signal, () => {});
  assert.match(await rejectionOf(run), "the project's network");
});

test.run();
