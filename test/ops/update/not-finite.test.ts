import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { input, stateTensor } from "../../../src/graph/tensor.js";
import { NOT_FINITE_PARTS, notFinite } from "../../../src/ops/update/not-finite.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise } from "../../numbers.js";
import { stateBuffer } from "../../state.js";

test("NaN and infinities with all kinds of bits are counted, and finite numbers are not", async () => {
  const device = await testDevice();
  const bits = [0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff];
  const finite = [0x7f7fffff, 0xff7fffff, 0x00000001, 0x80000000, 0x7f000000, 0];
  const odd = new Float32Array(Uint32Array.from([...bits, ...finite]).buffer);
  for (const count of [12, 5004, 300_004]) {
    const clean = noise(count, 7);
    const values = clean.slice();
    values.set(odd, 0);
    values.set(odd, count - 12);
    const buffers = {
      clean: stateBuffer(device, "clean", clean),
      odd: stateBuffer(device, "odd", clean),
    };
    device.gpu.queue.writeBuffer(buffers.odd, 0, values); // bytes: floats would lose their bits
    const states = ["clean", "odd", "clean"].map((name) => stateTensor(name, [count], name));
    const found = notFinite(states);
    const plan = await compilePlan(device, { name: "find", outputs: [found], states: buffers });
    plan.run();
    const parts = await plan.read(found);
    const counts = states.map((_, i) =>
      parts
        .subarray(i * NOT_FINITE_PARTS, (i + 1) * NOT_FINITE_PARTS)
        .reduce((sum, part) => sum + part, 0),
    );
    assert.equal(counts, [0, count === 12 ? 6 : 12, 0]);
    plan.close();
    buffers.clean.destroy();
    buffers.odd.destroy();
  }
});

test("an image, whose padding may be anything, is refused", () => {
  assert.is(
    messageOf(() => notFinite([input("x", [1, 2, 3, 4])])),
    "not-finite: tensors must be dense, got image [1,2,3,4]",
  );
});

test.run();
