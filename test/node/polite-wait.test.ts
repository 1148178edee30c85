import { test } from "uvu";
import * as assert from "uvu/assert";
import { politeWait } from "../../src/node/polite-wait.js";

const later = <T>(ms: number, value: T) =>
  new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));

test("waiting gives the promise's value, or its error", async () => {
  const wait = politeWait();
  assert.is(await wait(later(5, "done")), "done");
  const failed = wait(Promise.reject(new Error("no"))).catch((error: Error) => error.message);
  assert.is(await failed, "no");
});

test("the thread sleeps while a promise is open that something else polls for", async () => {
  const wait = politeWait();
  let polls = 0;
  let polling = true;
  const poll = () => {
    polls++;
    if (polling) setImmediate(poll);
  };
  setImmediate(poll);
  const before = process.cpuUsage();
  await wait(later(200, undefined));
  const { user, system } = process.cpuUsage(before);
  polling = false;
  assert.ok(polls > 50, `the event loop turned ${polls} times`);
  // Without naps the polling takes all of it.
  assert.ok((user + system) / 1000 < 100, `${(user + system) / 1000} ms of 200 were computed`);
});

test("two waits nap together and end with the last", async () => {
  const wait = politeWait();
  assert.equal(await Promise.all([wait(later(20, 1)), wait(later(5, 2))]), [1, 2]);
});

test("a wait right after another naps no more often", async () => {
  const wait = politeWait();
  for (let i = 0; i < 50; i++) await wait(Promise.resolve());
  let turns = 0;
  let counting = true;
  const count = () => {
    turns++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  await wait(later(200, undefined));
  counting = false;
  assert.ok(turns > 50, `the event loop turned ${turns} times in 200 ms`);
});

test.run();
