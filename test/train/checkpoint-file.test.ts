import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  architectureOf,
  decodeSafetensors,
  encodeSafetensors,
} from "../../src/train/checkpoint-file.js";
import { trainingConfig } from "../../src/train/config.js";
import type { Checkpoint } from "../../src/train/training-types.js";

const checkpoint: Checkpoint = {
  tensors: new Map([
    ["head.weight", { shape: [2, 4, 1, 1], data: Float32Array.from({ length: 8 }, (_, i) => i) }],
    ["encoder1.conv1.bias", { shape: [3], data: Float32Array.of(0.5, -1e-30, 3e30) }],
    ["optimizer.step", { shape: [], data: Float32Array.of(7) }],
  ]),
  metadata: {
    model: { architecture: "unet", base: 4, depth: 1, channels: 1, classes: 2, dropout: 0 },
    normalisation: { kind: "image" },
    training: trainingConfig({
      tile: 28,
      steps: 10,
      optimizer: "sgd",
      momentum: 0.99,
      validateEvery: 5,
      classWeights: "balanced",
      w0: 10,
    }),
    progress: { step: 7, best: { step: 5, loss: 0.25, wrongPixels: 0.125 } },
  },
};

const bytes = encodeSafetensors(checkpoint);

/** A file with any header and any data, as from another program or a damaged disk. */
function file(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const result = new Uint8Array(8 + json.length + dataBytes);
  new DataView(result.buffer).setBigUint64(0, BigInt(json.length), true);
  result.set(json, 8);
  return result;
}

const metadata = {
  micrograph: "1",
  model: JSON.stringify(checkpoint.metadata.model),
  normalisation: '{"kind":"image"}',
};

const tensor = (begin: number, end: number, dtype = "F32") => ({
  dtype,
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
});

function rejects(content: Uint8Array, expected: RegExp): void {
  assert.throws(
    () => decodeSafetensors(content, "run/last.safetensors"),
    (error: Error) =>
      expected.test(error.message) &&
      error.message.startsWith("run/last.safetensors: ") &&
      !error.message.includes("\n"),
  );
}

test("a checkpoint comes back as it was written", () => {
  const back = decodeSafetensors(bytes, "a");
  assert.equal(back.metadata.model, checkpoint.metadata.model);
  assert.equal(back.metadata.progress, checkpoint.metadata.progress);
  assert.equal(back.metadata.training?.maxMinutes, undefined);
  assert.is(back.metadata.training?.learningRate, 1e-3);
  assert.equal([...back.tensors.keys()].sort(), [...checkpoint.tensors.keys()].sort());
  for (const [name, { shape, data }] of checkpoint.tensors) {
    assert.equal(back.tensors.get(name)?.shape, shape);
    assert.equal(back.tensors.get(name)?.data, data);
  }
});

const headerOf = (file: Uint8Array) => {
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes))).__metadata__;
};

test("names and colours of classes belong to the task, also if an earlier version had them in the model", () => {
  const task = { classNames: ["wall", "cell"], classColours: ["#000000", "#ffffff"] };
  const { model } = checkpoint.metadata;
  const written = encodeSafetensors({ ...checkpoint, metadata: { ...checkpoint.metadata, task } });
  assert.is(
    headerOf(written).micrograph,
    "2",
    "earlier versions refuse it: they would lose the names",
  );
  assert.equal(JSON.parse(headerOf(written).model), model);
  assert.is(headerOf(bytes).micrograph, "1", "a file without a task is as it was");
  const earlier = file(
    { __metadata__: { ...metadata, model: JSON.stringify({ ...model, ...task }) } },
    0,
  );
  // In the form that callers used in version 0.1.0.
  const inModel = { ...checkpoint.metadata, model: { ...model, ...task } };
  for (const one of [written, earlier, encodeSafetensors({ ...checkpoint, metadata: inModel })]) {
    const back = decodeSafetensors(one, "a").metadata;
    assert.equal([back.model, back.task], [model, task]);
  }
  assert.is(decodeSafetensors(bytes, "a").metadata.task, undefined);
  const wrong = { ...metadata, micrograph: "2", task: '{"classNames":["wall"]}' };
  rejects(file({ __metadata__: wrong }, 0), /damaged: got 1 \(wall\) class names, expected 2/);
  rejects(file({ __metadata__: { ...wrong, task: "[]" } }, 0), /"task" is not a JSON object/);
});

test("equal checkpoints are equal bytes, in whatever order they were built", () => {
  const { model } = checkpoint.metadata;
  const reversed: Checkpoint = {
    tensors: new Map([...checkpoint.tensors].reverse()),
    metadata: {
      ...checkpoint.metadata,
      model: Object.fromEntries(Object.entries(model).reverse()) as unknown as typeof model,
    },
  };
  assert.equal(encodeSafetensors(reversed), bytes);
});

test("the layout is the one of the public safetensors format", () => {
  const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assert.is(headerBytes % 8, 0);
  assert.is(bytes[8], "{".charCodeAt(0));
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes));
  assert.match(text, /\} *$/);
  const header = JSON.parse(text);
  for (const value of Object.values(header.__metadata__)) assert.type(value, "string");
  const { __metadata__: _, ...entries } = header;
  assert.equal(Object.keys(entries), [...checkpoint.tensors.keys()].sort());
  let position = 0;
  for (const entry of Object.values<{ dtype: string; data_offsets: number[] }>(entries)) {
    assert.is(entry.dtype, "F32");
    assert.is(entry.data_offsets[0], position);
    position = entry.data_offsets[1];
  }
  assert.is(bytes.length, 8 + headerBytes + position);
  const data = new DataView(bytes.buffer, 8 + headerBytes);
  assert.is(data.getFloat32(entries["head.weight"].data_offsets[0] + 3 * 4, true), 3);
});

test("a file within a larger buffer is read at its own place", () => {
  const larger = new Uint8Array(bytes.length + 13);
  larger.set(bytes, 3);
  const back = decodeSafetensors(larger.subarray(3, 3 + bytes.length), "a");
  assert.is(back.tensors.get("optimizer.step")?.data[0], 7);
});

test("what the labels' ignored pixels look like survives, a value or a colour", () => {
  for (const ignore of [0, 65535, "#ff00ff"]) {
    const written = { ...checkpoint, metadata: { ...checkpoint.metadata, ignore } };
    assert.is(decodeSafetensors(encodeSafetensors(written), "a").metadata.ignore, ignore);
  }
  assert.not.ok("ignore" in decodeSafetensors(bytes, "a").metadata);
  const broken = { __metadata__: { ...metadata, ignore: "pink" } };
  rejects(
    file(broken, 0),
    /damaged: the ignored pixels are "pink", expected .* or a colour such as/,
  );
});

test("statistics for the normalisation survive, and one that is not known is refused", () => {
  const normalisation = { kind: "statistics", mean: [0.1 + 0.2], deviation: [1 / 3] } as const;
  const metadata = { ...checkpoint.metadata, normalisation };
  const file = encodeSafetensors({ ...checkpoint, metadata });
  assert.equal(decodeSafetensors(file, "a").metadata.normalisation, normalisation);
  for (const [wrong, message] of [
    [{ kind: "quantiles" }, /the normalisation is "quantiles", expected "image", "stat/],
    [
      { ...normalisation, mean: [1, 2] },
      /the mean of the normalisation is \[1,2\], expected a finite/,
    ],
  ] as const) {
    const other = { ...metadata, normalisation: wrong as unknown as typeof normalisation };
    rejects(encodeSafetensors({ ...checkpoint, metadata: other }), message);
  }
});

test("a figure that is not a number survives", () => {
  const best = { step: 5, loss: Number.NaN, wrongPixels: 0.5 };
  const odd = { ...checkpoint, metadata: { ...checkpoint.metadata, progress: { step: 7, best } } };
  assert.equal(decodeSafetensors(encodeSafetensors(odd), "a").metadata.progress?.best, best);
});

test("a tensor whose data do not fit its shape is refused when writing", () => {
  const tensors = new Map([["a", { shape: [3], data: new Float32Array(2) }]]);
  assert.throws(() => encodeSafetensors({ ...checkpoint, tensors }), /\[3\] holds 3 .* has 2/);
});

test("a file cut anywhere is refused in one line, and in the data with both sizes", () => {
  for (let length = 0; length < bytes.length; length++) {
    rejects(bytes.slice(0, length), length < 10 ? /not a checkpoint|truncated/ : /truncated/);
  }
  rejects(bytes.slice(0, -4), /its tensors take 48 bytes, but 44 follow the header/);
});

test("what is not a safetensors file is called that", () => {
  rejects(new TextEncoder().encode("step,loss\n1,0.5\n"), /not a checkpoint/);
  rejects(new Uint8Array(64), /not a checkpoint/);
  const damaged = bytes.slice();
  damaged[20] = 0xff;
  rejects(damaged, /header is not a JSON object/);
});

test("tensors without numbers, and names that objects have, are written and read again", () => {
  const tensors = new Map([
    ["b", { shape: [2, 0], data: new Float32Array(0) }],
    ["", { shape: [1], data: Float32Array.of(7) }],
    ["__proto__", { shape: [], data: Float32Array.of(8) }],
    ["c", { shape: [0], data: new Float32Array(0) }],
  ]);
  const bytes = encodeSafetensors({ ...checkpoint, tensors });
  const decoded = decodeSafetensors(bytes, "a");
  assert.equal([...decoded.tensors.keys()].sort(), ["", "__proto__", "b", "c"]);
  assert.equal([...(decoded.tensors.get("__proto__")?.data ?? [])], [8]);
  assert.equal([...(decoded.tensors.get("")?.data ?? [])], [7]);
});

test("a checkpoint of 16 bits takes half the bytes, and its numbers are off by 2^-11 at most", () => {
  assert.throws(
    () => encodeSafetensors(checkpoint, { precision: "f16" }),
    /^checkpoint: tensor "encoder1\.conv1\.bias" holds [\d.]+e\+30, and 16 bits at most 65504/,
  );
  const tensors = new Map([...checkpoint.tensors].slice(0, 1));
  tensors.set("small", {
    shape: [999],
    data: Float32Array.from({ length: 999 }, (_, i) => Math.sin(i)),
  });
  tensors.set("large", { shape: [2], data: Float32Array.of(-65_504, 1e-7) });
  const weights = { ...checkpoint, tensors };
  const saved =
    encodeSafetensors(weights).length - encodeSafetensors(weights, { precision: "f16" }).length;
  assert.ok(Math.abs(saved - 2 * (8 + 999 + 2)) <= 16, `${saved}`);
  const half = encodeSafetensors(weights, { precision: "f16" });
  const read = decodeSafetensors(half, "half.safetensors");
  const whole = decodeSafetensors(encodeSafetensors(weights), "whole.safetensors");
  assert.equal(read.metadata, whole.metadata);
  for (const [name, { shape, data }] of tensors) {
    const got = read.tensors.get(name);
    assert.equal(got?.shape, shape);
    for (const [i, value] of data.entries()) {
      const off = Math.abs((got?.data[i] ?? Number.NaN) - value);
      assert.ok(off <= Math.max(Math.abs(value) * 2 ** -11, 2 ** -25), `${name}: ${value}`);
    }
  }
});

test("the architecture of a file is in its header, and unknown for other files", () => {
  const bytes = encodeSafetensors(checkpoint);
  assert.is(architectureOf(bytes), "unet");
  assert.is(architectureOf(bytes.subarray(0, 40)), undefined);
  assert.is(architectureOf(file({ a: tensor(0, 8) }, 8)), undefined);
});

test("damaged tensors are refused by name", () => {
  rejects(file({ __metadata__: metadata, a: tensor(0, 8, "I32") }, 8), /"a" has type I32/);
  const overlapping = { __metadata__: metadata, a: tensor(0, 8), b: tensor(4, 12) };
  rejects(file(overlapping, 12), /"b" overlaps another tensor/);
  const hole = { __metadata__: metadata, a: tensor(0, 8), b: tensor(12, 16) };
  rejects(file(hole, 16), /"b" leaves a hole/);
  rejects(file({ __metadata__: metadata, a: tensor(0, 80) }, 8), /truncated.* 80 .* 8 follow/);
  rejects(file({ __metadata__: metadata, a: tensor(0, 8) }, 12), /take 8 bytes, but 12 follow/);
  const short = { __metadata__: metadata, a: { ...tensor(0, 8), shape: [3] } };
  rejects(file(short, 8), /"a" of shape \[3\] needs 12 bytes/);
  const negative = { __metadata__: metadata, a: { ...tensor(0, 8), data_offsets: [-8, 0] } };
  rejects(file(negative, 8), /"a" lacks a valid/);
});

test("a file of another program, a newer version and a broken configuration have different errors", () => {
  rejects(file({ a: tensor(0, 8, "F16") }, 8), /of another program/);
  rejects(file({ __metadata__: { ...metadata, micrograph: "3" } }, 0), /newer micrograph/);
  rejects(file({ __metadata__: { ...metadata, model: "{" } }, 0), /"model" is not a JSON/);
  const model = JSON.stringify({ ...checkpoint.metadata.model, base: 0 });
  rejects(file({ __metadata__: { ...metadata, model } }, 0), /base is 0/);
  const fcn = JSON.stringify({ ...checkpoint.metadata.model, architecture: "fcn" });
  rejects(file({ __metadata__: { ...metadata, model: fcn } }, 0), /"fcn", expected unet, fcn8s, /);
});

test.run();
