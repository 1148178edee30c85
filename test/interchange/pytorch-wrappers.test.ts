import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readPytorch } from "../../src/formats/pytorch/read-pytorch.js";
import { writeSafetensors } from "../../src/formats/safetensors.js";
import { writeZip } from "../../src/formats/zip.js";
import { importPytorch } from "../../src/interchange/index.js";
import { messageOf } from "../errors.js";

const milesial = fileURLToPath(
  new URL("../../../test/fixtures/networks/milesial.pt", import.meta.url),
);

/** Instructions of a pickle. */
type Pickled = readonly (string | number)[];

const text = (value: string): Pickled => ["X", value.length, 0, 0, 0, value];
const dictionary = (entries: Readonly<Record<string, Pickled>>): Pickled => [
  "}(",
  ...Object.entries(entries).flatMap(([key, value]) => [...text(key), ...value]),
  "u",
];
/** A tensor of one element of the storage "0". */
const tensor: Pickled = [
  "ctorch._utils\n_rebuild_tensor_v2\n((",
  ...text("storage"),
  "ctorch\nFloatStorage\n",
  ...text("0"),
  ...text("cpu"),
  ...["K", 1, "tQK", 0, "K", 1, 0x85, "K", 1, 0x85, 0x89, "}tR"],
];

/** A file of torch.save with a value. */
function saved(value: Pickled): Uint8Array {
  const instructions = [0x80, 2, ...value, "."];
  const bytes = instructions.flatMap((one) =>
    typeof one === "number" ? [one] : [...new TextEncoder().encode(one)],
  );
  return writeZip([
    { path: "a/data.pkl", bytes: Uint8Array.from(bytes) },
    { path: "a/data/0", bytes: new Uint8Array(4) },
  ]);
}

const weights = dictionary({ w: tensor });
const optimizer = dictionary({ state: dictionary({ step: tensor }) });
const CHECKPOINTS: Readonly<Record<string, Pickled>> = {
  "a loss next to the weights": dictionary({ loss: tensor, model_state_dict: weights }),
  "a key of its own, next to an optimiser": dictionary({ generator: weights, optimizer }),
  "dictionaries inside each other": dictionary({
    checkpoint: dictionary({ net: dictionary({ state_dict: weights }) }),
  }),
};

for (const [what, value] of Object.entries(CHECKPOINTS)) {
  test(`the weights of a checkpoint are found: ${what}`, () => {
    assert.equal([...readPytorch(saved(value), "run.pt").keys()], ["w"]);
  });
}

test("two dictionaries that may be the weights are refused by their names", () => {
  const two = saved(dictionary({ generator: weights, discriminator: weights }));
  assert.match(
    messageOf(() => readPytorch(two, "gan.pt")),
    "it is a dictionary of generator, discriminator, expected weights by name, or state_dict",
  );
});

for (const prefix of [
  "module.",
  "_orig_mod.",
  "module._orig_mod.",
  "model.",
  "net.",
  "model.unet.",
]) {
  test(`a network inside ${prefix} is recognised`, () => {
    const plain = readPytorch(readFileSync(milesial), "milesial.pt");
    const tensors = new Map(
      [...plain].map(([name, { shape, data }]) => {
        const bytes = new Uint8Array(Float32Array.from(data).buffer);
        return [`${prefix}${name}`, { dtype: "F32" as const, shape, bytes }] as const;
      }),
    );
    const file = writeSafetensors({ tensors, metadata: {} });
    const { checkpoint, remarks } = importPytorch(file);
    const wanted = importPytorch(readFileSync(milesial)).checkpoint;
    assert.match(remarks[0], "recognised as milesial's U-Net");
    assert.equal([...checkpoint.tensors], [...wanted.tensors]);
  });
}

test.run();
