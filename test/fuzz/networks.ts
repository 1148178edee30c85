// Networks of other programs: whole, damaged, or any bytes. They become a checkpoint or are refused in a sentence.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc, { type Arbitrary } from "fast-check";
import { readNpy } from "../../src/formats/npy.js";
import { importOnnx, importPytorch } from "../../src/interchange/index.js";
import { onnxBytes } from "../interchange/onnx-bytes.js";
import { smallOnnx } from "../interchange/small-onnx.js";
import { damaged } from "./damage.js";
import { type FuzzKind, fuzzKind, outcome } from "./kind.js";

const onnx: Arbitrary<Uint8Array> = fc.constant(onnxBytes(smallOnnx));

const folder = fileURLToPath(new URL("../../../test/fixtures/networks/", import.meta.url));
const weights: Arbitrary<Uint8Array> = fc
  .constantFrom("nuclei", "torch-em") // a zip file, and the format before it
  .map((name) => Uint8Array.from(readFileSync(`${folder}${name}.pt`)));

const npy: Arbitrary<Uint8Array> = fc.constantFrom("<f4", ">i2", "|u1", "<f8").map((type) => {
  const header = `{'descr': '${type}', 'fortran_order': True, 'shape': (2, 3), }\n`;
  const text = new TextEncoder().encode(header);
  return Uint8Array.of(
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    text.length,
    0,
    ...text,
    ...Array(48).fill(7),
  );
});

export const networkKinds: readonly FuzzKind[] = [
  fuzzKind("onnx-damaged", 3, damaged(onnx), async (bytes) => {
    await outcome("net.onnx: ", () => importOnnx(bytes, { name: "net.onnx" }));
    return 0;
  }),
  fuzzKind("pytorch-damaged", 3, damaged(weights), async (bytes) => {
    await outcome("net.pt: ", () => importPytorch(bytes, { name: "net.pt" }));
    return 0;
  }),
  fuzzKind("npy-damaged", 1, damaged(npy), async (bytes) => {
    await outcome("a.npy: ", () => readNpy(bytes, "a.npy"));
    return 0;
  }),
];
