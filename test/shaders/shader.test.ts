import { test } from "uvu";
import * as assert from "uvu/assert";
import { shader } from "../../src/shaders/shader.js";
import { uniformFields } from "../../src/shaders/uniform-fields.js";
import { messageOf } from "../errors.js";

const X = "@group(0) @binding(0) var<storage, read> x: array<f32>;\n";
const Y = "@group(0) @binding(1) var<storage, read_write> y: array<f32>;\n";
const MAIN = "@compute @workgroup_size(1) fn main() { y[0] = x[0]; }\n";

test("a custom shader has its bindings, however they are written", async () => {
  const { name, bindings, text } = shader("own", X + Y + MAIN);
  assert.equal([name, bindings], ["own", [{ kind: "read" }, { kind: "read_write" }]]);
  assert.is(await text(), X + Y + MAIN);
  const other = `
    alias Texels = texture_storage_2d<rgba32float,read>;
    struct  Uniforms { count : u32, factor: f32 // @group(0) @binding(9) var<storage> no: u32;
    }
    /* @group(0) @binding(1) var<storage, read> gone: array<f32>; */
    @binding(2)@group(0)
      var<uniform> sizes :Uniforms;
    @group( 0 ) @binding( 1 ) var<storage,read_write> y: array<vec4<f32>>;
    @group(0) @binding(0) var x: Texels;
  `;
  assert.equal(shader("other", other).bindings, [
    { kind: "texture", isPackable: true },
    { kind: "read_write" },
    { kind: "uniform" },
  ]);
  assert.equal(uniformFields(other), { count: "u32", factor: "f32" });
});

test("a text that a plan cannot bind is an error that names the binding", () => {
  const refusals: [wgsl: unknown, message: string][] = [
    [undefined, "shader own: the text must be WGSL, got undefined"],
    [MAIN, "shader own: nothing has the binding 0: they are numbered from 0"],
    [Y, "shader own: nothing has the binding 0: they are numbered from 0"],
    [X + X, "shader own: the binding x has the number 0, which x has too"],
    [
      X.replace("group(0)", "group(1)"),
      "shader own: the binding x is in group 1: bindings must be in group 0",
    ],
    [
      "@group(0) @binding(0) var picture: texture_2d<f32>;",
      "shader own: the binding picture is a texture_2d<f32>, which plans do not bind: they copy " +
        "tensors into a texture_storage_2d<rgba32float, read>",
    ],
    [
      "@group(0) @binding(0) var s: sampler;",
      "shader own: the binding s is a var of sampler: expected storage, a uniform of the type " +
        "Uniforms, or a texture_storage_2d<rgba32float, read>",
    ],
    [
      `${X}@group(0) @binding(1) var<uniform> sizes: Sizes;`,
      "shader own: the binding sizes is a var<uniform> of Sizes: expected storage, a uniform of the type " +
        "Uniforms, or a texture_storage_2d<rgba32float, read>",
    ],
    [
      `struct Uniforms { sizes: vec2u }\n${X}@group(0) @binding(1) var<uniform> u: Uniforms;`,
      "shader own: the uniform sizes is a vec2u: expected u32, f32, i32",
    ],
    [
      `${X}@group(0) @binding(1) var<uniform> u: Uniforms;`,
      "shader own: it binds 1 uniforms and has no struct Uniforms with fields: expected one of each, or none",
    ],
    [
      `struct Uniforms { count: u32 }\n${X}`,
      "shader own: it binds 0 uniforms and has a struct Uniforms with fields: expected one of each, or none",
    ],
  ];
  for (const [wgsl, message] of refusals) {
    assert.is(
      messageOf(() => shader("own", wgsl as string)),
      message,
    );
  }
  assert.is(
    messageOf(() => shader("", X)),
    'shader: the name of a shader must be a string, got the text ""',
  );
});

test.run();
