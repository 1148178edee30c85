import { test } from "uvu";
import * as assert from "uvu/assert";
import { createExamining } from "../../app/src/commands/examining.js";
import type { Engine } from "../../app/src/engine/client.js";
import { createStore } from "../../app/src/state/store.js";
import type { DeviceStatus, DoctorStatus } from "../../app/src/state/types.js";
import type { Examination } from "../../src/index.js";

/** An app with a GPU, whose engine examines it. */
function opened(examine: Engine["examine"]) {
  const store = createStore();
  store.dispatch({ type: "device", status: { kind: "ready", description: {} } as DeviceStatus });
  const statusOf = () => {
    const { device } = store.state.peek();
    return device.kind === "ready" ? device.doctor : undefined;
  };
  return { store, statusOf, ...createExamining(store, { examine } as Partial<Engine> as Engine) };
}

test("the result of an examination and its progress belong to the GPU", async () => {
  const examination = { passed: true } as Examination;
  const seen: (DoctorStatus | undefined)[] = [];
  const app = opened(async (onCase) => {
    seen.push(app.statusOf());
    onCase(3, 40);
    seen.push(app.statusOf());
    return examination;
  });
  await app.examine();
  assert.equal(
    [...seen, app.statusOf()],
    [
      { kind: "running", done: 0, total: 1 },
      { kind: "running", done: 3, total: 40 },
      { kind: "done", examination },
    ],
  );
});

test("an examination that fails is a message, and can be started again", async () => {
  const app = opened(() => Promise.reject(new Error("the GPU device was lost: reset")));
  await app.examine();
  assert.is(app.statusOf(), undefined);
  assert.match(app.store.state.peek().notices[0].text, "the GPU device was lost: reset");
});

test.run();
