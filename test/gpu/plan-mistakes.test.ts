// Mistakes in the use of a plan that would otherwise silently give another result.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../src/gpu/plan.js";
import type { Inputs, PlanSpec } from "../../src/gpu/plan-spec.js";
import { apply } from "../../src/graph/op.js";
import { input, stateTensor, type Tensor } from "../../src/graph/tensor.js";
import { scaleOp } from "../../src/ops/elementwise/scale.js";
import { gradients, relu, scale, sgd, weightedCrossEntropy } from "../../src/ops/index.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";
import { stateBuffer } from "../state.js";

const js = <T>(value: unknown) => value as T;
const compiling = async (spec: Partial<PlanSpec>) =>
  rejectionOf(compilePlan(await testDevice(), { name: "p", outputs: [], ...spec }));

test("an input that was never given is named, and one that was given keeps its values", async () => {
  const device = await testDevice();
  const y = relu(input("x", [4]));
  const z = scale(input("z", [1, 1, 2, 2]), 2);
  const plan = await compilePlan(device, { name: "p", outputs: [y, z] });
  const missing = "plan p: the input z [1,1,2,2] was never given: pass it to the first run";
  assert.is(
    messageOf(() => plan.run({ x: [1, 2, 3, 4] })),
    missing,
  );
  assert.is(await rejectionOf(plan.runInParts(2, { x: [1, 2, 3, 4] })), missing);
  assert.is(await rejectionOf(plan.runTimed({ x: [1, 2, 3, 4] })), missing);
  plan.run({ x: [1, -2, 3, 4], z: [1, 2, 3, 4] });
  plan.run({ z: [5, 6, 7, 8] });
  assert.equal([...(await plan.read(y)), ...(await plan.read(z))], [1, 0, 3, 4, 10, 12, 14, 16]);
  plan.close();
});

test("an input whose place the caller takes counts as given", async () => {
  const device = await testDevice();
  const x = input("x", [4]);
  const y = relu(x);
  const plan = await compilePlan(device, { name: "p", outputs: [y] });
  device.gpu.queue.writeBuffer(plan.place(x).buffer, 0, Float32Array.of(-1, 2, -3, 4));
  plan.run();
  assert.equal([...(await plan.read(y))], [0, 2, 0, 4]);
  plan.close();
});

test("values that cannot be meant are refused, and none of the run's inputs is written", async () => {
  const device = await testDevice();
  const [a, b] = [relu(input("a", [2])), relu(input("b", [2]))];
  const plan = await compilePlan(device, { name: "p", outputs: [a, b] });
  plan.run({ a: [1, 2], b: [3, 4] });
  for (const [values, message] of [
    [[1, 1e39], "input b [2]: value 1 is 1e+39, which is infinite in 32 bits (3.4e38)"],
    [["1", "2"], 'input b [2]: value 0 must be a number, got the text "1"'],
    [[1], "input b [2] takes 2 values, got 1"],
    [new BigInt64Array(2), /^input b \[2\] is a BigInt64Array/],
    [undefined, "input b [2] must be an array of numbers, got undefined"],
  ] as const) {
    const got = messageOf(() => plan.run({ a: [7, 8], b: values } as unknown as Inputs));
    if (typeof message === "string") assert.is(got, message);
    else assert.match(got, message);
  }
  plan.run();
  assert.equal([...(await plan.read(a)), ...(await plan.read(b))], [1, 2, 3, 4]);
  plan.close();
});

test("an invalid label is refused if its pixel has a weight, and accepted otherwise", async () => {
  const device = await testDevice();
  const [label, weight] = [input("y", [1, 1, 2, 2]), input("w", [1, 1, 2, 2])];
  const logits = input("l", [1, 2, 2, 2]);
  const loss = weightedCrossEntropy(logits, label, weight);
  const plan = await compilePlan(device, { name: "p", outputs: [loss] });
  const l = [1, 2, 3, 4, 5, 6, 7, 8];
  const refused = (y: number[], w: number[]) => messageOf(() => plan.run({ l, y, w }));
  assert.is(
    refused([0, 1, 7, 1], [1, 1, 1, 1]),
    "weighted-cross-entropy: the label at row 1, column 0 is 7, expected a class from 0 to 1: give " +
      "unlabelled pixels a weight of 0, here it is 1",
  );
  assert.match(refused([0, 1, 1, -3], [1, 1, 1, 2]), "row 1, column 1 is -3");
  assert.match(refused([0, 0.5, 1, 1], [1, 1, 1, 1]), "row 0, column 1 is 0.5");
  assert.match(refused([Number.NaN, 1, 1, 1], [1, 1, 1, 1]), "row 0, column 0 is NaN");
  assert.match(
    refused([0, 1, 1, 1], [1, Number.NaN, 1, 1]),
    "the weight at row 0, column 1 is NaN",
  );
  assert.match(refused([0, 1, 1, 1], [1, 1, Infinity, 1]), "row 1, column 0 is Infinity");
  plan.run({ l, y: [0, 1, 7, Number.NaN], w: [1, 1, 0, 0] });
  const [counted] = await plan.read(loss);
  plan.run({ l, y: [0, 1, 0, 0], w: [1, 1, 0, 0] });
  assert.is(counted, (await plan.read(loss))[0]);
  plan.close();
});

test("a plan of nothing, unknown keys and outputs that are not there are refused", async () => {
  assert.is(
    await compiling({}),
    "plan p has neither outputs nor updates: it would compute nothing",
  );
  assert.is(
    await compiling(js({ output: [] })),
    "compilePlan has no option output, did you mean outputs? It has name, outputs, updates, states, " +
      "outputsInto, statesAreConstant, halfStorage, halfFactors, choose",
  );
  const x = input("x", [4]);
  const none = gradients(relu(x), [input("other", [4])], input("dy", [4]));
  assert.is(
    await compiling({ outputs: js<Tensor[]>(none) }),
    "plan p: output 0 must be a tensor, got undefined",
  );
  const device = await testDevice();
  const plan = await compilePlan(device, { name: "p", outputs: [relu(x)] });
  assert.is(
    await rejectionOf(plan.read(js<Tensor>(undefined))),
    "plan p: the argument of read must be a tensor, got undefined",
  );
  plan.close();
});

test("gradients that are not computed, or that reach no state, are refused", async () => {
  const device = await testDevice();
  const names = ["p", "g", "v"] as const;
  const states = Object.fromEntries(
    names.map((name) => [name, stateBuffer(device, name, new Float32Array(64).fill(1))]),
  );
  const flat = (name: string) => stateTensor(name, [64], name);
  const weights = flat("p");
  const [dw] = gradients(scale(weights, 3), [weights], input("dy", [64]));
  const gradient = scale(dw as Tensor, 1, "gradient of p");
  const spec = (after: readonly Tensor[], placed: PlanSpec["outputsInto"]): Partial<PlanSpec> => ({
    updates: [
      sgd(
        {
          parameters: weights,
          gradients: flat("g"),
          moments: [flat("v")],
          step: input("step", [4]),
          after,
        },
        { momentum: 0 },
      ),
    ],
    ...(placed && { outputsInto: placed }),
    states,
  });
  const placed = new Map([[gradient, { state: "g", offset: 0 }]]);
  assert.is(
    await compiling(spec([], placed)),
    "plan p: nothing computes gradient of p [64], which is placed into the state g: name it in `after` " +
      "of an update or among the outputs",
  );
  assert.is(
    await compiling(spec([gradient], undefined)),
    "plan p: sgd waits for gradient of p [64], which nothing reads: place it into the state of the " +
      "gradients (`outputsInto`), or leave it out of `after`",
  );
  const other = scale(weights, 2, "other");
  const both = new Map([...placed, [other, { state: "g", offset: 0 }]]);
  assert.is(
    await compiling(spec([gradient, other], both)),
    "plan p: other is placed at float 0 of the state g, but gradient of p takes the floats 0 to 63",
  );
  const plan = await compilePlan(device, { name: "p", outputs: [], ...spec([gradient], placed) });
  plan.run({ dy: new Float32Array(64).fill(1), step: [0, 0.5, 1, 1] });
  plan.close();
  for (const state of Object.values(states)) state.destroy();
});

test("uniforms that are infinite in 32 bits are refused", async () => {
  const device = await testDevice();
  const op: typeof scaleOp = { ...scaleOp, outputs: ([{ shape, layout }]) => [{ shape, layout }] };
  const outputs = apply(op, [input("x", [4])], { factor: 1e39 });
  assert.match(
    await rejectionOf(compilePlan(device, { name: "p", outputs })),
    /the uniform factor must be a finite f32, got 1e\+39$/,
  );
});

test.run();
