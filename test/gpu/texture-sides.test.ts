import { test } from "uvu";
import * as assert from "uvu/assert";
import { textureReads } from "../../src/gpu/dispatch-bindings.js";
import type { PlanSpec } from "../../src/gpu/plan-spec.js";
import { planDispatches } from "../../src/gpu/planned-dispatches.js";
import type { Capabilities } from "../../src/graph/capabilities.js";
import { textureSize } from "../../src/graph/layout.js";
import { input, type Tensor } from "../../src/graph/tensor.js";
import { unet } from "../../src/model/unet.js";
import { conv2d, gradients } from "../../src/ops/index.js";
import { predictionSpec } from "../../src/predict/tile-graph.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { stepSpec } from "../../src/train/step-graph.js";

const ADAPTERS = {
  lavapipe: { kind: "cpu", workgroupSize: 8, subgroups: true },
  "lanes that share no loads": { kind: "cpu", workgroupSize: 8, subgroups: false },
  GPU: { kind: "gpu", workgroupSize: 64, subgroups: false },
} as const;

/** The sides that WebGPU promises: in its compatibility mode, and otherwise. */
const SIDES = [4096, 8192];

/** The sides of the textures that are larger than the adapter's, each with its node and kernel. */
function tooLarge(capabilities: Capabilities, spec: PlanSpec, kernel: string | undefined) {
  const choose = (_node: unknown, offered: readonly string[]) =>
    offered.find((name) => name === kernel) ?? offered[0];
  const steps = planDispatches({ capabilities, choices: new Map() }, { ...spec, choose });
  return steps.flatMap((step) =>
    textureReads(step).flatMap((tensor) => {
      const { width, height } = textureSize(tensor);
      const fits = Math.max(width, height) <= capabilities.textureSide;
      return fits ? [] : [`${step.node.name} by ${step.kernel}: ${width} x ${height}`];
    }),
  );
}

/** Base width, depth and tile: tall textures, wide ones, and both. */
const NETWORKS = [
  [4, 1, 380],
  [8, 2, 556],
  [16, 4, 700],
  [64, 4, 572],
  [128, 4, 188],
  [256, 4, 188],
] as const;

test("every texture of every kernel that is offered fits the adapter", () => {
  for (const [name, adapter] of Object.entries(ADAPTERS)) {
    for (const textureSide of SIDES) {
      for (const [base, depth, tile] of NETWORKS) {
        const model = unet(modelConfig({ base, depth }));
        const specs = [stepSpec(model, trainingConfig({ tile })), predictionSpec(model, tile)];
        for (const kernel of [undefined, "texture", "texture-winograd"]) {
          const found = specs.flatMap((spec) =>
            tooLarge({ ...adapter, textureSide }, spec, kernel),
          );
          const where = `${name}, side ${textureSide}, base ${base}, depth ${depth}, tile ${tile}`;
          assert.equal(found, [], `${where}, ${kernel ?? "first guesses"}`);
        }
      }
    }
  }
});

/** The gradients of two convolutions with this many channels, the first masked by its ReLU. */
function layers(channels: readonly [number, number, number]): PlanSpec {
  const [a, b, c] = channels;
  const weight = (name: string, outs: number, ins: number) =>
    input(name, [outs, ins, 3, 3], "dense");
  const weights = [weight("w1", b, a), weight("w2", c, b)];
  const hidden = conv2d(input("x", [1, a, 12, 12]), weights[0], undefined, { activation: "relu" });
  const y = conv2d(hidden, weights[1]);
  const seed = input("seed", y.shape);
  return { name: "layers", outputs: gradients(y, weights, seed) as Tensor[] };
}

test("so does every texture of layers whose channels differ much", () => {
  const cases = [
    [4, 700, 4],
    [4, 1008, 16],
    [16, 2048, 16],
    [4, 4096, 4],
    [2048, 16, 4000],
  ] as const;
  for (const [name, adapter] of Object.entries(ADAPTERS)) {
    for (const textureSide of SIDES) {
      for (const channels of cases) {
        for (const kernel of [undefined, "texture", "texture-winograd"]) {
          const found = tooLarge({ ...adapter, textureSide }, layers(channels), kernel);
          assert.equal(found, [], `${name}, side ${textureSide}, channels ${channels}`);
        }
      }
    }
  }
});

test.run();
