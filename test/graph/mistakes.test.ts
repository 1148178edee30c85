// Mistakes in a graph that would otherwise silently compute something else, or give an error of the
// language.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { constant, input, stateTensor, type Tensor } from "../../src/graph/tensor.js";
import {
  adam,
  add,
  conv2d,
  crop2d,
  dropout,
  gradients,
  maxPool2d,
  relu,
  scale,
  sgd,
  upConv2d,
  upConv2dStrided,
} from "../../src/ops/index.js";
import { messageOf } from "../errors.js";

const x = input("x", [1, 2, 4, 4]);
const weight = input("w", [3, 2, 3, 3], "dense");
/** As JavaScript calls it: the compiler refuses these. */
const js = <T>(value: unknown) => value as T;

for (const [mistake, work, message] of [
  [
    "options in the place of the bias are recognised",
    () => conv2d(x, weight, js<Tensor>({ padding: "same" })),
    /^conv2d: the third argument must be the bias, .*got \{"padding":"same"\}: options come after it$/,
  ],
  [
    "an up-convolution's bias is a tensor",
    () => upConv2d(x, input("u", [2, 3, 2, 2], "dense"), js<Tensor>({ name: "up" })),
    'up-conv2d: bias must be a tensor, got {"name":"up"}',
  ],
  [
    "an activation that no convolution has is named with those that there are",
    () => conv2d(x, weight, undefined, { activation: js<"relu">("gelu") }),
    "conv2d: the activation must be none or relu, got gelu",
  ],
  [
    "a padding in capitals is none",
    () => conv2d(x, weight, undefined, { padding: js<"same">("SAME") }),
    "conv2d: the padding must be valid or same, got SAME",
  ],
  [
    "a misspelt option of a convolution is named with the nearest",
    () => conv2d(x, weight, undefined, js({ pading: "same" })),
    "conv2d has no option pading, did you mean padding? It has padding, activation, skip, name",
  ],
  [
    "a pooling of another size is not offered",
    () => maxPool2d(x, js<string>({ size: 3 })),
    'max-pool2d pools 2x2 with stride 2 and has no options, got {"size":3} instead of a name',
  ],
  [
    "a number is no name of a node",
    () => relu(x, js<string>(3)),
    "relu: the name must be a string, got 3",
  ],
  [
    "a stride is needed",
    () => upConv2dStrided(x, weight, js(undefined)),
    "up-conv2d-strided: options must be an object of named values, got undefined",
  ],
  [
    "a dropout takes no step among its options",
    () => dropout(x, input("step", [4]), js({ rate: 0.5, seed: 1, stream: 1, steps: 2 })),
    /^dropout has no option steps. It has rate, seed, stream, before, name$/,
  ],
  [
    "a rectangle has four sizes",
    () => crop2d(x, js({ top: 0, left: 0, height: 2, widht: 2 })),
    "crop2d has no option widht, did you mean width? It has top, left, height, width",
  ],
  [
    "a factor is a number",
    () => scale(x, js<number>(undefined)),
    "scale: the factor must be a finite 32-bit number, got undefined",
  ],
  [
    "a factor that is infinite in 32 bits is refused",
    () => scale(x, 1e300),
    "scale: the factor must be a finite 32-bit number, got 1e+300",
  ],
  [
    "a sum needs two tensors",
    () => add(x, js<Tensor>(undefined)),
    "add: input 1 must be a tensor, got undefined",
  ],
  [
    "numbers are no tensor",
    () => relu(js<Tensor>(new Float32Array(4))),
    "relu: input 0 must be a tensor, got a Float32Array",
  ],
  [
    "a tensor has a name",
    () => input("", [4]),
    'input: the name of a tensor must be a string, got the text ""',
  ],
  [
    "a missing name is an error",
    () => input(js<string>(undefined), [4]),
    "input: the name of a tensor must be a string, got undefined",
  ],
  [
    "a type is no order",
    () => input("a", [4], js<"dense">("int32")),
    "a: the layout must be image or dense, got int32",
  ],
  [
    "a shape is a list",
    () => input("a", js<number[]>(4)),
    "a: a shape must be a list of sizes, got 4",
  ],
  [
    "a constant that is infinite in 32 bits is refused",
    () => constant("c", [2], [1, -1e39]),
    "constant c: value 1 is -1e+39, which is infinite in 32 bits (3.4e38)",
  ],
  [
    "a constant of texts is refused",
    () => constant("c", [2], js<number[]>(["1", "2"])),
    'constant c: value 0 must be a number, got the text "1"',
  ],
  [
    "a state begins at a whole float",
    () => stateTensor("s", [4], "states", -64),
    "s: the offset in the state states must be a whole number of floats from 0, got -64",
  ],
  [
    "gradients are asked of a tensor",
    () => gradients(js<Tensor>(undefined), [x]),
    "gradients: the output must be a tensor, got undefined",
  ],
  [
    "gradients are asked by tensors",
    () => gradients(relu(x), [js<Tensor>("x")], input("dy", x.shape)),
    'gradients: tensor 0 must be a tensor, got the text "x"',
  ],
] as const) {
  test(mistake, () => {
    const got = messageOf(work);
    if (typeof message === "string") assert.is(got, message);
    else assert.match(got, message);
  });
}

test("a gradient by a tensor that only looks the same is refused, and by an unrelated one is none", () => {
  const state = (offset = 0) => stateTensor("w", [1, 2, 3, 3], "parameters", offset);
  const y = conv2d(x, state());
  const seed = input("dy", y.shape);
  assert.is(
    messageOf(() => gradients(y, [state()], seed)),
    "gradients: conv2d depends on another tensor w [1,2,3,3], which only looks the same as the given " +
      "one: create it once and pass that one to both",
  );
  const made = relu(x, "made twice");
  assert.match(
    messageOf(() => gradients(scale(made, 2), [relu(x, "made twice")], input("dy", x.shape))),
    "another tensor made twice [1,2,4,4]",
  );
  assert.equal(gradients(y, [state(64), input("w", [1, 2, 3, 3], "dense"), made], seed), [
    undefined,
    undefined,
    undefined,
  ]);
});

test("an update refuses unknown options, missing lists, and gradients that are not there", () => {
  const flat = (name: string) => stateTensor(name, [64], name);
  const tensors = {
    parameters: flat("p"),
    gradients: flat("g"),
    moments: [flat("v")],
    step: input("step", [4]),
    after: [],
  };
  sgd(tensors, { momentum: 0.9 });
  const { after: _, ...without } = tensors;
  assert.is(
    messageOf(() => sgd(js(without), { momentum: 0.9 })),
    "sgd: after must be a list of tensors, got undefined",
  );
  assert.is(
    messageOf(() => sgd({ ...tensors, after: js([undefined]) }, { momentum: 0.9 })),
    "sgd: after[0] must be a tensor, got undefined",
  );
  assert.is(
    messageOf(() => sgd(tensors, js({ momentun: 0.9 }))),
    "sgd has no option momentun, did you mean momentum? It has momentum, decay",
  );
  assert.match(
    messageOf(() => adam(tensors, js({ beta1: 0.9, beta2: 0.9, eps: 1 }))),
    /^adam has no option eps/,
  );
  assert.match(
    messageOf(() => sgd(js({ ...tensors, gradient: flat("g") }), { momentum: 0 })),
    "sgd has no option gradient, did you mean gradients?",
  );
});

test.run();
