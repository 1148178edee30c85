import { test } from "uvu";
import * as assert from "uvu/assert";
import { NETWORK_OPTIONS } from "../../src/options/network.js";
import { choice, number, toggle, whole } from "../../src/options/rows.js";
import { expected, faultIn, isAllowed, type Rule } from "../../src/options/rules.js";
import { TRAINING_OPTIONS } from "../../src/options/training.js";
import { DEFAULT_MODEL, DEFAULT_TRAINING } from "../../src/train/config.js";

const words = { group: "Training", words: "" } as const;

test("a value is allowed within its bounds, those that are written from and to included", () => {
  const cases: [Rule, unknown[], unknown[]][] = [
    [{ default: 1, whole: true, least: 1 }, [1, 2 ** 40], [0, 1.5, 2 ** 53, "1", undefined, null]],
    [{ default: 2, whole: true, least: 2, most: 255 }, [2, 255], [1, 256, Number.NaN]],
    [{ default: 0, least: 0, below: 1 }, [0, 0.999], [-1e-9, 1, Infinity, "0"]],
    [{ default: 1, above: 0, most: 1 }, [1e-9, 1], [0, 1.1]],
    [{ above: 0 }, [undefined, 1e9], [0, Infinity, null]],
    [{ default: "a", choices: ["a", "b"] }, ["b"], ["c", 1, undefined]],
    [{ default: false }, [true, false], [0, "yes", undefined]],
    [{ nested: true }, [{}, undefined], []],
  ];
  for (const [rule, allowed, refused] of cases) {
    for (const value of allowed) assert.ok(isAllowed(rule, value), `${expected(rule)}: ${value}`);
    for (const value of refused)
      assert.not.ok(isAllowed(rule, value), `${expected(rule)}: ${value}`);
  }
});

test("what a value must be is said in words, and with it the value that is not", () => {
  assert.is(expected({ whole: true, least: 1, most: 8 }), "a whole number from 1 to 8");
  assert.is(expected({ least: 0, below: 1 }), "a number from 0 and below 1");
  assert.is(expected({ above: 0, most: 1 }), "a number above 0 to 1");
  assert.is(expected({ default: true }), "true or false");
  const rules = { a: { default: 1, above: 0 }, b: { default: "x", choices: ["x", "y"] } };
  assert.is(faultIn(rules, { a: 1, b: "y" }), undefined);
  assert.is(faultIn(rules, { a: 0, b: "z" }), "a must be a number above 0, got 0");
  assert.is(faultIn(rules, { a: 1, b: "z" }), 'b must be x or y, got "z"');
});

test("a default of another kind than its row's values does not compile", () => {
  // @ts-expect-error
  whole({ ...words, default: "1" });
  // @ts-expect-error
  number({ ...words, default: true });
  // @ts-expect-error
  choice(["a", "b"], { ...words, default: "c" });
  // @ts-expect-error
  toggle({ ...words, default: 1 });
  // @ts-expect-error
  whole({ ...words, default: 1, leest: 1 });
  const [steps, precision] = [TRAINING_OPTIONS.steps.type, TRAINING_OPTIONS.precision.type];
  const types: [number | undefined, "f32" | "f16" | undefined] = [steps, precision];
  assert.equal(types, [undefined, undefined]);
});

test("the rules that a page loads are those of the rows, and every default is allowed", () => {
  const config: Readonly<Record<string, unknown>> = { ...DEFAULT_MODEL, ...DEFAULT_TRAINING };
  for (const [key, row] of Object.entries({ ...NETWORK_OPTIONS, ...TRAINING_OPTIONS })) {
    if (key !== "augmentation") assert.is(config[key], row.default, key);
    assert.ok(isAllowed(row, row.default), key);
  }
});

test("settings begin in the order in which version 0.1 wrote them into config.json", () => {
  const begins = (values: object, order: string) =>
    assert.is(Object.keys(values).join().slice(0, order.length), order);
  begins(DEFAULT_MODEL, "architecture,base,depth,channels,classes,dropout");
  begins(
    DEFAULT_TRAINING,
    "tile,batch,accumulate,steps,maxMinutes,optimizer,learningRate,schedule,warmup,decayEvery," +
      "decayFactor,momentum,seed,validateEvery,augmentation,tileStride,classWeights,w0,sigma," +
      "recompute,clipNorm,weightDecay,ema,best,patience,precision",
  );
  begins(
    DEFAULT_TRAINING.augmentation,
    "flips,shift,rotation,scale,shear,elastic,elasticDeviation,elasticAlpha,elasticSigma," +
      "elasticProbability,contrast,brightness,gamma,noise,interpolation",
  );
});

test.run();
