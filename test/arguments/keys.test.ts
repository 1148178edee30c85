import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkKeys, checkWord, closest } from "../../src/arguments/keys.js";
import { messageOf } from "../errors.js";

interface Options {
  readonly padding?: number;
  readonly activation?: string;
  readonly secret?: number;
}
const KEYS = { padding: 1, activation: 1, secret: 0 } as const;
const check = (options: object) => messageOf(() => checkKeys<Options>("conv2d", options, KEYS));

test("an unknown key is refused with the nearest one, and all that are offered", () => {
  assert.is(
    check({ pading: 1 }),
    "conv2d has no option pading, did you mean padding? It has padding, activation",
  );
  assert.match(check({ padding: 1, Activation: "relu" }), "did you mean activation?");
  assert.is(check({ stride: 2 }), "conv2d has no option stride. It has padding, activation");
});

test("known keys pass, those that errors do not offer too, and keys without a value", () => {
  checkKeys<Options>("conv2d", { padding: 1, secret: 2 }, KEYS);
  checkKeys<object>("conv2d", { pading: undefined }, KEYS);
});

test("what is no object of options is refused", () => {
  assert.match(check(null as never), /^conv2d: options must be an object .*, got null$/);
  assert.match(check(3 as never), /got 3$/);
  assert.match(check([] as never), /got an array$/);
});

test("the closest name changes the fewest letters, a third of them at most, or begins alike", () => {
  assert.is(closest("bass", ["base", "depth"]), "base");
  assert.is(closest("step", ["steps", "seed"]), "steps");
  assert.is(closest("learningrate", ["learningRate", "tile"]), "learningRate");
  assert.is(closest("batchSize", ["tile", "batch"]), "batch");
  assert.is(closest("valid", ["training", "validation"]), "validation");
  assert.is(closest("rotate", ["scale", "rotation"]), "rotation");
  assert.is(closest("schedules", ["seed", "batch"]), undefined);
  assert.is(closest("x", ["y"]), "y");
});

test("a word that is none of the words is refused with them", () => {
  checkWord("the optimizer", "adam", ["sgd", "adam"]);
  assert.is(
    messageOf(() => checkWord("the optimizer", "rmsprop", ["sgd", "adam"])),
    "the optimizer must be sgd or adam, got rmsprop",
  );
  assert.match(
    messageOf(() => checkWord("the optimizer", undefined, ["sgd"])),
    "got undefined",
  );
});

test.run();
