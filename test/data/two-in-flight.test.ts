import { test } from "uvu";
import * as assert from "uvu/assert";
import { twoInFlight } from "../../src/data/two-in-flight.js";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("two are in flight at a time, and the results come in order", async () => {
  const events: string[] = [];
  let [open, most] = [0, 0];
  await twoInFlight(
    [9, 1, 5, 1],
    async (ms, i) => {
      most = Math.max(most, ++open);
      events.push(`start ${i}`);
      await sleep(ms);
      open--;
      return ms * 10;
    },
    (result, item, i) => events.push(`end ${i}: ${item} ${result}`),
  );
  assert.is(most, 2);
  assert.equal(events, [
    "start 0",
    "start 1",
    "end 0: 9 90",
    "start 2",
    "end 1: 1 10",
    "start 3",
    "end 2: 5 50",
    "end 3: 1 10",
  ]);
});

test("an error ends it once nothing is in flight, and no other is left without a handler", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  for (const failing of [0, 1, 2, 3]) {
    let open = 0;
    const ended: number[] = [];
    const running = twoInFlight(
      [0, 1, 2, 3],
      async (item) => {
        open++;
        await sleep(item % 2 === 0 ? 12 : 1); // the second of two fails first
        open--;
        if (item >= failing) throw new Error(`tile ${item}`);
      },
      (_result, item) => ended.push(item),
    );
    const error = await running.catch((thrown: Error) => thrown);
    assert.is((error as Error).message, `tile ${failing}`);
    assert.is(open, 0);
    assert.equal(
      ended,
      [0, 1, 2, 3].filter((item) => item < failing),
    );
  }
  await sleep(5);
  process.off("unhandledRejection", note);
  assert.equal(unhandled, []);
});

test("an error of who takes the results ends it too", async () => {
  const started: number[] = [];
  const running = twoInFlight(
    [0, 1, 2, 3],
    async (item) => started.push(item),
    (_result, item) => {
      if (item === 1) throw new Error("closed");
    },
  );
  const error = await running.catch((thrown: Error) => thrown);
  assert.is((error as Error).message, "closed");
  assert.equal(started, [0, 1, 2]);
});

test.run();
