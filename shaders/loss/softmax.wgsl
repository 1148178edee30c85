// Softmax over the channels: y[n,k,i,j] = exp(x[n,k,i,j]) / sum over l of exp(x[n,l,i,j]), with the
// largest x subtracted first, so that no exponential overflows.
// x and y [N,K,H,W] in image order. One invocation does four pixels of all channels.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  rows: u32, // images times height
  rowGroups: u32, // groups of four pixels per row
  channels: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.rows * uniforms.rowGroups) { return; }
  let x4 = index % uniforms.rowGroups;
  let row = index / uniforms.rowGroups;
  let first = at(row, x4, 0, uniforms.blocks, uniforms.channels);
  var largest = x[first];
  for (var k: u32 = 1; k < uniforms.channels; k++) {
    largest = max(largest, x[first + k * 8]);
  }
  var sum = vec4f();
  for (var k: u32 = 0; k < uniforms.channels; k++) {
    sum += exp(x[first + k * 8] - largest);
  }
  let keep = vec4u(0, 1, 2, 3) + x4 * 4 < vec4u(uniforms.width);
  for (var k: u32 = 0; k < uniforms.channels; k++) {
    y[first + k * 8] = select(vec4f(), exp(x[first + k * 8] - largest) / sum, keep);
  }
}
