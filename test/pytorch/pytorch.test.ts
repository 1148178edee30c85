import { test } from "uvu";
import * as assert from "uvu/assert";
import { testDevice } from "../device.js";
import { compareCase, families, readGolden } from "./families.js";

for (const [family, cases] of Object.entries(families)) {
  const golden = readGolden(family);
  for (const one of cases) {
    test(`${family}: ${one.name} has PyTorch's numbers`, async () => {
      for (const row of await compareCase(await testDevice(), one, golden.cases[one.name])) {
        assert.ok(row.passed, `${row.what} is off by ${row.error}`);
      }
    });
  }
  test(`${family}: no number of PyTorch's is left out`, () => {
    assert.equal(Object.keys(golden.cases).sort(), cases.map(({ name }) => name).sort());
  });
}

test.run();
