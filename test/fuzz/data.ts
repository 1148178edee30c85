// Checkpoints, configurations, lists of classes and label maps, written whole and damaged.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc, { type Arbitrary } from "fast-check";
import { readClassList } from "../../src/data/class-list.js";
import { type RunConfig, readRunConfig } from "../../src/node/run-config.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { DEFAULT_MODEL, DEFAULT_TRAINING } from "../../src/train/config.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { damaged } from "./damage.js";
import { changedJson } from "./json.js";
import { assertSame, type FuzzKind, fuzzKind, outcome } from "./kind.js";

const NAME = "runs/a run/last.safetensors";

const model = fc
  .record({ base: fc.integer({ min: 1, max: 64 }), classes: fc.integer({ min: 2, max: 9 }) })
  .map((sizes) => ({ ...DEFAULT_MODEL, ...sizes }));
const tensor = fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) => {
  const length = shape.reduce((product, size) => product * size, 1);
  return fc.float32Array({ minLength: length, maxLength: length }).map((data) => ({ shape, data }));
});
const checkpoints: Arbitrary<Checkpoint> = fc
  .record({
    tensors: fc.dictionary(fc.string({ maxLength: 6 }), tensor, { maxKeys: 4 }),
    model,
    step: fc.option(fc.nat(), { nil: undefined }),
    ignore: fc.constantFrom(undefined, 255, "#ff00ff"),
  })
  .map(({ tensors, model: config, step, ignore }) => ({
    tensors: new Map(Object.entries(tensors).filter(([name]) => name !== "__metadata__")),
    metadata: {
      model: config,
      normalisation: { kind: "image" },
      training: DEFAULT_TRAINING,
      ...(ignore === undefined ? {} : { ignore }),
      ...(step === undefined ? {} : { progress: { step, best: undefined } }),
    },
  }));

/** A file of this header, with right or wrong tensors after it. */
function withHeader(text: string, dataBytes: number): Uint8Array {
  const json = Buffer.from(text);
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(json.length));
  return Uint8Array.from(Buffer.concat([head, json, Buffer.alloc(dataBytes)]));
}

const headers = checkpoints.map((checkpoint) => {
  const bytes = Buffer.from(encodeSafetensors(checkpoint));
  return JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE()))) as unknown;
});

/** Whatever is accepted from a damaged file must be complete. */
async function checkDecoded(bytes: Uint8Array): Promise<number> {
  const got = await outcome(NAME, () => decodeSafetensors(bytes, NAME));
  if ("refusal" in got) return 0;
  for (const { shape, data } of got.value.tensors.values()) {
    assertSame(
      data.length,
      shape.reduce((product, size) => product * size, 1),
      "numbers",
    );
  }
  await outcome("", () => encodeSafetensors(got.value));
  return 0;
}

const configs: Arbitrary<RunConfig> = model.map((changed) => ({
  micrograph: "0.2.0",
  format: 2,
  command: "micrograph train",
  name: "a run",
  data: { images: "../images", labels: "../labels", absolute: { images: "/a", labels: "/b" } },
  training: ["a", "b"],
  validation: ["c"],
  digests: { images: { a: "00" }, labels: { a: "01" } },
  ignore: 255,
  adapter: "an adapter",
  kernels: { layer: "buffer" },
  labels: { classes: 2, reading: "numbers", numbers: [[0], [255]], remarks: [] },
  model: changed,
  config: DEFAULT_TRAINING,
}));

const lists = fc.record({
  classes: fc.integer({ min: 2, max: 4 }),
  classNames: fc.constantFrom(undefined, ["a", "b"], ["a", "b", "c"]),
  classColours: fc.constantFrom(undefined, ["#000000", "#ffffff"]),
  ignore: fc.constantFrom(undefined, 255, "#ff00ff"),
  threshold: fc.constantFrom(undefined, 0.5),
});

export function dataKinds(): readonly FuzzKind[] {
  const folder = mkdtempSync(join(tmpdir(), "micrograph-fuzz-"));
  return [
    fuzzKind("safetensors", 4, checkpoints, (checkpoint) => {
      const bytes = encodeSafetensors(checkpoint);
      const decoded = decodeSafetensors(bytes, NAME);
      const sorted = [...checkpoint.tensors].sort(([a], [b]) => (a < b ? -1 : 1));
      assertSame(
        [...decoded.tensors].sort(([a], [b]) => (a < b ? -1 : 1)),
        sorted,
        "tensors",
      );
      assertSame(encodeSafetensors(decoded), bytes, "written again");
      return 0;
    }),
    fuzzKind("safetensors-damaged", 6, damaged(checkpoints.map(encodeSafetensors)), checkDecoded),
    fuzzKind(
      "safetensors-header",
      4,
      fc.tuple(changedJson(headers), fc.nat(300)).map(([text, size]) => withHeader(text, size)),
      checkDecoded,
    ),
    fuzzKind("config.json", 4, changedJson(configs), async (text) => {
      writeFileSync(join(folder, "config.json"), text);
      const got = await outcome(folder, () => readRunConfig(folder));
      if ("refusal" in got) return 0;
      const { data, training, config } = got.value;
      const isSample = typeof data === "string" || typeof data.images === "string";
      assertSame(
        [isSample, Array.isArray(training), typeof config.tile],
        [true, true, "number"],
        "",
      );
      return 0;
    }),
    fuzzKind("classes.json", 2, changedJson(lists), async (text) => {
      const got = await outcome("p/classes.json", () => readClassList(text, "p/classes.json"));
      if ("refusal" in got) return 0;
      const { classes, classNames } = got.value;
      if (classNames) assertSame(classNames.length, classes, "names");
      return 0;
    }),
  ];
}
