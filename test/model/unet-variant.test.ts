import { test } from "uvu";
import * as assert from "uvu/assert";
import { input } from "../../src/graph/tensor.js";
import { nodesFor } from "../../src/graph/walk.js";
import { createModel } from "../../src/model/architectures.js";
import type { BuiltInConfig } from "../../src/model/built-in.js";
import { withoutDefaults } from "../../src/model/fields.js";
import { loadModel } from "../../src/model/load-model.js";
import { parameterTensors } from "../../src/model/parameters.js";
import { readConfig } from "../../src/model/read-config.js";
import { unet } from "../../src/model/unet.js";
import { unetDefaults } from "../../src/options/unet-defaults.generated.js";
import { encodeMetadata } from "../../src/train/checkpoint-metadata.js";
import { modelConfig } from "../../src/train/config.js";
import { messageOf } from "../errors.js";
import { OTHER_UNETS } from "../pytorch/unets-cases.js";

const made = (changes: Partial<BuiltInConfig>) => createModel(modelConfig(changes));
const refusal = (changes: Partial<BuiltInConfig>) => messageOf(() => made(changes));

/** The shapes of layers by name for one grey image of this side. */
function shapesOf(changes: Partial<BuiltInConfig>, side: number) {
  const model = made(changes);
  const x = input("image", [1, model.config.channels, side, side]);
  const heads = Object.values(model.outputs?.(x, parameterTensors(model.parameters)) ?? {});
  return new Map(
    nodesFor(heads).map(({ name, outputs }) => [name, outputs[0].shape.slice(1).join(" ")]),
  );
}

test("the U-Nets of other programs have their numbers of parameters", () => {
  const count = (changes: Partial<BuiltInConfig>) => made(changes).parameters.count;
  assert.is(count({ ...OTHER_UNETS.milesial, base: 64, channels: 3 }), 31_037_698);
  assert.is(count({ ...OTHER_UNETS.torchEm, base: 32 }), 7_237_314);
  assert.is(count({ ...OTHER_UNETS.starDist, base: 32, depth: 3 }), 1_365_506);
  const widths = "32,64,128,256,512,512,512,512";
  assert.is(count({ ...OTHER_UNETS.nnUNet, depth: 7, widths }), 46_314_444);
});

test("their maps have the sizes and channels of these programs", () => {
  const plain = shapesOf(
    { ...OTHER_UNETS.nnUNet, depth: 7, widths: "32,64,128,256,512,512,512,512" },
    512,
  );
  for (const [name, shape] of Object.entries({
    "encoder1.conv2": "32 512 512",
    "encoder2.conv1": "64 256 256",
    "encoder7.conv2": "512 8 8",
    "bottleneck.conv2": "512 4 4",
    "decoder7.up": "512 8 8",
    "decoder3.conv2": "128 128 128",
    head: "2 512 512",
    head2: "2 256 256",
    head6: "2 16 16",
  })) {
    assert.is(plain.get(name), shape, name);
  }
  assert.not.ok(plain.has("head7"), "the lowest level of the decoder has no head");
  const star = shapesOf({ ...OTHER_UNETS.starDist, base: 32, depth: 3 }, 64);
  assert.is(star.get("bottleneck.conv1"), "256 8 8");
  assert.is(star.get("bottleneck.conv2"), "128 8 8");
  assert.is(star.get("decoder3.up.resize"), "128 16 16");
  assert.is(star.get("decoder1.conv2"), "32 64 64");
  const em = shapesOf({ ...OTHER_UNETS.torchEm, base: 32 }, 64);
  assert.is(em.get("encoder1.norm1"), "1 64 64");
  assert.is(em.get("decoder4.up.resize"), "256 8 8");
});

test("fields with the paper's values make the paper's network and its file", async () => {
  const plain = modelConfig({ base: 4, depth: 2 });
  assert.equal(modelConfig({ base: 4, depth: 2, ...unetDefaults }), plain);
  assert.equal(Object.keys(plain), [
    "architecture",
    "base",
    "depth",
    "channels",
    "classes",
    "dropout",
  ]);
  const given = { ...plain, ...unetDefaults };
  assert.equal(unet(given).parameters.list, unet(plain).parameters.list);
  assert.equal((await loadModel(given)).title, "U-Net of base 4, depth 2");
  assert.equal(readConfig({ ...given }, "a file"), plain);
  const normalisation = { kind: "image" } as const;
  assert.equal(
    encodeMetadata({ model: withoutDefaults(given), normalisation }),
    encodeMetadata({ model: plain, normalisation }),
  );
});

test("a file stores the fields that differ, and a damaged one is refused", () => {
  const config = modelConfig({ base: 4, depth: 2, norm: "group", residual: true });
  const file = JSON.parse(
    encodeMetadata({ model: config, normalisation: { kind: "image" } }).model,
  );
  assert.is(file.norm, "group");
  assert.not.ok("padding" in file);
  assert.equal(readConfig(file, "a.safetensors"), config);
  assert.is(
    messageOf(() => readConfig({ ...file, norm: "layer" }, "a.safetensors")),
    'a.safetensors: damaged: the model\'s norm is "layer", expected none or batch or instance or group',
  );
});

test("sizes, halo and title follow from the fields", () => {
  const same = made({ base: 2, depth: 2, padding: "same", norm: "batch" });
  assert.is(same.title, "U-Net of base 2, depth 2, padding same, norm batch");
  assert.equal([same.outputSize(12), same.inputFor(13), same.gridStep], [12, 16, 4]);
  // Two 3x3 convolutions at each level see 2, 4 and 8 pixels, on the way down and on the way up.
  assert.ok(same.halo >= 20 && same.halo <= 24, `${same.halo}`);
  const valid = made({ base: 2, depth: 2, residual: true });
  assert.equal([valid.outputSize(60), valid.halo, valid.gridStep], [20, 0, 4]);
  assert.is(made({ base: 2, depth: 2, upsampling: "linear" }).outputSize(60), 20);
});

test("fields that do not fit each other are refused by name", () => {
  assert.is(
    refusal({ widths: "8,16", depth: 2 }),
    "model: widths has 2 numbers, expected 3: one for each level of depth 2, and the bottom",
  );
  assert.match(
    refusal({ widths: "8,0,16" }),
    /widths must be whole numbers with commas .*, got "8,0,16"/,
  );
  assert.match(refusal({ normFirst: true }), "normFirst needs a norm");
  assert.match(refusal({ downsampling: "strided" }), "strided convolutions need the padding same");
  assert.match(refusal({ deepSupervision: true }), "deepSupervision needs the padding same");
  const norm = "layer" as never;
  assert.match(refusal({ norm }), /norm must be none or batch or instance or group, got "layer"/);
  assert.match(
    messageOf(() => unet(modelConfig({ padding: "same" }))),
    "unet makes the paper's network, got padding same: use createModel",
  );
  assert.is(
    refusal({ architecture: "fcn8s", norm: "batch" }),
    "model: only a U-Net has norm, got it for fcn8s: leave it out",
  );
});

test.run();
