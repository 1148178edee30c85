// Networks of other programs: whole, damaged, or any bytes. They become a checkpoint or are refused in a sentence.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc, { type Arbitrary } from "fast-check";
import { parseJson } from "../../src/arguments/json.js";
import { checkNormalisation } from "../../src/data/check-normalisation.js";
import { readNpy } from "../../src/formats/npy.js";
import { normalisationOf } from "../../src/interchange/bioimageio/package-normalisation.js";
import { applySteps } from "../../src/interchange/bioimageio/processing.js";
import { readDescription } from "../../src/interchange/bioimageio/read-description.js";
import { importOnnx, importPytorch, type WeightNames } from "../../src/interchange/index.js";
import { onnxBytes } from "../interchange/onnx-bytes.js";
import { smallOnnx } from "../interchange/small-onnx.js";
import { damaged } from "./damage.js";
import { changedJson } from "./json.js";
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

/** A description as programs of the zoo write it. */
const description = {
  format_version: "0.5.3",
  type: "model",
  name: "Cells",
  license: "MIT",
  inputs: [
    {
      id: "raw",
      axes: [
        { type: "batch" },
        { type: "channel" },
        { type: "space", id: "y", size: { min: 32, step: 8 } },
        { type: "space", id: "x", size: { min: 32, step: 8 } },
      ],
      test_tensor: { source: "in.npy" },
      data: { type: "float32", range: [0, 255] },
      preprocessing: [
        { id: "ensure_dtype", kwargs: { dtype: "float32" } },
        { id: "scale_range", kwargs: { axes: ["y", "x"], min_percentile: 1, max_percentile: 99 } },
      ],
    },
  ],
  outputs: [
    {
      id: "out",
      axes: [{ type: "batch" }, { type: "channel" }, { type: "space", id: "y" }, { type: "space" }],
      test_tensor: { source: "out.npy" },
      postprocessing: [{ id: "sigmoid" }],
    },
  ],
  weights: {
    pytorch_state_dict: { source: "w.pt", architecture: { source: "a.py", callable: "A" } },
  },
  config: { bioimageio: { reproducibility_tolerance: [{ absolute_tolerance: 0.01 }] } },
};

/** What a description says is used: the normalisation of a checkpoint, and steps on an array. */
async function readPackage(text: string): Promise<void> {
  const read = await outcome("rdf.yaml: ", () => {
    let value: unknown;
    try {
      value = parseJson(text);
    } catch {
      throw new Error("rdf.yaml: not JSON");
    }
    return readDescription(value, "rdf.yaml");
  });
  if (!("value" in read)) return;
  const [input] = read.value.inputs;
  const known = await outcome("", () => normalisationOf(input.steps, 1, input.maximum));
  if ("value" in known)
    await outcome("rdf.yaml: ", () => checkNormalisation(known.value.normalisation, 1, "rdf.yaml"));
  const array = { shape: [1, 1, 2, 2], data: Float64Array.of(1, 2, 3, 4) };
  await outcome("", () => applySteps(array, input.steps));
}

const small = readFileSync(`${folder}nuclei.pt`);
const names = fc.dictionary(
  fc.constantFrom(
    "encoders.",
    "encoders.0.",
    "base.0.weight",
    "output.bias",
    "none",
    "__proto__",
    "",
  ),
  fc.constantFrom<unknown>("", "base.", "encoders.1.", "output.bias", null, 3, "__proto__"),
);

export const networkKinds: readonly FuzzKind[] = [
  fuzzKind("onnx-damaged", 3, damaged(onnx), async (bytes) => {
    await outcome("net.onnx: ", () => importOnnx(bytes, { name: "net.onnx" }));
    return 0;
  }),
  fuzzKind("pytorch-damaged", 3, damaged(weights), async (bytes) => {
    await outcome("net.pt: ", () => importPytorch(bytes, { name: "net.pt" }));
    return 0;
  }),
  fuzzKind("package-description", 1, changedJson(fc.constant(description)), async (text) => {
    await readPackage(text);
    return 0;
  }),
  fuzzKind("weight-names", 1, names, async (mapping) => {
    await outcome("net.pt: ", () =>
      importPytorch(small, { name: "net.pt", names: mapping as WeightNames }),
    );
    return 0;
  }),
  fuzzKind("npy-damaged", 1, damaged(npy), async (bytes) => {
    await outcome("a.npy: ", () => readNpy(bytes, "a.npy"));
    return 0;
  }),
];
