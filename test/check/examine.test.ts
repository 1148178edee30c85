import { test } from "uvu";
import * as assert from "uvu/assert";
import { planCheck } from "../../src/check/check-op.js";
import { examinationLines, kernelSummaries } from "../../src/check/examination-text.js";
import { type Examination, type ExaminationScope, examine } from "../../src/check/examine.js";
import { examineOnce } from "../../src/check/examine-once.js";
import { FIRST_CASES, NETWORK_CASES } from "../../src/check/network-cases.js";
import { UPDATE_CASES } from "../../src/check/update-cases.js";
import type { TuningCache } from "../../src/gpu/adapter-entries.js";
import { loadAvoided, saveAvoided } from "../../src/gpu/avoided-kernels.js";
import { compilePlan } from "../../src/gpu/plan.js";
import type { PlanSpec } from "../../src/gpu/plan-spec.js";
import { planDispatches } from "../../src/gpu/planned-dispatches.js";
import { tunableGroups } from "../../src/gpu/tunable-groups.js";
import { kernelKey, kernelsOf, layerKey } from "../../src/graph/choose-kernel.js";
import { apply, type Node } from "../../src/graph/op.js";
import { input } from "../../src/graph/tensor.js";
import { createModel } from "../../src/model/architectures.js";
import { conv2dOp, relu } from "../../src/ops/index.js";
import { predictionSpec } from "../../src/predict/tile-graph.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { stepSpec } from "../../src/train/step-graph.js";
import { testDevice } from "../device.js";
import { variantsOf } from "../device-variants.js";
import { rejectionOf } from "../errors.js";
import { withFault } from "./faulty-device.js";

function memoryStorage(text?: string): TuningCache {
  let kept = text;
  return {
    name: "memory",
    read: async () => kept,
    write: async (written) => {
      kept = written;
    },
  };
}

/** The first case only, so that a test takes a second. */
const short = { scope: "quick", budgetMs: 0 } as const;

/** The specs of the networks: a step of each and its prediction. */
function networkSpecs(): PlanSpec[] {
  return (["unet", "fcn8s", "fcn8s-vgg16"] as const).flatMap((architecture) => {
    const model = createModel(modelConfig({ architecture, base: 16 }));
    const tile = model.inputFor(1);
    return (["sgd", "adam"] as const).flatMap((optimizer) => [
      stepSpec(model, { ...trainingConfig({ tile, optimizer }) }),
      predictionSpec(model, model.inputFor(2 * model.halo + 1)),
    ]);
  });
}

test("the cases have every kernel that a U-Net or an FCN can run, on every kind of adapter", async () => {
  const specs = networkSpecs();
  for (const [variant, device] of variantsOf(await testDevice())) {
    const target = { ...device, choices: new Map() };
    const examined = new Set(UPDATE_CASES.flatMap(({ name }) => [`${name} ${name}`]));
    examined.add("log-value log-value");
    for (const one of [...FIRST_CASES, ...NETWORK_CASES]) {
      for (const { node, kernel } of planCheck(one, target).flatMap(({ steps }) => steps)) {
        examined.add(kernelKey(node.op.name, kernel));
      }
    }
    const missing = new Set<string>();
    for (const spec of specs) {
      const first = planDispatches(target, spec).map(({ node, kernel }) => [node.op.name, kernel]);
      const tuned = tunableGroups(spec, device.capabilities).flatMap(({ node, offered }) =>
        offered.map(({ name }) => [node.op.name, name]),
      );
      for (const [op, kernel] of [...first, ...tuned]) {
        if (!examined.has(kernelKey(op, kernel))) missing.add(kernelKey(op, kernel));
      }
    }
    assert.equal([...missing], [], variant);
  }
});
// On the device only the two shaders of a quick examination's first case are compiled.
const dropBias = (text: string) => text.replaceAll(/bias\[[^\]]*\]/g, "0.0");

test("a quick examination of a right adapter finds no fault, and its report has the numbers", async () => {
  const device = withFault(await testDevice(), "", (text) => text);
  const names: string[] = [];
  const onProgress = (name: string) => names.push(name);
  const examination = await examine(device, { scope: "quick", onProgress });
  assert.ok(examination.passed, JSON.stringify(examination.avoided));
  assert.is(names[0], FIRST_CASES[0].name);
  assert.is(examination.cases.length + examination.hazards.length, names.length);
  assert.ok(kernelSummaries(examination).every(({ worst, passed }) => passed && worst <= 1));
  const text = examinationLines(examination).join("\n");
  assert.match(text, examination.adapter);
  assert.match(text, "No fault was found.");
});

test("a kernel with a dropped bias is named with its numbers, and another takes its place", async () => {
  const all = await testDevice();
  // On this variant the first choice reads buffers and has no twin that shares its shader.
  const [, gpu] = [...variantsOf(all)][1];
  const device = withFault(gpu, "conv2d-workgroup", dropBias);
  const examination = await examine(device, { scope: "quick", budgetMs: 500 });
  assert.not.ok(examination.passed);
  const [[kernel, problem], ...more] = Object.entries(examination.avoided);
  assert.match(kernel, /^conv2d workgroup/);
  assert.match(problem, /kernel workgroup.*: forward is off by 0\.\d+, the tolerance is 0\.00001/);
  assert.ok(more.every(([other]) => /^conv2d workgroup/.test(other)));
  const node = apply(conv2dOp, [input("x", [1, 16, 9, 9]), input("w", [16, 16, 3, 3], "dense")], {
    ...{ border: 0, activation: "none", transposed: false, bias: false, skip: false },
  })[0].node as Node;
  const names = kernelsOf(node, device.capabilities).map(({ name }) => name);
  assert.not.ok(names.includes(kernel.split(" ")[1]), `${names}`);
  assert.ok(names.length > 0);
  // The tuner's choice of the wrong kernel is not followed either.
  device.choices.set(layerKey(node), kernel.split(" ")[1]);
  const spec = { name: "one", outputs: node.outputs };
  assert.ok(planDispatches(device, spec).every((step) => step.kernel !== kernel.split(" ")[1]));
  device.choices.clear();
});

test("a wrong number that follows from another kernel's is not counted as an error of the one that wrote it", () => {
  const rowOf = (kernel: string, error: number) => {
    const measure = { what: "forward", op: kernel, kernel, error, tolerance: 1e-5 };
    return { ...measure, passed: error < 1e-5, problem: error < 1e-5 ? undefined : "off" };
  };
  const rows = [rowOf("crop", 1e-6), rowOf("pool", 0.5), rowOf("crop", 0.5)];
  const cases = [{ name: "pool and crop", ms: 1, rows }];
  const examination = { cases, avoided: { "pool pool": "off" } } as unknown as Examination;
  const [crop, pool, ...more] = kernelSummaries(examination);
  assert.equal([crop.kernel, crop.comparisons, crop.passed], ["crop", 1, true]);
  assert.ok(crop.worst <= 1);
  assert.equal([pool.kernel, pool.comparisons, pool.passed], ["pool", 1, false]);
  assert.equal(more, []);
});

test("if no kernel of an op is left, planning throws before anything runs", async () => {
  const device = withFault(await testDevice(), "relu", (text) => text.replace("max(", "min("));
  const examination = await examine(device, short);
  assert.equal(Object.keys(examination.avoided), ["relu relu"]);
  assert.match(examination.unusable.join(), "no kernel of relu computes it on this adapter");
  const y = relu(input("x", [1, 1, 4, 4]));
  const problem = await rejectionOf(compilePlan(device, { name: "relu", outputs: [y] }));
  assert.is(problem, "node relu: no kernel of relu computes it on this adapter: relu (wrong here)");
});

test("the first examination is stored, continued until it is complete, and then only loaded", async () => {
  const storage = memoryStorage();
  const device = withFault(await testDevice(), "relu", (text) => text.replace("max(", "min("));
  const first = (await examineOnce(device, storage, { budgetMs: 0 })) as Examination;
  assert.not.ok(first.passed);
  // There was time for one case only: the next call continues with the second, and forgets nothing.
  assert.is(first.next, 1);
  const second = (await examineOnce(device, storage, { budgetMs: 0 })) as Examination;
  assert.equal([second.cases.length + second.hazards.length, second.next], [1, 2]);
  while (await examineOnce(device, storage, { budgetMs: 5000 }));
  device.avoided.clear();
  assert.is(await examineOnce(device, storage, { budgetMs: 0 }), undefined);
  assert.equal([...device.avoided], ["relu relu"]);
  // A quick one that passes forgets nothing that a larger one found.
  await saveAvoided(device, storage, { scope: "full", avoided: first.avoided });
  await saveAvoided(device, storage, { scope: "quick", avoided: {} });
  assert.equal((await loadAvoided(device, storage)).known?.avoided, first.avoided);
  await saveAvoided(device, storage, { scope: "full", avoided: {} });
  assert.equal((await loadAvoided(device, storage)).known?.avoided, {});
});

test("a damaged store is a remark, and the adapter is examined as if there were none", async () => {
  const device = withFault(await testDevice(), "", (text) => text);
  const storage = memoryStorage('{"micrograph":"doctor","format":1,"entries":[{"key":1}]}');
  const { known, remark } = await loadAvoided(device, storage);
  assert.equal(known, undefined);
  assert.is(remark, "memory: ignoring the doctor's results: it is damaged");
  assert.ok(await examineOnce(device, storage, { budgetMs: 0 }));
  assert.ok((await loadAvoided(device, storage)).known);
});

test("an examination can be stopped, and refuses unknown scopes", async () => {
  const device = withFault(await testDevice(), "", (text) => text);
  const signal = AbortSignal.abort(new Error("stopped"));
  assert.is(await rejectionOf(examine(device, { signal })), "stopped");
  const scope = "whole" as ExaminationScope;
  assert.is(
    await rejectionOf(examine(device, { scope })),
    "examine: the scope must be quick or normal or full, got whole",
  );
});

test.run();
