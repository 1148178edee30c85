import { test } from "uvu";
import * as assert from "uvu/assert";
import { summarise, timeInTurn } from "../../bench/measure.js";
import { createNetwork, relativeDifference } from "../../bench/network.js";
import { rowOf, tableOf } from "../../bench/report.js";
import { differenceOf, multiplyAddsOf } from "../../bench/step.js";

const near = (value: number, expected: number) =>
  assert.ok(Math.abs(value / expected - 1) < 0.01, `${value} is not near ${expected}`);

test("times are summed up by median, least and most", () => {
  assert.equal(summarise([5, 1, 9]), { medianMs: 5, minMs: 1, maxMs: 9, count: 3 });
  assert.equal(summarise([4, 2]), { medianMs: 3, minMs: 2, maxMs: 4, count: 2 });
  assert.throws(() => summarise([]), "no time was taken");
});

test("works are timed in turn, the fast ones several times a round", async () => {
  const order: string[] = [];
  let clock = 0;
  const { now } = performance;
  performance.now = () => clock;
  const work = (name: string, ms: number) => ({
    async run() {
      order.push(name);
      clock += ms;
    },
  });
  let rounds = 0;
  const times = await timeInTurn([work("a", 1), work("b", 250)], 2, async () => {
    rounds++;
  }).finally(() => {
    performance.now = now;
  });
  assert.is(rounds, 2);
  assert.equal(
    times.map(({ count }) => count),
    [20, 4],
  );
  assert.is(order.slice(2, 14).join(""), "aaaaaaaaaabb");
});

test("the multiply-adds of the network are those of the paper's at its size", () => {
  // 31.0 M weights; a training step is 902 GFLOP, of which a third is forward.
  const { forward, first } = multiplyAddsOf(createNetwork(64, 572));
  near(2 * (3 * forward - first), 902e9);
  assert.is(first, 570 * 570 * 64 * 9);
});

test("results are compared tensor by tensor, and NaN counts as different", () => {
  const result = (values: number[]) => {
    return { loss: 1, gradients: new Map([["w", Float32Array.from(values)]]) };
  };
  assert.is(differenceOf(result([3, 4]), result([3, 4])).most, 0);
  const off = differenceOf(result([3, 4.5]), result([3, 4]));
  near(off.most, 0.1);
  assert.is(off.where, "the gradient of w");
  assert.is(differenceOf(result([3, Number.NaN]), result([3, 4])).most, Infinity);
  assert.is(relativeDifference([1], [1, 2]), Infinity);
});

test("the table gives each other engine's time as a multiple of Micrograph's", () => {
  const size = { width: 16, tile: 284 };
  const rows = [
    rowOf("step", "micrograph", size, summarise([100]), 4e9),
    rowOf("step", "other", size, summarise([1000]), 4e9),
  ];
  assert.is(rows[0].gflops, 80);
  const text = tableOf({ peakGflops: 100, rows });
  assert.match(text, /other .* 10\.0 x as fast/);
});

test.run();
