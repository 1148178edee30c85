// Everything that one writes to add an op, and to add a kernel to conv2d.

/** Files of a change: new ones by their paths, and the edits of others. */
export interface Change {
  readonly created: Readonly<Record<string, string>>;
  /** Lines put in front of the first line that begins so. */
  readonly edited: Readonly<Record<string, readonly { before: string; added: string }[]>>;
}

export const toyOp: Change = {
  created: {
    "shaders/elementwise/twice.wgsl": `// y = 2 x, element by element, over the memory of both. One invocation computes four floats.
const LANES: u32 = 64; // invocations of a workgroup

struct Uniforms {
  groups: u32, // groups of four floats
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = id.x + id.y * workgroups.x * LANES;
  if (i < uniforms.groups) { y[i] = 2 * x[i]; }
}
`,
    "src/ops/elementwise/twice.ts": `import { apply, type Op } from "../../graph/op.js";
import type { Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

/** 2 x, element by element. */
export function twice(x: Tensor, name?: string): Tensor {
  return apply(twiceOp, [x], undefined, name)[0];
}

export const twiceOp: Op<undefined> = {
  name: "twice",
  outputs: ([{ shape, layout }]) => [{ shape, layout }],
  gradient: ({ name }, [dy]) => [dy && twice(dy, \`\${name} gradient\`)],
  receptiveField: ({ inputs: [x] }, rows) => [[x, rows]],
  kernels: [
    {
      name: "twice",
      dispatches: ({ inputs: [x], outputs: [y] }) => [
        perGroup(shaders.twice, y, { bindings: [x, y] }),
      ],
    },
  ],
};
`,
    "test/ops/elementwise/twice.test.ts": `import { test } from "uvu";
import { ops } from "../../../src/ops/list.js";
import * as assert from "uvu/assert";
import { twice, twiceOp } from "../../../src/ops/index.js";
import { checkOp } from "../../check-op.js";

test("twice doubles, and so does its gradient", async () => {
  await checkOp({
    name: "twice",
    inputs: { x: { shape: [2, 3, 5, 37] } },
    build: ({ x }) => twice(x),
    reference: ({ x }) => x.map((value) => 2 * value),
  });
  assert.ok(ops.includes(twiceOp));
});

test.run();
`,
  },
  edited: {
    "src/ops/index.ts": [
      { before: "export * from", added: 'export * from "./elementwise/twice.js";\n' },
    ],
  },
};

export const toyKernel: Change = {
  created: {
    "shaders/conv2d/conv2d-plain.wgsl": `// 2D convolution without activation, pixel by pixel:
//   y[n,o,i,j] = bias[o] + sum over c,ky,kx of weight[o,c,ky,kx] * x[n,c,i+ky-border,j+kx-border]
// One invocation computes a pixel, of those past the width too: these are 0.
const LANES: u32 = 64; // invocations of a workgroup
const BIAS: bool = true; // whether bias is added; without, the binding is not read

struct Uniforms {
  pixels: u32, // [N,CO,OH] rows of whole groups of four pixels
  kernel: u32,
  border: u32,
  inChannels: u32,
  inHeight: u32,
  inWidth: u32,
  outChannels: u32,
  outHeight: u32,
  outWidth: u32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// Where pixel (column, row) of a channel lies, \`row\` counted over all images.
fn place(row: u32, column: u32, c: u32, width: u32, channels: u32) -> u32 {
  return ((row * ((width + 31) / 32) + column / 32) * channels + c) * 32 + column % 32;
}

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let index = id.x + id.y * workgroups.x * LANES;
  if (index >= uniforms.pixels) { return; }
  let columns = (uniforms.outWidth + 3) / 4 * 4;
  let column = index % columns;
  let o = index / columns % uniforms.outChannels;
  let row = index / columns / uniforms.outChannels;
  let image = row / uniforms.outHeight;
  var sum: f32 = 0;
  for (var c: u32 = 0; c < uniforms.inChannels; c++) {
    for (var ky: u32 = 0; ky < uniforms.kernel; ky++) {
      let inRow = row % uniforms.outHeight + ky - uniforms.border;
      for (var kx: u32 = 0; kx < uniforms.kernel; kx++) {
        let inColumn = column + kx - uniforms.border;
        if (inRow >= uniforms.inHeight || inColumn >= uniforms.inWidth) { continue; }
        let tap = ((o * uniforms.inChannels + c) * uniforms.kernel + ky) * uniforms.kernel + kx;
        let at = place(image * uniforms.inHeight + inRow, inColumn, c, uniforms.inWidth, uniforms.inChannels);
        sum += weight[tap] * x[at];
      }
    }
  }
  if (BIAS) { sum += bias[o]; }
  y[place(row, column, o, uniforms.outWidth, uniforms.outChannels)] = select(0, sum, column < uniforms.outWidth);
}
`,
    "src/ops/conv2d/conv2d-plain.ts": `// The kernel of conv2d that is easiest to read, and slow.

import { dispatch, workgroupsFor } from "../../graph/dispatch.js";
import type { Kernel } from "../../graph/op.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import { type ConvolutionAttributes, convolutionInputs } from "./conv2d-attributes.js";

export const plainKernel: Kernel<ConvolutionAttributes> = {
  name: "plain",
  rank({ attributes: { activation, transposed, skip } }) {
    return activation === "none" && !transposed && !skip ? 100 : undefined;
  },
  dispatches(node) {
    const { x, weight, bias } = convolutionInputs(node);
    const [y] = node.outputs;
    const [, inChannels, inHeight, inWidth] = x.shape;
    const [n, outChannels, outHeight, outWidth] = y.shape;
    const pixels = n * outChannels * outHeight * Math.ceil(outWidth / 4) * 4;
    return [
      dispatch(shaders.conv2dPlain, {
        constants: { BIAS: Number(bias !== undefined) },
        bindings: [x, weight, bias ?? ABSENT, y],
        uniforms: {
          pixels,
          kernel: weight.shape[2],
          border: node.attributes.border,
          inChannels,
          inHeight,
          inWidth,
          outChannels,
          outHeight,
          outWidth,
        },
        workgroups: workgroupsFor(pixels, ELEMENTWISE_LANES),
      }),
    ];
  },
};
`,
    "test/ops/conv2d/conv2d-plain.test.ts": `import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkOp } from "../../../src/check/check-op.js";
import { conv2dReference } from "../../../src/check/references/conv2d-reference.js";
import { conv2d } from "../../../src/ops/index.js";
import { testDevice } from "../../device.js";

test("the plain kernel of conv2d is offered, and right", async () => {
  const sizes = { x: [2, 3, 6, 37], weight: [4, 3, 3, 3], border: 1 };
  const rows = await checkOp(await testDevice(), {
    name: "conv2d",
    inputs: {
      x: { shape: sizes.x, differentiable: false },
      weight: { shape: sizes.weight, layout: "dense", differentiable: false },
      bias: { shape: [4], differentiable: false },
    },
    build: ({ x, weight, bias }) => conv2d(x, weight, bias, { padding: "same" }),
    reference: ({ x, weight, bias }) => conv2dReference(sizes, x, weight, bias),
  });
  assert.ok(rows.some(({ kernel }) => kernel === "plain"));
  for (const { passed, problem } of rows) assert.ok(passed, problem);
});

test.run();
`,
  },
  edited: {
    "src/ops/conv2d/conv2d.ts": [
      {
        before: "import { sharedGradientKernel",
        added: 'import { plainKernel } from "./conv2d-plain.js";\n',
      },
      { before: "    textureWinogradKernel,", added: "    plainKernel,\n" },
    ],
  },
};
