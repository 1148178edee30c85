import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeRecords } from "../../src/gpu/uniforms.js";
import { messageOf } from "../errors.js";

const FIELDS = { count: "u32", offset: "i32", rate: "f32" } as const;
const specOf = (values: Record<string, number>) => ({ where: "node a", fields: FIELDS, values });

test("records lie at multiples of the alignment, their fields in order", () => {
  const large = 4_000_000_000; // needs all 32 bits
  const first = specOf({ rate: 0.5, count: large, offset: -3 });
  const { bytes, ranges } = encodeRecords([first, specOf({ count: 1, offset: 2, rate: 3 })], 256);
  assert.equal(ranges, [
    { offset: 0, size: 16 },
    { offset: 256, size: 16 },
  ]);
  const view = new DataView(bytes.buffer);
  assert.is(view.getUint32(0, true), large);
  assert.is(view.getInt32(4, true), -3);
  assert.is(view.getFloat32(8, true), 0.5);
  assert.is(view.getFloat32(256 + 8, true), 3);
});

test("errors of uniforms name the node if one is missing, unknown, or of another type", () => {
  const message = (values: Record<string, number>) =>
    messageOf(() => encodeRecords([specOf(values)], 256));
  assert.is(message({ count: 1, offset: 2 }), "node a: the uniform rate has no value");
  assert.is(
    message({ count: 1, offset: 2, rate: 3, more: 4 }),
    "node a: the shader has no uniform more",
  );
  assert.is(
    message({ count: -1, offset: 2, rate: 3 }),
    "node a: the uniform count must be a u32, got -1",
  );
  assert.is(
    message({ count: 1, offset: 0.5, rate: 3 }),
    "node a: the uniform offset must be a i32, got 0.5",
  );
});

test.run();
