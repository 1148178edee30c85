import { test } from "uvu";
import * as assert from "uvu/assert";
import { createPipelines } from "../../src/gpu/pipelines.js";
import { specialise } from "../../src/gpu/specialise.js";
import { hasWideVectors } from "../../src/gpu/texel-format.js";
import { inWideVectors } from "../../src/gpu/wide-vectors.js";
import * as shaders from "../../src/shaders/embedded.generated.js";
import type { Shader } from "../../src/shaders/shader.js";
import { testDevice } from "../device.js";

const llvmpipe = (bits: number) =>
  ({
    vendor: "mesa",
    architecture: "",
    device: `llvmpipe-llvm-15-0-6-${bits}-bits-`,
    description: "llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)",
    subgroupMinSize: bits / 32,
    subgroupMaxSize: bits / 32,
  }) as GPUAdapterInfo;

test("llvmpipe has wide vectors with subgroups of 16 lanes, and no other adapter", () => {
  assert.ok(hasWideVectors(llvmpipe(512)));
  assert.not(hasWideVectors(llvmpipe(256)));
  const intel = { ...llvmpipe(512), device: "xe-2lpg", description: "Intel Arc" };
  assert.not(hasWideVectors(intel));
  assert.not(hasWideVectors(undefined));
});

test("for wide vectors no shader reads a texture of floats or shuffles", async () => {
  let textures = 0;
  for (const shader of Object.values<Shader>(shaders)) {
    const { name } = shader;
    const bindings = shader.bindings.filter(({ kind }) => kind === "texture");
    const packed = shader.bindings.flatMap(({ isPackable }, binding) =>
      isPackable ? binding : [],
    );
    const text = inWideVectors(specialise(name, await shader.text(), {}, packed), packed);
    assert.not.match(text, /rgba(32|16)float|subgroupShuffle/, name);
    // The remaining loads are in the functions, one per texture.
    assert.is(text.match(/\btextureLoad\(/g)?.length ?? 0, bindings.length, name);
    assert.is(text.match(/unpack2x16float\(half\.x\)/g)?.length ?? 0, packed.length, name);
    textures += bindings.length;
  }
  assert.ok(textures > 20, "shaders with textures");
});

test("shaders that read textures compile as they are for wide vectors, packed or not", async () => {
  const { gpu, capabilities } = await testDevice();
  // Only the text is tested on other adapters: it is valid on all.
  const info = { ...llvmpipe(512) };
  const wide = new Proxy(gpu, {
    get(target, key) {
      if (key === "adapterInfo") return info;
      const value = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const pipelines = createPipelines(wide);
  const lanes = { LANES: capabilities.workgroupSize };
  for (const [shader, constants] of [
    [shaders.maxPool2dGradientTexture, {}],
    [shaders.conv2dTextureAlone, lanes],
  ] as const) {
    await pipelines.get(shader, constants);
    await pipelines.get(shader, constants, [0]);
  }
  assert.is(pipelines.texelFormat(false), "rgba32uint");
  assert.is(pipelines.texelFormat(true), "rgba32uint");
});

test.run();
