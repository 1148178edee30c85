import { test } from "uvu";
import * as assert from "uvu/assert";
import { planDispatches } from "../../src/gpu/planned-dispatches.js";
import { specialise } from "../../src/gpu/specialise.js";
import { unet } from "../../src/model/unet.js";
import { predictionSpec } from "../../src/predict/tile-graph.js";
import * as canvas from "../../src/shaders/canvas.generated.js";
import * as check from "../../src/shaders/check.generated.js";
import * as embedded from "../../src/shaders/embedded.generated.js";
import * as general from "../../src/shaders/general.generated.js";
import type { Shader } from "../../src/shaders/shader.js";
import { texts } from "../../src/shaders/texts-usual.generated.js";
import { uniformFields } from "../../src/shaders/uniform-fields.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { stepSpec } from "../../src/train/step-graph.js";
import { watchSpec } from "../../src/train/watch.js";
import { testDevice } from "../device.js";
import { shaderFiles } from "../shader-files.js";

/** The errors of a shader text, each with its line. */
async function errorsOf(name: string, code: string): Promise<string[]> {
  const { gpu } = await testDevice();
  gpu.pushErrorScope("validation");
  const { messages } = await gpu.createShaderModule({ label: name, code }).getCompilationInfo();
  const invalid = await gpu.popErrorScope();
  const errors = messages
    .filter(({ type }) => type === "error")
    .map(({ lineNum, message }) => `${name}.wgsl:${lineNum} ${message}`);
  return invalid && errors.length === 0 ? [invalid.message] : errors;
}

const all = Object.values<Shader>({ ...embedded, ...general, ...canvas, ...check });
const byName = new Map(all.map((shader) => [shader.name, shader]));

/** The text of a shader as it is embedded, those that draw included. */
const embeddedText = (name: string) => (byName.get(name) as Shader).text();

/** Shaders whose `enable` lines the adapter serves: the others need what it does not have. */
async function served(): Promise<[name: string, source: string][]> {
  const { features } = (await testDevice()).gpu;
  return [...shaderFiles()].filter(([, source]) => {
    const enabled = [...source.matchAll(/^enable (\w+);/gm)];
    return enabled.every(([, what]) => features.has(what === "f16" ? "shader-f16" : what));
  });
}

test("every shader compiles unchanged and without other files", async () => {
  for (const [name, source] of await served()) assert.equal(await errorsOf(name, source), []);
});

test("every embedded shader compiles with its defaults, its marked loops written out", async () => {
  for (const [name] of await served()) {
    const code = specialise(name, await embeddedText(name));
    assert.equal(await errorsOf(name, code), []);
  }
});

test("every line of an embedded shader is that of its file, without comment and some blanks", async () => {
  assert.equal([...byName.keys()].sort(), [...shaderFiles().keys()]);
  const dense = (text: string) => text.replaceAll(" ", "");
  for (const [name, source] of shaderFiles()) {
    const lines = source.split("\n");
    const embedded = (await embeddedText(name)).split("\n");
    assert.is(embedded.length, lines.length, name);
    for (const [i, line] of embedded.entries()) {
      assert.ok(dense(lines[i]).startsWith(dense(line)), `${name}.wgsl:${i + 1}: ${line}`);
      const isMarked = lines[i].endsWith("// unroll");
      assert.is(line.includes("//"), isMarked, `${name}.wgsl:${i + 1}: ${line}`);
    }
  }
});

test("the bindings of every shader are known before it is loaded, its record by its text", async () => {
  for (const [name, source] of shaderFiles()) {
    const aliases = [...source.matchAll(/^alias (\w+) = texture_storage_2d/gm)].map(([, a]) => a);
    const declared = [...source.matchAll(/^@group\(0\) @binding\((\d+)\) var(.*?) \w+: (\w+)/gm)];
    const kindOf = (space: string, type: string) =>
      type.startsWith("texture_storage_2d") || aliases.includes(type)
        ? "texture"
        : (/(?:, |<)(\w+)>$/.exec(space)?.[1] ?? "picture");
    assert.equal(
      declared.map(([, binding]) => Number(binding)),
      declared.map((_, i) => i),
      name,
    );
    assert.equal(
      byName.get(name)?.bindings,
      declared.map(([, , space, type]) => {
        const packable = aliases.includes(type) ? { isPackable: true } : {};
        return { kind: kindOf(space, type), ...packable };
      }),
      name,
    );
    const struct = /^struct Uniforms \{\n((?: .*\n)+)\}/m.exec(source);
    const lines = struct?.[1].trim().split("\n") ?? [];
    const declarations = lines.map((line) => line.trim()).filter((line) => !line.startsWith("//"));
    const fields = declarations.map((line) => line.split(",")[0]);
    for (const text of [source, await embeddedText(name)]) {
      const found = Object.entries(uniformFields(text)).map((field) => field.join(": "));
      assert.equal(found, fields, name);
    }
  }
});

test("the shaders that are loaded first are those that an untuned GPU runs for a U-Net", () => {
  const capabilities = {
    kind: "gpu",
    workgroupSize: 64,
    subgroups: true,
    textureSide: 8192,
  } as const;
  const target = { capabilities, choices: new Map() };
  const used = new Set<string>();
  for (const config of [{ base: 16 }, { base: 6, depth: 1, channels: 3, classes: 4, dropout: 0.5 }])
    for (const optimizer of ["sgd", "adam"] as const) {
      const model = unet(modelConfig(config));
      const specs = [
        stepSpec(model, trainingConfig({ optimizer, tile: 284 })),
        watchSpec(model, { optimizer }),
        predictionSpec(model, 284),
      ];
      for (const { dispatch } of specs.flatMap((spec) => planDispatches(target, spec))) {
        used.add(dispatch.shader.name);
      }
    }
  assert.equal(Object.keys(texts), [...used].sort());
});

test.run();
