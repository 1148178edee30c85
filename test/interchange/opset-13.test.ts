import { test } from "uvu";
import * as assert from "uvu/assert";
import { readOnnx } from "../../src/formats/onnx/read-onnx.js";
import { exportOnnx, importOnnx } from "../../src/interchange/index.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";
import { computedBy, imageOf, worst } from "./computed-onnx.js";
import { wholeImage } from "./exported-network.js";
import { onnxBytes } from "./onnx-bytes.js";
import { chain, VERSIONS } from "./onnx-versions.js";

for (const [what, model] of VERSIONS) {
  test(`operators of version ${what} go out as those of version 13`, async () => {
    const { checkpoint } = await importOnnx(onnxBytes(model), { halo: 4 });
    const image = imageOf(checkpoint, 16, 12);
    const { bytes } = exportOnnx(checkpoint);
    const { opset, nodes, initializers } = readOnnx(bytes, "out.onnx");
    assert.is(opset, 13);
    const later = ["HardSwish", "GroupNormalization", "LayerNormalization", "Upsample", "Dropout"];
    assert.equal(
      nodes.filter(({ operator }) => later.includes(operator)),
      [],
    );
    const places = { ReduceMean: 1, ReduceMax: 1, ReduceSum: 2, Clip: 3, Slice: 4, Unsqueeze: 2 };
    for (const { operator, inputs } of nodes) {
      const most = Object.hasOwn(places, operator) ? places[operator as "Clip"] : inputs.length;
      assert.ok(inputs.length <= most, operator);
    }
    assert.is(new Set(initializers.map(({ name }) => name)).size, initializers.length);
    const read = new Set(nodes.flatMap(({ inputs }) => inputs));
    assert.ok(initializers.every(({ name }) => read.has(name)));
    const wanted = await wholeImage(await testDevice(), checkpoint, image);
    const { computed } = await computedBy(bytes, image, { halo: 4 });
    assert.ok(wanted.some((value) => Math.abs(value - wanted[0]) > 1e-3));
    assert.ok(worst(computed, wanted) < 1e-5, `${worst(computed, wanted)}`);
  });
}

test("what operators of version 13 cannot say is refused by the node's name", async () => {
  const attributes = { mode: "linear", antialias: 1 };
  const sizes = { scales: { dims: [4], values: [1, 1, 1, 1] } };
  const resize = {
    op: "Resize",
    name: "up",
    inputs: ["x", "", "scales"],
    outputs: ["y"],
    attributes,
  };
  const { checkpoint } = await importOnnx(onnxBytes(chain(18, [resize], sizes)));
  assert.match(
    messageOf(() => exportOnnx(checkpoint)),
    "node Resize of up: antialias 1 cannot be written with operators of version 13",
  );
});

test.run();
