import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  floatsOf,
  readSafetensors,
  type SafetensorsDtype,
  type SafetensorsTensor,
  writeSafetensors,
} from "../../src/formats/safetensors.js";
import { messageOf } from "../errors.js";

const tensorOf = (dtype: SafetensorsDtype, shape: number[], bytes: number[]): SafetensorsTensor => {
  return { dtype, shape, bytes: Uint8Array.from(bytes) };
};

/** A file as another program writes it: the header by hand. */
function file(header: unknown, data: readonly number[] = []): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const result = new Uint8Array(8 + json.length + data.length);
  new DataView(result.buffer).setBigUint64(0, BigInt(json.length), true);
  result.set(json, 8);
  result.set(data, 8 + json.length);
  return result;
}

test("tensors of every type and metadata of any program come back as they were written", () => {
  const sizes: Record<SafetensorsDtype, number> = {
    BOOL: 1,
    U8: 1,
    I8: 1,
    F8_E5M2: 1,
    F8_E4M3: 1,
    U16: 2,
    I16: 2,
    F16: 2,
    BF16: 2,
    U32: 4,
    I32: 4,
    F32: 4,
    U64: 8,
    I64: 8,
    F64: 8,
  };
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [dtype, size] of Object.entries(sizes) as [SafetensorsDtype, number][]) {
    const bytes = Array.from({ length: 3 * size }, (_, i) => i + 1);
    tensors.set(`a.${dtype}`, tensorOf(dtype, [3, 1], bytes));
  }
  tensors.set("constructor", tensorOf("F64", [], [0, 0, 0, 0, 0, 0, 240, 63]));
  tensors.set("empty", tensorOf("I64", [2, 0], []));
  const metadata = { format: "pt", __proto__: null as unknown as string };
  const bytes = writeSafetensors({ tensors, metadata });
  const read = readSafetensors(bytes, "model.safetensors");
  assert.equal(read.metadata, { format: "pt" });
  assert.equal([...read.tensors.keys()].sort(), [...tensors.keys()].sort());
  for (const [name, tensor] of tensors) assert.equal(read.tensors.get(name), tensor, name);
  assert.equal(writeSafetensors(read), bytes, "equal bytes");
});

test("a file of another program, without metadata and without padding, is read", () => {
  const header = { w: { dtype: "BF16", shape: [2], data_offsets: [0, 4] } };
  const { tensors, metadata } = readSafetensors(file(header, [128, 63, 0, 192]), "w.safetensors");
  assert.equal(metadata, {});
  const tensor = tensors.get("w") as SafetensorsTensor;
  assert.equal([...floatsOf(tensor, "w")], [1, -2]);
});

test("numbers of 16, 32 and 64 bits become floats, and of other types the error names the type", () => {
  const halves = [0x3c00, 0xc000, 0x0001, 0x83ff, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000];
  const bytes = halves.flatMap((bits) => [bits & 255, bits >> 8]);
  assert.equal(
    [...floatsOf(tensorOf("F16", [9], bytes), "a")],
    [1, -2, 2 ** -24, -1023 * 2 ** -24, 65504, Infinity, -Infinity, Number.NaN, -0],
  );
  assert.equal([...floatsOf(tensorOf("F32", [1], [0, 0, 128, 191]), "a")], [-1]);
  assert.equal([...floatsOf(tensorOf("F64", [1], [0, 0, 0, 0, 0, 0, 224, 63]), "a")], [0.5]);
  assert.is(
    messageOf(() => floatsOf(tensorOf("I64", [0], []), "model.safetensors, step")),
    "model.safetensors, step: it has type I64, expected F32, F16, BF16 or F64",
  );
});

test("what is damaged is refused in a line that names the file and the tensor", () => {
  const entry = { dtype: "F16", shape: [2], data_offsets: [0, 4] };
  for (const [bytes, message] of [
    [
      file({ w: { ...entry, dtype: "F4" } }, [0, 0, 0, 0]),
      /tensor "w" has type F4, expected BOOL, U8, /,
    ],
    [
      file({ w: { ...entry, dtype: "F32" } }, [0, 0, 0, 0]),
      /\[2\] needs 8 bytes, but its offsets \[0, 4\] span 4/,
    ],
    [file({ w: entry }, [0, 0]), /truncated: its tensors take 4 bytes, but 2 follow the header/],
    [
      file({ w: entry, __metadata__: { epoch: 3 } }, [0, 0, 0, 0]),
      /its metadata is {"epoch":3}, expected an obj/,
    ],
    [new Uint8Array(64), /not a safetensors file: it does not begin like a safetensors file/],
  ] as const) {
    const error = messageOf(() => readSafetensors(bytes, "model.safetensors"));
    assert.match(error, message);
    assert.ok(error.startsWith("model.safetensors: "), error);
  }
  const short = tensorOf("F32", [2], [0, 0, 0, 0]);
  assert.is(
    messageOf(() => writeSafetensors({ tensors: new Map([["w", short]]), metadata: {} })),
    'safetensors: tensor "w" of F32 and shape [2] takes 8 bytes, but its data has 4',
  );
});

test.run();
