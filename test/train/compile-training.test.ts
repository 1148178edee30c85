import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  add,
  compileTraining,
  type Device,
  type Inputs,
  input,
  layOut,
  mseLoss,
  mul,
  networkLayers,
  type Objective,
  parameterTensors,
  square,
  sum,
} from "../../src/operations.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

const START = { a: [0.5, -1, 2], b: [1.5, 0.25, -0.75], c: [3, 4, 5] };
const layout = layOut(
  Object.entries(START).map(([name, values]) => ({ name, shape: [3], init: () => values })),
);
const get = () => networkLayers(layout).get;

/** Trains ten steps, and returns all parameters. */
async function trained(device: Device, objectives: readonly Objective[], inputs: Inputs = {}) {
  using training = await compileTraining(device, { name: "toy", layout, objectives });
  for (let step = 0; step < 10; step++) training.step(step === 0 ? inputs : {}, 0.1);
  const names = Object.keys(START) as (keyof typeof START)[];
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, [...(await training.values(name))]])),
  );
}

/** Ten steps of Adam in 64 bits. */
function byAdam(
  start: readonly number[],
  gradientOf: (p: number, i: number) => number,
  beta1 = 0.9,
) {
  return start.map((first, i) => {
    let [p, mean, meanSquare] = [first, 0, 0];
    for (let t = 1; t <= 10; t++) {
      const g = gradientOf(p, i);
      mean = beta1 * mean + (1 - beta1) * g;
      meanSquare = 0.999 * meanSquare + 0.001 * g * g;
      const root = Math.sqrt(meanSquare / (1 - 0.999 ** t)) + 1e-8;
      p -= (0.1 * mean) / (1 - beta1 ** t) / root;
    }
    return p;
  });
}

/** The same of SGD without momentum. */
function bySgd(start: readonly number[], rate: number, gradientOf: (p: number) => number) {
  return start.map((first) => {
    let p = first;
    for (let t = 0; t < 10; t++) p -= rate * gradientOf(p);
    return p;
  });
}

function near(actual: readonly number[], expected: readonly number[], what: string) {
  for (const [i, value] of expected.entries()) {
    // Ten roundings of numbers up to 5 to 32 bits.
    assert.ok(
      Math.abs(actual[i] - value) < 1e-5,
      `${what}[${i}] is ${actual[i]}, expected ${value}`,
    );
  }
}

test("two losses train their own parameters by optimisers of their own, from the same step", async () => {
  const [a, b, x] = [get()("a"), get()("b"), input("x", [3])];
  const objectives: Objective[] = [
    { loss: mseLoss(a, x), parameters: /^a$/, optimizer: { kind: "adam", beta1: 0.5 } },
    // It depends on a too, whose gradient belongs to the first loss only.
    {
      loss: sum(square(add(b, mul(a, 0)))),
      parameters: /b/,
      optimizer: { kind: "sgd", momentum: 0 },
    },
  ];
  const found = await trained(await testDevice(), objectives, { x: [1, 2, 3] });
  near(
    found.a,
    byAdam(START.a, (p, i) => (2 / 3) * (p - i - 1), 0.5),
    "a",
  );
  near(
    found.b,
    bySgd(START.b, 0.1, (p) => 2 * p),
    "b",
  );
  assert.equal(found.c, START.c, "parameters of no objective keep their values");
});

test("groups of one loss have rates of their own", async () => {
  const [a, b, c] = ["a", "b", "c"].map(get());
  const loss = sum(add(add(square(a), square(b)), square(c)));
  const sgd = { kind: "sgd", momentum: 0 } as const;
  const found = await trained(await testDevice(), [
    { loss, parameters: (name) => name === "a", optimizer: sgd, rate: 0.5 },
    { loss, parameters: /b/, optimizer: sgd },
    { loss },
  ]);
  near(
    found.a,
    bySgd(START.a, 0.05, (p) => 2 * p),
    "a",
  );
  near(
    found.b,
    bySgd(START.b, 0.1, (p) => 2 * p),
    "b",
  );
  near(
    found.c,
    byAdam(START.c, (p) => 2 * p),
    "c",
  );
});

test("a parameter that was made twice has the sum of both gradients", async () => {
  const loss = sum(add(square(get()("a")), mul(get()("a"), 3)));
  const optimizer = { kind: "sgd", momentum: 0 } as const;
  const { a } = await trained(await testDevice(), [{ loss, parameters: /a/, optimizer }]);
  near(
    a,
    bySgd(START.a, 0.1, (p) => 2 * p + 3),
    "a",
  );
});

test("losses and outputs are read after a step", async () => {
  const doubled = mul(parameterTensors(layout).get("a") as never, 2);
  const loss = sum(doubled);
  using training = await compileTraining(await testDevice(), {
    name: "toy",
    layout,
    objectives: [{ loss, parameters: /a/ }],
    outputs: [doubled],
  });
  training.step({}, 0.1);
  assert.equal([...(await training.read(loss))], [3]);
  assert.equal([...(await training.read(doubled))], [1, -2, 4]);
});

test("objectives that cannot be trained are errors that name them", async () => {
  const device = await testDevice();
  const loss = sum(get()("a"));
  const errorOf = (objectives: readonly Objective[]) =>
    rejectionOf(compileTraining(device, { name: "toy", layout, objectives }));
  assert.match(await errorOf([]), /toy: expected at least one objective/);
  assert.match(
    await errorOf([{ loss, parameters: /d/ }]),
    /objective 0 has none of the parameters a, b, c/,
  );
  assert.match(await errorOf([{ loss }]), /loss of objective 0 does not depend on b: leave it out/);
  assert.match(
    await errorOf([{ loss, parameters: /a/, optimizer: { kind: "lion" } as never }]),
    /adam/,
  );
  assert.match(await errorOf([{ loss, parameters: /a/, rate: Number.NaN }]), /rate of objective 0/);
  assert.match(await errorOf([{ loss: get()("a"), parameters: /a/ }]), /single number/);
  assert.match(await errorOf([{ los: loss } as never]), /los/);
});

test.run();
