// Why images are stored in blocks of 32 pixels (src/graph/layout.ts): the 3x3 convolution that
// reads buffers, with this layout and with planes [c][y][x], on this machine's adapter. The answers
// are compared, to the bit, before anything is timed; the two layouts are timed alternately.
//   node dist/bench/memory-order.js

import type { Device } from "../src/gpu/device.js";
import { createPipelines } from "../src/gpu/pipelines.js";
import { compilePlan } from "../src/gpu/plan.js";
import { input, type Tensor } from "../src/graph/tensor.js";
import { openDevice } from "../src/node/open-device.js";
import { conv2d } from "../src/ops/index.js";
import type { Shader } from "../src/shaders/shader.js";

const REPEATS = 15;

/** The kernel with the two formulas of the layout replaced by those of planes. */
async function inPlanes(shader: Shader): Promise<string> {
  const source = await shader.text();
  if (shader.name !== "conv2d") return source;
  const replace = (text: string, before: string, after: string) => {
    if (!text.includes(before)) throw new Error(`conv2d.wgsl no longer has ${before}`);
    return text.replaceAll(before, after);
  };
  // The last argument of `at` becomes the number of rows of a plane.
  let code = replace(
    source,
    "record.inBlocks, record.inChannels)",
    "record.inBlocks, record.inHeight)",
  );
  code = replace(
    code,
    "record.outBlocks, record.outChannels)",
    "record.outBlocks, record.outHeight)",
  );
  code = replace(
    code,
    "((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7)",
    "(c * channels + row) * blocks * 8 + x4",
  );
  return replace(
    code,
    "address[i] + c * 8",
    "address[i] + c * record.inHeight * record.inBlocks * 8",
  );
}

/** From row-major [C,H,W] to the values whose blocks have the bytes of its planes, or back. */
function reorder(
  [, c, h, w]: readonly number[],
  values: Float32Array,
  back: boolean,
): Float32Array {
  const result = new Float32Array(values.length);
  for (let plane = 0; plane < values.length; plane++) {
    // Float `plane` of the memory, read as blocks, is this pixel:
    const channel = Math.floor(plane / 32) % c;
    const rowBlock = Math.floor(plane / (32 * c));
    const x = (rowBlock % (w / 32)) * 32 + (plane % 32);
    const block = (channel * h + Math.floor(rowBlock / (w / 32))) * w + x;
    if (back) result[plane] = values[block];
    else result[block] = values[plane];
  }
  return result;
}

async function measure(device: Device, channels: number, side: number): Promise<string> {
  const shape = [1, channels, side, side];
  const x = input("x", shape);
  const weight = input("weight", [channels, channels, 3, 3], "dense");
  const y = conv2d(x, weight, undefined, { padding: "same" });
  const values = Float32Array.from({ length: channels * side * side }, (_, i) => Math.sin(i * 1.7));
  const weights = Float32Array.from({ length: channels * channels * 9 }, (_, i) =>
    Math.cos(i * 2.3),
  );
  const planar = { ...device, pipelines: createPipelines(device.gpu, inPlanes) };
  const plans = {
    blocks: await compilePlan(device, { name: "blocks", outputs: [y] }),
    planes: await compilePlan(planar, { name: "planes", outputs: [y] }),
  };
  plans.blocks.run({ x: values, weight: weights });
  plans.planes.run({ x: reorder(shape, values, false), weight: weights });
  const expected = await plans.blocks.read(y as Tensor);
  const got = reorder(shape, await plans.planes.read(y as Tensor), true);
  if (!expected.every((value, i) => Object.is(value, got[i]))) {
    throw new Error(`${channels} channels, ${side} pixels: the two orders give different answers`);
  }
  const times: Record<keyof typeof plans, number[]> = { blocks: [], planes: [] };
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const order of ["blocks", "planes"] as const) {
      const start = performance.now();
      plans[order].run();
      await device.idle();
      times[order].push(performance.now() - start);
    }
  }
  const median = (list: number[]) => list.sort((a, b) => a - b)[list.length >> 1];
  const [blocks, planes] = [median(times.blocks), median(times.planes)];
  for (const plan of Object.values(plans)) plan.close();
  const text = (ms: number) => `${ms.toFixed(2)} ms`.padStart(10);
  return `${`${channels} x ${side} x ${side}`.padEnd(16)}${text(blocks)}${text(planes)}${(planes / blocks).toFixed(2).padStart(8)}`;
}

const opened = await openDevice();
// Buffers on every adapter: a planar texture would be too tall for most layers.
const device = { ...opened, capabilities: { ...opened.capabilities, textureSide: 0 } };
console.log(opened.describe().adapter);
console.log("layer              blocks    planes   ratio");
for (const [channels, side] of [
  [16, 128],
  [32, 64],
  [64, 64],
  [128, 32],
]) {
  console.log(await measure(device, channels, side));
}
opened.close();
