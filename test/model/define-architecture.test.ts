import { test } from "uvu";
import * as assert from "uvu/assert";
import { input, type Tensor } from "../../src/graph/tensor.js";
import { createModel } from "../../src/model/architectures.js";
import {
  type ArchitectureDefinition,
  defineArchitecture,
} from "../../src/model/define-architecture.js";
import { convParameters, initialValues, layOut, slice } from "../../src/model/parameters.js";
import { readConfig } from "../../src/model/read-config.js";
import { crop2d, dropout, maxPool2d, relu } from "../../src/ops/index.js";
import { messageOf } from "../errors.js";

const SAME = { padding: "same" } as const;
const fields = { base: { default: 2, whole: true, least: 1, most: 8 } } as const;

/** Two padded 3x3 convolutions. */
const plain: ArchitectureDefinition<typeof fields> = {
  name: "lab.plain",
  fields,
  gridStep: () => 1,
  smallest: () => 8,
  parameters: ({ channels, classes, base }) => [
    ...convParameters("one", channels, base, 3),
    ...convParameters("two", base, classes, 3),
  ],
  logits: (x, { conv }) => conv(conv(x, "one", SAME), "two", SAME),
};

/** The same with a pooling and an up-convolution in between. */
const pooled: typeof plain = {
  ...plain,
  name: "lab.pooled",
  gridStep: () => 2,
  parameters: (config) => [
    ...plain.parameters(config),
    { name: "up.weight", shape: [config.base, config.base, 2, 2], init: "he", fanIn: config.base },
  ],
  logits: (x, { conv, upConv }) =>
    conv(upConv(maxPool2d(conv(x, "one", SAME), "pool"), "up"), "two", SAME),
};

const dropped = (x: Tensor) =>
  dropout(x, input("step", [4]), { seed: 1, rate: 0.5, stream: 1, name: "dropped" });

const made = (definition: typeof plain) => defineArchitecture(definition).model();
const refusal = (changes: Partial<typeof plain>, of = plain) =>
  messageOf(() => made({ ...of, ...changes }));

test("a model's halo, sizes and title follow from its graph", () => {
  const model = made(plain);
  assert.is(model.title, "lab.plain of base 2");
  assert.is(model.halo, 2, "two convolutions reach two pixels");
  assert.equal([model.outputSize(9), model.inputFor(1), model.inputFor(20)], [9, 8, 20]);
  assert.equal(model.config, { architecture: "lab.plain", channels: 1, classes: 2, base: 2 });
  // Row 2 reads row 1 at the full size, which depends on rows 0 and 1, and these on row -1.
  assert.is(made(pooled).halo, 3);
  const valid = made({ ...plain, logits: (x, { conv }) => conv(conv(x, "one"), "two") });
  assert.equal([valid.halo, valid.outputSize(9), valid.inputFor(8)], [0, 5, 12]);
  const own = made({ ...plain, halo: () => 7, title: ({ base }) => `plain ${base}` });
  assert.equal([own.halo, own.title], [7, "plain 2"]);
});

test("sizes, halo and shapes that are not those of the graph are refused", () => {
  assert.match(refusal({ halo: () => 1 }), "lab.plain: halo is 1, but 2 pixels per side depend on");
  assert.match(refusal({ halo: () => 0.5 }), "halo must be a whole number from 0, got 0.5");
  assert.match(refusal({ gridStep: () => 0 }), "gridStep must be a whole number from 1, got 0");
  assert.match(
    refusal({ gridStep: () => 1 }, pooled),
    /gridStep is 1, but .* gives an output larger by 0/,
  );
  assert.match(
    refusal({ gridStep: () => 3 }, pooled),
    /gridStep is 3, but .* gives an output larger by [24]/,
  );
  const cut = (x: Tensor, t: Tensor) => {
    const side = x.shape[2] - 4;
    return crop2d(t, { top: 2, left: 2, height: side, width: side }, "cut");
  };
  const hidden: typeof plain = {
    ...pooled,
    logits: (x, layers, c) => cut(x, pooled.logits(x, layers, c) as Tensor),
  };
  assert.is(made(hidden).gridStep, 2);
  assert.match(
    refusal({ gridStep: () => 1 }, hidden),
    "gridStep is 1, but output rows 0 and 1 have different receptive fields",
  );
  assert.match(
    refusal({ smallest: () => 4, logits: (x, { conv }) => conv(conv(x, "one"), "two") }),
    /lab\.plain: an input of 4 pixels, which is valid by gridStep and smallest: .*/,
  );
  assert.match(refusal({ logits: (x) => relu(x) }), /are \[1,1,8,8\], expected \[1, 2, S, S\]/);
  const unknown = defineArchitecture({
    ...plain,
    logits: (x, layers, c) => dropped(plain.logits(x, layers, c) as Tensor),
  });
  assert.match(
    messageOf(() => unknown.model()),
    /give halo, since it cannot be derived from the graph: .*/,
  );
});

test("fields, names and parameters that cannot be are refused by name", () => {
  const plainNet = defineArchitecture(plain);
  const of = (changes: object) => messageOf(() => plainNet.model(changes));
  assert.is(of({ bass: 2 }), "lab.plain has no field bass, it has channels, classes, base");
  assert.is(of({ base: 9 }), "model: base must be a whole number from 1 to 8, got 9");
  assert.is(of({ classes: 1 }), "model: classes must be a whole number from 2 to 255, got 1");
  assert.match(refusal({ name: "unet" }), /the name is "unet", expected a unique one/);
  const twice = [...convParameters("one", 1, 2, 3), ...convParameters("one", 2, 2, 3)];
  assert.is(
    refusal({ parameters: () => twice }),
    "lab.plain: two parameters have the name one.weight",
  );
  assert.match(
    refusal({ parameters: () => [{ name: "a", shape: [2, 0], init: 0 }] }),
    "the parameter a is [2,0], expected sizes of at least 1",
  );
  assert.match(
    refusal({ parameters: () => convParameters("one", 1, 2, 3) }),
    "the model has no parameter two.weight",
  );
  const stored = { architecture: "lab.plain", channels: 1, classes: 2, base: 12 };
  assert.is(
    messageOf(() => readConfig(stored, "a.safetensors", [plainNet])),
    "a.safetensors: damaged: the model's base is 12, expected a whole number from 1 to 8",
  );
  assert.is(
    messageOf(() => readConfig(stored, "a.safetensors")),
    'a.safetensors: the model\'s architecture is "lab.plain", expected unet, fcn8s, fcn8s-vgg16, ' +
      "fcn16s-vgg16, fcn32s-vgg16; pass other architectures in `models`, on the command line by --model FILE.js",
  );
  assert.match(
    messageOf(() => readConfig(stored, "a", [plainNet.model()] as never)),
    "models: expected a list of architectures, such as defineArchitecture makes, got",
  );
  assert.equal(createModel(plainNet.model({ base: 3 }).config, [plainNet]).config.base, 3);
});

test("parameters are initialised with a number, by He, or by a function of seeded numbers", () => {
  const parameters = layOut([
    { name: "gain", shape: [3], init: 1 },
    { name: "weight", shape: [4, 2], init: "he" },
    {
      name: "own",
      shape: [2, 2],
      init: (next, shape) => Float32Array.from({ length: shape[0] * shape[1] }, next),
    },
  ]);
  const valuesOf = (name: string, seed: number) => {
    const parameter = parameters.list.find((one) => one.name === name);
    return parameter && [...slice(parameter, initialValues(parameters, seed))];
  };
  assert.equal(valuesOf("gain", 1), [1, 1, 1]);
  for (const name of ["weight", "own"]) {
    assert.equal(valuesOf(name, 1), valuesOf(name, 1));
    assert.is.not(`${valuesOf(name, 1)}`, `${valuesOf(name, 2)}`);
    assert.is(new Set(valuesOf(name, 1)).size, name === "own" ? 4 : 8);
  }
  const short = layOut([{ name: "own", shape: [3], init: () => [1, Number.NaN, 2] }]);
  assert.is(
    messageOf(() => initialValues(short, 1)),
    "the initial values of own must be 3 finite numbers, got 3 values",
  );
});

test.run();
