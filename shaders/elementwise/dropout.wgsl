// Dropout: each element is 0 with probability `rate`, else x / (1 - rate).
// x and y [N,C,H,W] in image order. Whether an element stays is a hash of the seed, the stream of
// the layer, the step and the element's place in [N,C,H,W], where N counts the images of the whole
// step: the backward pass makes the same mask again, on any adapter. One invocation does four pixels.
const LANES: u32 = 64; // invocations per workgroup
const BEFORE: u32 = 0; // place in step of the number of images before these; 0: there are none

struct Uniforms {
  groups: u32, // groups of four pixels, padding included
  channels: u32,
  height: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row
  seed: u32,
  stream: u32, // distinguishes layers
  rate: f32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> step: array<f32>; // [0]: number of the step
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

// A bijection of 32 bits without visible structure.
fn mix32(value: u32) -> u32 {
  var h = value;
  h = (h ^ (h >> 16)) * 0x7feb352d;
  h = (h ^ (h >> 15)) * 0x846ca68b;
  return h ^ (h >> 16);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  let block = index >> 3;
  let c = block % uniforms.channels;
  let rowBlock = block / uniforms.channels;
  let row = rowBlock / uniforms.blocks;
  let px = (rowBlock % uniforms.blocks) * 32 + (index & 7) * 4;
  var image = row / uniforms.height;
  if (BEFORE > 0) { image += u32(step[BEFORE]); }
  let first = ((image * uniforms.channels + c) * uniforms.height + row % uniforms.height) * uniforms.width + px;
  let key = mix32(mix32(mix32(uniforms.seed) ^ uniforms.stream) ^ u32(step[0]));
  let hash = vec4u(mix32(first ^ key), mix32((first + 1) ^ key), mix32((first + 2) ^ key), mix32((first + 3) ^ key));
  let uniform01 = vec4f(hash >> vec4u(8)) * (1.0 / 16777216.0);
  y[index] = select(vec4f(), x[index] / (1.0 - uniforms.rate), uniform01 >= vec4f(uniforms.rate));
}
