import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Engine } from "../../app/src/engine/client.js";
import type { Estimate } from "../../app/src/engine/messages.js";
import { sampleProject } from "../../app/src/state/project.js";
import { createStore } from "../../app/src/state/store.js";
import type { DeviceStatus } from "../../app/src/state/types.js";
import { keepEstimating } from "../../app/src/verbs/estimating.js";

const project = await sampleProject("sample-1");
const ready = { kind: "ready", description: {} } as DeviceStatus;

/** An app with an engine that answers when told, with as many bytes as it was asked times. */
function opened() {
  const store = createStore();
  const answers: (() => void)[] = [];
  const measure = () =>
    new Promise<Estimate>((resolve) => {
      const bytes = answers.length + 1;
      const figures = { largestBytes: 1, bindingLimit: 2, stepMs: 1, outputPixels: 1 };
      answers.push(() => resolve({ bytes, ...figures }));
    });
  keepEstimating(store, { measure } as Partial<Engine> as Engine);
  store.dispatch({ type: "device", status: ready });
  store.dispatch({ type: "open", project, station: "train" });
  const asked = async (times: number) => {
    const end = Date.now() + 10_000;
    while (answers.length < times && Date.now() < end) await sleep(10);
    assert.is(answers.length, times);
  };
  const answer = async (at: number) => {
    answers[at]();
    await sleep(0);
    return store.state.peek().estimate?.bytes;
  };
  return { store, asked, answer, bytes: () => store.state.peek().estimate?.bytes };
}

test("an estimate goes with the settings that it was made for", async () => {
  const { store, asked, answer, bytes } = opened();
  await asked(1);
  assert.is(await answer(0), 1);
  store.dispatch({ type: "settings", changes: { steps: 7 } });
  assert.is(bytes(), undefined, "the old one is still on show");
  await asked(2);
  store.dispatch({ type: "settings", changes: { steps: 8 } });
  assert.is(await answer(1), undefined, "an answer that came too late");
  await asked(3);
  assert.is(await answer(2), 3);
  store.dispatch({ type: "view", changes: { opacity: 0.3 } });
  assert.is(bytes(), 3);
});

test("a project that is opened again is estimated again", async () => {
  const { store, asked, answer } = opened();
  await asked(1);
  assert.is(await answer(0), 1);
  store.dispatch({ type: "open", project, station: "train" });
  await asked(2);
  assert.is(await answer(1), 2);
});

test.run();
