// A custom op with its own WGSL: softClip keeps logits between -limit and limit. A U-Net is trained
// with it like any other, with everything that training offers: fusion, recomputation, storage in
// 16 bits.
//
// In your own project: from "micrograph/ops" and "micrograph/node".

import { pathToFileURL } from "node:url";
import {
  AUGMENTATIONS,
  createSampler,
  createTrainer,
  type Device,
  type Model,
  modelConfig,
  openDevice,
  syntheticSample,
  type TrainerOptions,
  unet,
} from "../src/node.js";
import {
  apply,
  type Op,
  perGroup,
  ShapeError,
  shader,
  type Tensor,
  TOLERANCES,
} from "../src/operations.js";

/** limit * tanh(x / limit), element by element: x [N,C,H,W] -> [N,C,H,W]. */
export function softClip(x: Tensor, limit: number, name?: string): Tensor {
  return apply(softClipOp, [x], { limit }, name)[0];
}

interface Attributes {
  readonly limit: number;
}

export const softClipOp: Op<Attributes> = {
  name: "soft-clip",
  outputs([x], { limit }) {
    if (!(limit > 0)) throw new ShapeError(`soft-clip: the limit must be above 0, got ${limit}`);
    return [{ shape: x.shape, layout: x.layout }];
  },
  gradient({ outputs: [y], attributes, name }, [dy]) {
    return [dy && apply(softClipGradientOp, [y, dy], attributes, `${name} gradient`)[0]];
  },
  kernels: [
    {
      name: "soft-clip",
      dispatches: ({ inputs: [x], outputs: [y], attributes: { limit } }) => [
        perGroup(forward, y, { bindings: [x, y], uniforms: { limit } }),
      ],
    },
  ],
};

/** dy * (1 - (y / limit)^2). */
const softClipGradientOp: Op<Attributes> = {
  name: "soft-clip-gradient",
  outputs: ([y]) => [{ shape: y.shape, layout: y.layout }],
  kernels: [
    {
      name: "soft-clip-gradient",
      tolerance: () => TOLERANCES.gradient,
      dispatches: ({ inputs: [y, dy], outputs: [dx], attributes: { limit } }) => [
        perGroup(backward, dx, { bindings: [y, dy, dx], uniforms: { limit } }),
      ],
    },
  ],
};

// One invocation computes four floats: `perGroup` starts one per group of four, including those
// past the width of an image. There the result must be 0, and it is, since softClip(0) = 0.
const MAIN = `
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = id.x + id.y * workgroups.x * 64;
  if (i >= uniforms.groups) { return; }`;

// The names are types: a dispatch with a misspelt name does not compile.
const forward = shader<never, "groups" | "limit", ["x", "y"]>(
  "soft-clip",
  `struct Uniforms { groups: u32, limit: f32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;
${MAIN}
  y[i] = uniforms.limit * tanh(x[i] / uniforms.limit);
}`,
);

const backward = shader<never, "groups" | "limit", ["y", "dy", "dx"]>(
  "soft-clip-gradient",
  `struct Uniforms { groups: u32, limit: f32 }
@group(0) @binding(0) var<storage, read> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;
${MAIN}
  let share = y[i] / uniforms.limit;
  dx[i] = dy[i] * (1 - share * share);
}`,
);

/** Trains a small U-Net whose logits are clipped; returns the loss of each step. */
export async function trainClipped(
  device: Device,
  steps: number,
  options: Partial<TrainerOptions> = {},
): Promise<number[]> {
  const network = unet(modelConfig({ base: 4, depth: 1 }));
  const model: Model = {
    ...network,
    logits: (x, parameters, dropout) => softClip(network.logits(x, parameters, dropout), 4, "clip"),
  };
  const tile = model.inputFor(40);
  const sampler = createSampler({
    samples: [{ name: "synthetic", ...syntheticSample({ seed: 1, width: 96, height: 96 }) }],
    input: tile,
    output: model.outputSize(tile),
    augmentation: AUGMENTATIONS.paper,
    classWeights: "equal",
    w0: 0,
    sigma: 5,
    seed: 1,
  });
  const trainer = await createTrainer(device, model, {
    tile,
    batch: 1,
    optimizer: "adam",
    learningRate: 0.01,
    momentum: 0.9,
    seed: 1,
    ...options,
  });
  try {
    for (let step = 0; step < steps; step++) trainer.step(sampler.batch(step, 1));
    return (await trainer.losses()).map(({ loss }) => loss);
  } finally {
    trainer.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const device = await openDevice();
  console.log(await trainClipped(device, 40));
  device.close();
}
