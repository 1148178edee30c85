// Label maps: sets of small ones, with declarations.

import fc, { type Arbitrary } from "fast-check";
import { IGNORED, type RawImage } from "../../src/data/image-types.js";
import { decideLabels } from "../../src/data/label-decide.js";
import type { LabelDeclaration } from "../../src/data/label-decision.js";
import { readLabel } from "../../src/data/label-read.js";
import { surveyLabel } from "../../src/data/label-survey.js";
import { random, randomInteger } from "../../src/data/random.js";
import { assertSame, type FuzzKind, fuzzKind, outcome } from "./kind.js";

const ARRAYS = { Uint8Array, Uint16Array, Int16Array, Int32Array, Float32Array };

/** Blocks of one value each, like cells and classes. */
function blocks(width: number, height: number, values: readonly number[], seed: number): number[] {
  const next = random(seed, width, height);
  const [across, size] = [Math.ceil(width / 3), 3];
  const of = Array.from(
    { length: across * Math.ceil(height / size) },
    () => values[randomInteger(next, values.length)],
  );
  return Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return of[Math.floor(y / size) * across + Math.floor(x / size)];
  });
}

const side = fc.integer({ min: 1, max: 16 });
const number = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 100, 127, 128, 254, 255, 256, 65535, -1, 0.5, Number.NaN, 1e9),
  fc.nat(300),
);
const raws: Arbitrary<RawImage> = fc
  .record({
    width: side,
    height: side,
    kind: fc.constantFrom(...(Object.keys(ARRAYS) as (keyof typeof ARRAYS)[])),
    channels: fc.constantFrom(1, 1, 1, 1, 2, 3),
    values: fc.array(number, { minLength: 1, maxLength: 12 }),
    seed: fc.nat(1 << 16),
    alpha: fc.nat(5),
    indexed: fc.nat(5),
  })
  .map(({ width, height, kind, channels, values, seed, alpha, indexed }) => {
    const planes = Array.from({ length: channels }, (_, c) =>
      blocks(width, height, values, seed + c * (alpha % 2)),
    );
    const plane = (of: number[]) => Uint8Array.from(of, (value) => value & 255);
    const isInteger = kind === "Uint8Array" || kind === "Uint16Array";
    const data = ARRAYS[kind].from(planes.flat()) as RawImage["data"];
    const maximum = isInteger ? 2 ** (8 * data.BYTES_PER_ELEMENT) - 1 : 1;
    return {
      width,
      height,
      channels,
      maximum,
      data,
      ...(alpha === 0 ? { alpha: plane(blocks(width, height, [0, 255], seed)) } : {}),
      ...(indexed === 0 && kind === "Uint8Array" ? { indices: plane(planes[0]) } : {}),
    };
  });
const declared: Arbitrary<LabelDeclaration> = fc.record(
  {
    classes: fc.integer({ min: 2, max: 8 }),
    ignore: fc.constantFrom<number | string>(0, 255, "#ff00ff"),
    instances: fc.boolean(),
    labelThreshold: fc.constantFrom(0, 0.5, 127),
    labelChannel: fc.constant("alpha" as const),
    classColours: fc.constantFrom(["#000000", "#ffffff"]),
  },
  { requiredKeys: [] },
);
const sets = fc.tuple(fc.array(raws, { minLength: 1, maxLength: 3 }), declared);

/** Class maps of classes 0 to K - 1 that all occur. */
const maps = fc.tuple(fc.integer({ min: 2, max: 8 }), fc.nat(1 << 16)).map(([classes, seed]) => {
  const values = Array.from({ length: classes }, (_, i) => i);
  const data = Uint8Array.from([...values, ...blocks(classes, 11, values, seed)]);
  return { classes, raw: { width: classes, height: 12, channels: 1, maximum: 255, data } };
});

export const labelKinds: readonly FuzzKind[] = [
  fuzzKind("labels", 4, maps, ({ classes, raw }) => {
    const decision = decideLabels([surveyLabel(raw, "a.png")], { classes });
    const { label } = readLabel(raw, "a.png", decision);
    assertSame([label.classes, label.data], [classes, raw.data], "class map");
    return 0;
  }),
  fuzzKind("labels-any", 6, sets, async ([set, declaration]) => {
    const named = set.map((raw, i) => ({ raw, name: `${i}.png` }));
    const decided = await outcome("", () =>
      decideLabels(
        named.map(({ raw, name }) => surveyLabel(raw, name)),
        declaration,
      ),
    );
    if ("refusal" in decided) return 0;
    for (const { raw, name } of named) {
      const got = await outcome(`label ${name}: `, () => readLabel(raw, name, decided.value));
      if ("refusal" in got) continue;
      const { data, classes } = got.value.label;
      assertSame(data.length, raw.width * raw.height, "pixels");
      const stranger = data.find((value) => value !== IGNORED && value >= classes);
      assertSame(stranger, undefined, `a class of ${classes}`);
    }
    return 0;
  }),
];
