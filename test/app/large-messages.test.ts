import { test } from "uvu";
import * as assert from "uvu/assert";
import { inPieces, joined, largeBuffers } from "../../app/src/threads/large-messages.js";

const PIECE = 2 ** 22;
const ramp = (length: number) => Float32Array.from({ length }, (_, i) => i);

/** Both sides, connected like a page and a Worker; `posted` has the bytes of each post, 0 for a message. */
function connect(pause = async () => {}) {
  const received: unknown[] = [];
  const posted: number[] = [];
  const receive = joined<unknown>((message) => received.push(message));
  const post = inPieces((message, transfer) => {
    posted.push(transfer.map((one) => (one as ArrayBuffer).byteLength)[0] ?? 0);
    receive(structuredClone(message, { transfer }));
  }, pause);
  return { post, received, posted };
}

test("large arrays are sent ahead in pieces, and the message arrives unchanged", async () => {
  const { post, received, posted } = connect();
  const large = ramp(2.5 * (PIECE / 4));
  const view = new Uint16Array(2 * PIECE).subarray(7, 7 + PIECE).fill(9);
  const blob = new Blob(["text"]);
  const message = {
    id: 3,
    given: [{ raw: { width: 5, data: large }, label: undefined }, [view, null], blob, "words"],
    again: large,
    small: ramp(10),
  };
  await post(message);
  assert.equal(posted, [PIECE, PIECE, PIECE / 2, PIECE, PIECE, 0]);
  const [got] = received as (typeof message)[];
  assert.equal(got, message);
  assert.is(
    got.again,
    (got.given[0] as { raw: { data: unknown } }).raw.data,
    "one array stays one",
  );
  assert.is(large[1], 1, "what is sent stays here");
});

test("messages keep their order, and a single one is sent at once", async () => {
  let go = () => {};
  const { post, received } = connect(
    () =>
      new Promise((resolve) => {
        go = resolve;
      }),
  );
  post("first");
  assert.equal(received, ["first"]);
  const sent = [post([ramp(PIECE / 2)]), post("third"), post([ramp(PIECE)]), post({ last: null })];
  while (received.length < 5) {
    await new Promise((resolve) => setTimeout(resolve));
    go();
  }
  await Promise.all(sent);
  assert.equal(
    received.map((message) => (Array.isArray(message) ? message[0].length : message)),
    ["first", PIECE / 2, "third", PIECE, { last: null }],
  );
});

test("a message that cannot be sent rejects, and the next ones are sent", async () => {
  const received: unknown[] = [];
  const post = inPieces((message) => {
    if (message === "full") throw new RangeError("no memory");
    received.push(message);
  });
  const first = post([ramp(PIECE)]);
  const second = post("full").catch((error) => error.message);
  await Promise.all([first, post("third")]);
  assert.is(await second, "no memory");
  assert.is(received.at(-1), "third");
});

test("the memory of an answer's large arrays is transferred, once", () => {
  const large = ramp(PIECE);
  const answer = { a: large, b: [large, ramp(3)], c: new Uint8Array(PIECE) };
  assert.equal(largeBuffers(answer), [large.buffer]);
});

test.run();
