import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { keepEstimating } from "../../app/src/commands/estimating.js";
import { keepPresetEstimates } from "../../app/src/commands/preset-estimates.js";
import type { Engine } from "../../app/src/engine/client.js";
import type { Estimate } from "../../app/src/engine/messages.js";
import { presetOf } from "../../app/src/state/presets.js";
import { sampleProject } from "../../app/src/state/project.js";
import { DATA_SETTINGS } from "../../app/src/state/settings.js";
import { createStore } from "../../app/src/state/store.js";
import type { DeviceStatus } from "../../app/src/state/types.js";
import type { MemoryProposal } from "../../src/index.js";

const project = await sampleProject("sample-1");
const ready = { kind: "ready", description: {} } as DeviceStatus;

/** An app whose engine answers on request; the bytes of an answer are its number, from 1. */
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
  store.dispatch({ type: "open", project, page: "train" });
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

test("an estimate disappears with the settings that it was made for", async () => {
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
  store.dispatch({ type: "open", project, page: "train" });
  await asked(2);
  assert.is(await answer(1), 2);
});

test("after steps have been timed, estimates are scaled by what they took", async () => {
  const { store, asked, answer } = opened();
  await asked(1);
  await answer(0);
  assert.is(store.state.peek().speed, 1);
  const run = { kind: "running", step: 9, steps: 20, remainingMs: 1, planBytes: 1 } as const;
  store.dispatch({ type: "run", status: { ...run, stepsPerSecond: 250 } });
  assert.is(store.state.peek().speed, 4, "a step takes 4 ms, not 1");
});

test("each preset is estimated next to its button, and the sample has the settings of Fast", async () => {
  const store = createStore();
  const widths: number[] = [];
  const measure: Engine["measure"] = async ({ base }, { steps }) => {
    widths.push(base);
    const proposals: MemoryProposal[] = [
      { changes: { batch: 2, accumulate: 2 }, bytes: 1 },
      { changes: { tile: 188 }, bytes: 2 },
    ];
    const refusal = base > 20 ? { message: "too large", proposals } : undefined;
    const figures = { bytes: steps, largestBytes: base, bindingLimit: 20, refusal };
    return { ...figures, stepMs: 2, outputPixels: 1e9 };
  };
  keepPresetEstimates(store, { measure } as Partial<Engine> as Engine);
  store.dispatch({ type: "device", status: ready });
  store.dispatch({ type: "open", project, page: "images" });
  await sleep(0);
  assert.equal(widths, [], "no preset is chosen on this page");
  store.dispatch({ type: "go", page: "train" });
  await sleep(0);
  assert.equal(widths, [8, 16, 32]);
  const { fast, balanced, best } = store.state.peek().presetEstimates;
  assert.equal([fast.bytes, Math.round(fast.ms), balanced.bytes], [300, 600, 2000]);
  assert.match(best.problem ?? "", /GPU buffer of/);
  // The form has no setting for the first proposal.
  assert.equal(best.remedy, { label: "Use a smaller tile (188 px)", changes: { tile: 188 } });
  assert.is(presetOf(project.settings)?.id, "fast");
  assert.is(presetOf(DATA_SETTINGS)?.id, "balanced");
  assert.is(presetOf({ ...DATA_SETTINGS, tile: 188 }), undefined);
});

test.run();
