import { test } from "uvu";
import * as assert from "uvu/assert";
import { createPipelines } from "../../src/gpu/pipelines.js";
import { bindingsOf, loadShader, shaderNames } from "../../src/gpu/shaders.js";
import { specialise } from "../../src/gpu/specialise.js";
import { hasWideVectors } from "../../src/gpu/texel-format.js";
import { inWideVectors } from "../../src/gpu/wide-vectors.js";
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
  for (const name of shaderNames) {
    const bindings = bindingsOf(name).filter(({ kind }) => kind === "texture");
    const packed = bindings.filter(({ isPackable }) => isPackable).map(({ binding }) => binding);
    const text = inWideVectors(specialise(name, await loadShader(name), {}, packed), packed);
    assert.not.match(text, /rgba(32|16)float|subgroupShuffle/, name);
    // What is left of the loads is in the functions, one per texture.
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
  for (const name of ["max-pool2d-gradient-texture", "conv2d-texture-alone"]) {
    const lanes: Record<string, number> = name.includes("pool")
      ? {}
      : { LANES: capabilities.workgroupSize };
    await pipelines.get(name, lanes);
    await pipelines.get(name, lanes, [0]);
  }
  assert.is(pipelines.texelFormat(false), "rgba32uint");
  assert.is(pipelines.texelFormat(true), "rgba32uint");
});

test.run();
