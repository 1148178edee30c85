import { test } from "uvu";
import * as assert from "uvu/assert";
import { answersLate, submitting } from "../../src/gpu/firefox-wait.js";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function counted() {
  const submits: number[] = [];
  const wait = submitting({ submit: (commands) => void submits.push([...commands].length) });
  return { submits, wait };
}

test("while something is awaited empty submits follow each other, and end with it", async () => {
  const { submits, wait } = counted();
  assert.is(await wait(sleep(60).then(() => "done")), "done");
  assert.ok(submits.length >= 2, `${submits.length} submits in 60 ms`);
  assert.ok(submits.every((commands) => commands === 0));
  const before = submits.length;
  await sleep(30);
  assert.is(submits.length, before);
});

test("several waits share the submits, and one that fails ends like the others", async () => {
  const { submits, wait } = counted();
  const start = performance.now();
  const failing = wait(sleep(20).then(() => Promise.reject(new Error("lost"))));
  const others = Array.from({ length: 50 }, () => wait(sleep(40)));
  const error = await failing.catch((thrown: Error) => thrown);
  assert.is((error as Error).message, "lost");
  await Promise.all(others);
  const elapsed = performance.now() - start;
  assert.ok(submits.length <= elapsed + 2, `${submits.length} submits in ${elapsed} ms`);
  const before = submits.length;
  await sleep(30);
  assert.is(submits.length, before);
});

test("only Firefox answers late", () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  const agents = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0": true,
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36": false,
    "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15": false,
    "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/153.0 Mobile/15E148 Safari/604.1": false,
    "Deno/2.9.6": false,
    "Node.js/22": false,
  };
  try {
    for (const [userAgent, expected] of Object.entries(agents)) {
      Object.defineProperty(globalThis, "navigator", { value: { userAgent }, configurable: true });
      assert.is(answersLate(), expected, userAgent);
    }
    Object.defineProperty(globalThis, "navigator", { value: undefined, configurable: true });
    assert.is(answersLate(), false);
  } finally {
    if (own) Object.defineProperty(globalThis, "navigator", own);
    else Reflect.deleteProperty(globalThis, "navigator");
  }
});

test.run();
