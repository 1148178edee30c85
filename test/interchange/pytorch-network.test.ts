import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { writeSafetensors } from "../../src/formats/safetensors.js";
import { writeZip } from "../../src/formats/zip.js";
import { importPytorch } from "../../src/interchange/index.js";
import { recognise } from "../../src/interchange/pytorch/families.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";
import { foreignError, goldenNetworks } from "./foreign-network.js";

const folder = fileURLToPath(new URL("../../../test/fixtures/networks", import.meta.url));
const golden = goldenNetworks(folder);

for (const [name, one] of Object.entries(golden)) {
  test(`weights of PyTorch: ${name} gives PyTorch's numbers, also after ten steps of training`, async () => {
    const device = await testDevice();
    const { error, losses, after, remarks } = await foreignError(device, folder, name, one);
    assert.match(remarks[0], "recognised as ");
    // Sums of 32-bit floats in another order, through at most twelve layers; and ten times there and back.
    assert.ok(error < 2e-5, `${error}`);
    assert.ok(losses < 1e-4 && after < 1e-4, `${losses} ${after}`);
    const moved = one.after.map((value, i) => Math.abs(value - one.corner[i]));
    assert.ok(Math.max(...moved) > 1e-2);
  });
}

/** A pickle of protocol 2 from its instructions, in a zip file of torch.save. */
const archive = (...parts: (string | readonly number[])[]) =>
  writeZip([{ path: "a/data.pkl", bytes: pickle(...parts) }]);
const pickle = (...parts: (string | readonly number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "string" ? [...new TextEncoder().encode(part)] : part,
    ),
  );

test("a pickle that calls a function is refused by the function's name, and calls nothing", () => {
  const system = archive(
    [0x80, 2],
    "}",
    "X",
    [1, 0, 0, 0],
    "w",
    "cos\nsystem\n",
    "X",
    [2, 0, 0, 0],
    "ls",
    [0x85],
    "R",
    "s.",
  );
  const message = messageOf(() => importPytorch(system, { name: "evil.pt" }));
  assert.match(message, "evil.pt: ");
  assert.match(message, /in Python it would run os\.system/);
  const nested = archive(
    [0x80, 2],
    "}",
    "X",
    [5, 0, 0, 0],
    "model",
    "c__main__\nNet\n",
    ")",
    [0x81],
    "s.",
  );
  assert.match(
    messageOf(() => importPytorch(nested, { name: "net.pt" })),
    "it calls __main__.Net",
  );
});

test("the modules of a TorchScript archive are read, also those that a notebook made", () => {
  for (const module of ["__torch__.unet", "__torch__"]) {
    // An object of the class Net with an empty state.
    const bytes = archive([0x80, 2], `c${module}\nNet\n`, ")", [0x81], "}", "b.");
    assert.match(
      messageOf(() => importPytorch(bytes, { name: "net.pt" })),
      "net.pt: not weights of PyTorch, or damaged: it holds no tensors",
    );
  }
});

test("damaged weights are refused in a line, wherever they are cut", () => {
  const start = performance.now();
  const whole = archive([0x80, 2], "}", "(", "X", [1, 0, 0, 0], "w", "K", [1], "u.");
  for (const bytes of [
    new Uint8Array(),
    pickle("PK"),
    pickle([0x80, 2], "K", [1], "."),
    whole.subarray(0, whole.length - 9),
    archive([0x80, 2], "X", [255, 255, 255, 127], "w"),
    archive([0x80, 2], "(((((("),
    archive([0x80, 2], "h", [7], "."),
    archive([0x80, 2], "i"),
    archive([0x80, 2], "}."),
    archive("N."),
  ]) {
    assert.match(
      messageOf(() => importPytorch(bytes, { name: "bad.pt" })),
      /^bad\.pt: [^\n]*$/,
    );
  }
  assert.ok(performance.now() - start < 2000);
});

test("a tensor must lie in its storage", () => {
  const tensor = (count: number) =>
    archive(
      [0x80, 2],
      "}",
      "X",
      [1, 0, 0, 0],
      "w",
      "ctorch._utils\n_rebuild_tensor_v2\n",
      "((",
      "X",
      [7, 0, 0, 0],
      "storage",
      "ctorch\nFloatStorage\n",
      "X",
      [1, 0, 0, 0],
      "0",
      "X",
      [3, 0, 0, 0],
      "cpu",
      "K",
      [4],
      "tQ",
      "K",
      [0],
      "K",
      [count],
      [0x85],
      "K",
      [1],
      [0x85],
      [0x89],
      "}",
      "tRs.",
    );
  assert.match(
    messageOf(() => importPytorch(tensor(9), { name: "t.pt" })),
    "the archive has no data/0",
  );
});

test("safetensors of another program are recognised too, and an unknown network names what is known", () => {
  const bytes = new Uint8Array(4 * 9);
  const tensors = new Map([["fc.weight", { dtype: "F32" as const, shape: [1, 1, 3, 3], bytes }]]);
  const file = writeSafetensors({ tensors, metadata: {} });
  assert.match(
    messageOf(() => importPytorch(file, { name: "x.safetensors" })),
    /^x\.safetensors: the network is not recognised by its weights \(fc\.weight, \.\.\.\), expected .*milesial's U-Net.*ONNX instead$/,
  );
});

test("a network with a weight too many or too few is refused by its name", () => {
  const shapes = new Map<string, number[]>([
    ["upsamplers.0.1.weight", [2, 4, 1, 1]],
    ["encoders.0.0.weight", [2, 1, 3, 3]],
  ]);
  assert.match(
    messageOf(() => recognise(shapes)),
    "it looks like the U-Net of unet2d_nuclei_broad, but it has no weight encoders.0.1.weight",
  );
});

test.run();
