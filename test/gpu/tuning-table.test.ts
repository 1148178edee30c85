import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TuningCache, tuningKey } from "../../src/gpu/adapter-entries.js";
import type { Device } from "../../src/gpu/device.js";
import { loadTuning, saveTuning } from "../../src/gpu/tuning-table.js";
import { kernelsVersion } from "../../src/shaders/version.generated.js";
import { testDevice } from "../device.js";

function memory(text?: string): TuningCache & { text: string | undefined } {
  return {
    name: "a place",
    text,
    async read() {
      return this.text;
    },
    async write(value) {
      this.text = value;
    },
  };
}

async function deviceWith(
  choices: Record<string, string>,
  change: Partial<Device["capabilities"]> = {},
): Promise<Device> {
  const device = await testDevice();
  const capabilities = { ...device.capabilities, ...change };
  return { ...device, capabilities, choices: new Map(Object.entries(choices)) };
}

test("choices that were kept come back for the same adapter, and for no other", async () => {
  const storage = memory();
  const fresh = await deviceWith({});
  assert.equal(await loadTuning(fresh, storage), { count: 0, remark: undefined });
  await saveTuning(await deviceWith({ "conv2d a": "texture" }), storage);
  await saveTuning(await deviceWith({ "conv2d b": "buffer" }), storage);
  await saveTuning(await deviceWith({ "conv2d a": "other" }, { workgroupSize: 128 }), storage);
  assert.equal(await loadTuning(fresh, storage), { count: 2, remark: undefined });
  assert.equal(Object.fromEntries(fresh.choices), { "conv2d a": "texture", "conv2d b": "buffer" });
  const other = await deviceWith({}, { subgroups: !fresh.capabilities.subgroups });
  assert.is((await loadTuning(other, storage)).count, 0);
});

test("the key names adapter, driver, capabilities and version", async () => {
  const device = await deviceWith({});
  const key = JSON.parse(tuningKey(device));
  assert.is(key.adapter, device.describe().adapter);
  // What a doctor found wrong does not change the key.
  const capabilities = { ...device.capabilities, avoided: undefined };
  assert.equal(key.capabilities, JSON.parse(JSON.stringify(capabilities)));
  assert.is(key.version, kernelsVersion);
  assert.match(kernelsVersion, /^\d+\.\d+\.\d+\+[0-9a-f]{12}$/);
  assert.equal(
    ["vendor", "architecture", "device", "description", "backend"].filter((name) => name in key),
    ["vendor", "architecture", "device", "description", "backend"],
  );
});

test("adapters whose names are hidden do not share choices, unless all else is the same", async () => {
  const device = await deviceWith({});
  const hidden = (
    change: object,
    limits: Record<string, number> = {},
    features = ["subgroups"],
  ) => {
    const info = { vendor: "", architecture: "", device: "", description: "", ...change };
    const description = { ...device.describe(), adapter: "unnamed adapter", features };
    const gpu = { adapterInfo: info } as GPUDevice;
    return tuningKey({
      ...device,
      gpu,
      describe: () => ({ ...description, limits: { ...description.limits, ...limits } }),
    });
  };
  const keys = [
    hidden({}),
    hidden({ subgroupMinSize: 32, subgroupMaxSize: 32 }),
    hidden({}, { maxBufferSize: 5 }),
    hidden({}, {}, []),
  ];
  assert.is(new Set(keys).size, keys.length);
  assert.is(hidden({}), keys[0]);
  // A name is enough: if a browser's update raises a limit, no choices are lost.
  assert.is(hidden({ vendor: "intel" }), hidden({ vendor: "intel" }, { maxBufferSize: 5 }));
});

test("a broken or foreign cache is ignored with a remark, and replaced when choices are kept", async () => {
  const entry = { key: tuningKey(await deviceWith({})), choices: { a: 3 } };
  for (const [text, why] of [
    ["{", "it is not JSON"],
    ["null", "it was written by another program"],
    ['{"name":"x"}', "it was written by another program"],
    ['{"micrograph":"kernels","format":7}', "its format is 7, expected 1"],
    ['{"micrograph":"kernels","format":1}', "it is damaged"],
    [JSON.stringify({ micrograph: "kernels", format: 1, entries: [entry] }), "it is damaged"],
  ]) {
    const storage = memory(text);
    const device = await deviceWith({});
    const remark = `a place: ignoring the tuning cache: ${why}`;
    assert.equal(await loadTuning(device, storage), { count: 0, remark });
    await saveTuning(await deviceWith({ layer: "buffer" }), storage);
    assert.is((await loadTuning(device, storage)).count, 1);
  }
  const locked = { ...memory(), read: () => Promise.reject(new Error("no permission")) };
  assert.match((await loadTuning(await deviceWith({}), locked)).remark as string, "no permission");
});

test("the cache remembers the newest 16 adapters and versions", async () => {
  const storage = memory();
  for (let lanes = 1; lanes <= 20; lanes++) {
    await saveTuning(await deviceWith({ layer: `${lanes}` }, { workgroupSize: lanes }), storage);
  }
  const counts = [];
  for (const lanes of [1, 4, 5, 20]) {
    counts.push((await loadTuning(await deviceWith({}, { workgroupSize: lanes }), storage)).count);
  }
  assert.equal(counts, [0, 0, 1, 1]);
});

test.run();
