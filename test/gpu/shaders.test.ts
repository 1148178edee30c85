import { test } from "uvu";
import * as assert from "uvu/assert";
import { shaderNames, shaderSource, specialise } from "../../src/gpu/specialise.js";
import { testDevice } from "../device.js";

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

/** Shaders whose `enable` lines the adapter serves: the others need what it does not have. */
async function served(): Promise<string[]> {
  const { features } = (await testDevice()).gpu;
  return shaderNames.filter((name) => {
    const enabled = [...shaderSource(name).matchAll(/^enable (\w+);/gm)];
    return enabled.every(([, what]) => features.has(what === "f16" ? "shader-f16" : what));
  });
}

test("every shader compiles alone, as it stands in its file", async () => {
  for (const name of await served()) assert.equal(await errorsOf(name, shaderSource(name)), []);
});

test("every shader compiles with its defaults, its marked loops written out", async () => {
  for (const name of await served()) {
    assert.equal(await errorsOf(name, specialise(name).code), []);
  }
});

test("the bindings and the record of every shader are found", () => {
  for (const name of shaderNames) {
    const { bindings, record } = specialise(name);
    const declared = shaderSource(name).match(/^@group/gm) ?? [];
    assert.is(bindings.length, declared.length, name);
    const struct = /^struct Record \{\n((?: .*\n)+)\}/m.exec(shaderSource(name));
    assert.is(record.length, struct?.[1].trim().split("\n").length ?? 0, name);
  }
});

test.run();
