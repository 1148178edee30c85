import { test } from "uvu";
import * as assert from "uvu/assert";
import { apply, applyUpdate, type Op } from "../../src/graph/op.js";
import { expectDense, input, stateTensor } from "../../src/graph/tensor.js";
import { accumulate, logValue } from "../../src/ops/index.js";
import { adjustLossScale, unscaleGradients } from "../../src/ops/update/loss-scaling.js";
import { messageOf } from "../errors.js";

const state = (shape: readonly number[]) => stateTensor("values", shape, "values");

const doubleOp: Op<undefined> = {
  name: "double",
  outputs([values]) {
    expectDense("double", "values", values, [8]);
    return [];
  },
  kernels: [{ name: "double", dispatches: () => [] }],
};

test("an update is checked as an op is, and waits for what it does not read", () => {
  const x = input("x", [3]);
  const node = applyUpdate(doubleOp, [state([8])], undefined, { name: "layer", after: [x] });
  assert.equal([node.name, node.outputs, node.inputs.at(-1)], ["layer", [], x]);
  assert.is(applyUpdate(doubleOp, [state([8])], undefined).name, "double");
  assert.is(
    messageOf(() => applyUpdate(doubleOp, [state([9])], undefined)),
    "double: values must be a dense [8], got dense [9]",
  );
  assert.is(
    messageOf(() => applyUpdate(doubleOp, ["values" as never], undefined)),
    'double: input 0 must be a tensor, got the text "values"',
  );
});

test("an op with outputs is no update", () => {
  const outputs: Op<undefined>["outputs"] = ([{ shape, layout }]) => [{ shape, layout }];
  const op = { ...doubleOp, outputs };
  assert.is(
    messageOf(() => applyUpdate(op, [state([8])], undefined)),
    "double: an update has no outputs, but this op has 1: use apply",
  );
  assert.equal(apply(op, [state([8])], undefined)[0].shape, [8]);
});

test("every update refuses states that do not fit", () => {
  const [scaling, short] = [state([5]), state([4])];
  const image = input("image", [1, 1, 4, 4]);
  for (const [update, message] of [
    [() => unscaleGradients(state([64]), short), "unscale-gradients: scaling must be a dense [5]"],
    [() => unscaleGradients(image, scaling), "unscale-gradients: gradients must be a dense"],
    [() => adjustLossScale(short, 2), "adjust-loss-scale: scaling must be a dense [5]"],
    [() => logValue(state([2]), short, scaling), "log-value: value must be a dense [1]"],
    [() => accumulate(state([2]), short, state([2])), "accumulate: batch must be a dense [3]"],
  ] as const) {
    assert.ok(messageOf(update).startsWith(message), messageOf(update));
  }
});

test.run();
