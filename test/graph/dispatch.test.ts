import { test } from "uvu";
import * as assert from "uvu/assert";
import { workgroupsFor } from "../../src/graph/dispatch.js";

test("workgroupsFor gives as many workgroups as the items need, and at least one", () => {
  assert.equal(workgroupsFor(1, 64), [1, 1, 1]);
  assert.equal(workgroupsFor(0, 64), [1, 1, 1]);
  assert.equal(workgroupsFor(64, 64), [1, 1, 1]);
  assert.equal(workgroupsFor(65, 64), [2, 1, 1]);
  assert.equal(workgroupsFor(65535 * 8, 8), [65535, 1, 1]);
});

test("workgroupsFor folds into two dimensions past 65,535, and covers every item", () => {
  for (const groups of [65536, 65537, 131071, 10_000_019]) {
    const [x, y, z] = workgroupsFor(groups * 8, 8);
    assert.ok(x <= 65535 && y <= 65535 && z === 1, `${groups}: ${[x, y, z]}`);
    assert.ok(x * y >= groups && x * y < groups + y, `${groups}: ${[x, y, z]}`);
  }
});

test.run();
