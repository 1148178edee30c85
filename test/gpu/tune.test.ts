import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Device } from "../../src/gpu/device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { groupGraph, tunableGroups } from "../../src/gpu/tunable-groups.js";
import { tune } from "../../src/gpu/tune.js";
import { layerKey } from "../../src/graph/choose-kernel.js";
import { unet } from "../../src/model/unet.js";
import { reluGradient } from "../../src/ops/elementwise/relu.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { createTrainer } from "../../src/train/step.js";
import { tuneNetwork } from "../../src/train/tune-network.js";
import { testDevice } from "../device.js";
import { noise } from "../numbers.js";
import { image, many, SLOW } from "./many-op.js";

/** The test device with a separate table of choices. */
async function untuned(): Promise<Device> {
  return { ...(await testDevice()), choices: new Map() };
}

test("the fastest kernel whose answer is right wins, and plans follow the choice", async () => {
  const device = await untuned();
  const y = many(image("x"), ["slow", "wrong", "broken", "buffer"]);
  const before = await compilePlan(device, { name: "before", outputs: [y] });
  assert.is(before.dispatchCount, SLOW, "without a choice the first that is offered runs");
  before.close();
  const { layers, leftOut } = await tune(device, [{ name: "one", outputs: [y] }]);
  assert.equal([layers.length, leftOut], [1, 0]);
  const [{ candidates, winner, key, node, multiplyAdds }] = layers;
  assert.equal([winner, layers[0].default, node, multiplyAdds], ["buffer", "slow", "layer", 0]);
  const found = Object.fromEntries(candidates.map((candidate) => [candidate.kernel, candidate]));
  assert.ok([found.slow, found.buffer].every(({ ms }) => typeof ms === "number" && ms >= 0));
  assert.match(
    found.wrong.dropped as string,
    /^its answer is off by .*, the tolerance is 0\.00001$/,
  );
  assert.match(found.broken.dropped as string, /^node layer: shader relu has no const NOTHING$/);
  assert.equal([...device.choices], [[key, "buffer"]]);
  const after = await compilePlan(device, { name: "after", outputs: [y] });
  assert.is(after.dispatchCount, 1);
  after.close();
  device.check();
});

test("layers beyond the budget keep their default, layers with a choice theirs", async () => {
  const device = await untuned();
  const spec = { name: "late", outputs: [many(image("x"), ["slow", "buffer"])] };
  const late = await tune(device, [spec], { budgetMs: -1 });
  assert.equal([late.layers.length, late.leftOut, device.choices.size], [0, 1, 0]);
  await tune(device, [spec]);
  const again = await tune(device, [spec], { again: false });
  assert.equal([again.layers.length, again.leftOut], [0, 0]);
  assert.is((await tune(device, [spec], { again: true })).layers.length, 1);
});

test("a kernel that cannot take the mask of its layer pays for the pass that does", async () => {
  const device = await untuned();
  for (const [offered, masks, dispatches] of [
    [["slow", "buffer"], ["buffer"], 1],
    [["slow", "buffer"], ["slow"], 2],
  ] as const) {
    const y = reluGradient(image("mask"), many(image("x"), offered, masks), "mask");
    const spec = { name: "masked", outputs: [y] };
    const [layer] = tunableGroups(spec, device.capabilities);
    assert.ok(layer.key.endsWith(" mask"));
    assert.is(groupGraph(layer).inputs.length, 2);
    device.choices.clear();
    const { layers } = await tune(device, [spec]);
    assert.equal(
      layers.map(({ key, winner }) => [key, winner]),
      [[layer.key, "buffer"]],
    );
    const plan = await compilePlan(device, spec);
    assert.is(plan.dispatchCount, dispatches);
    plan.close();
  }
});

test("a choice of a kernel that takes no mask for a masked layer leaves the mask a pass", async () => {
  const device = await untuned();
  const x = many(image("x"), ["buffer", "slow"], ["buffer"]);
  const y = reluGradient(image("mask"), x, "mask");
  const [{ key }] = tunableGroups({ name: "masked", outputs: [y] }, device.capabilities);
  device.choices.set(key, "slow");
  const plan = await compilePlan(device, { name: "masked", outputs: [y] });
  const values = { x: noise(8 * 4096, 1).map(Math.abs), mask: noise(8 * 4096, 2) };
  plan.run(values);
  const expected = values.x.map((value, i) => (values.mask[i] > 0 ? value : 0));
  assert.equal(await plan.read(y), expected);
  plan.close();
});

test("equal layers are one, and the layers of a step come by their multiply-adds", async () => {
  const device = await untuned();
  const twice = [many(image("a"), ["slow", "buffer"]), many(image("b"), ["slow", "buffer"])];
  const [layer, ...others] = tunableGroups({ name: "two", outputs: twice }, device.capabilities);
  assert.equal([layer.count, others.length], [2, 0]);
  assert.is(layer.key, layerKey(layer.node));
  const model = unet(modelConfig({ base: 4, depth: 2 }));
  const options = trainingConfig({ tile: 60 });
  const seen: number[] = [];
  const result = await tuneNetwork(device, model, options, {
    predictionTile: 92,
    // A slow machine without compiled kernels would leave layers out.
    budgetMs: Infinity,
    onLayer: ({ multiplyAdds }, done, total) => {
      seen.push(multiplyAdds);
      assert.ok(done <= total);
    },
  });
  assert.is(result.leftOut, 0);
  // Every kernel that the adapter offers passes its check at the shapes of a network.
  const dropped = result.layers.flatMap(({ node, candidates }) =>
    candidates.filter(({ dropped }) => dropped).map((candidate) => ({ node, ...candidate })),
  );
  assert.equal(dropped, []);
  assert.is(seen.length, result.layers.length);
});

test("one table of choices gives one run, to the bit, and another table another one", async () => {
  const device = await untuned();
  const model = unet(modelConfig({ base: 4, depth: 1 }));
  const options = trainingConfig({ tile: 44 });
  const { layers } = await tuneNetwork(device, model, options);
  const out = model.outputSize(44) ** 2;
  const batch = {
    image: noise(44 * 44, 1),
    label: noise(out, 2).map((value) => Number(value > 0)),
    weight: new Float32Array(out).fill(1),
  };
  const run = async () => {
    const trainer = await createTrainer(device, model, options);
    for (let i = 0; i < 3; i++) trainer.step(batch);
    const tensors = await trainer.tensors();
    trainer.close();
    return tensors;
  };
  const tuned = await run();
  assert.equal(await run(), tuned);
  if (layers.every(({ candidates }) => candidates.length === 1)) return; // nothing to choose
  for (const { key, candidates, winner } of layers) {
    const other = candidates.find(({ kernel, dropped }) => kernel !== winner && !dropped);
    device.choices.set(key, other?.kernel ?? winner);
  }
  assert.not.equal(await run(), tuned, "the choices are followed");
});

test.run();
