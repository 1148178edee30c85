// Crop-and-concat: the centre of the skip, then the up-sampled map, along the channels:
//   y[n,c,i,j] = skip[n,c,i+top,j+left] for c < CS, else up[n,c-CS,i,j]
// skip [N,CS,HS,WS], up [N,CU,H,W] and y [N,CS+CU,H,W] in image order. One invocation writes four
// pixels.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four pixels of y, padding included
  channels: u32, // CS + CU
  height: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row of y and of up
  skipChannels: u32,
  skipHeight: u32,
  skipBlocks: u32,
  top: u32,
  left: u32,
}
@group(0) @binding(0) var<storage, read> skip: array<f32>;
@group(0) @binding(1) var<storage, read> up: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

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
  if (index >= uniforms.groups) { return; }
  let block = index >> 3;
  let c = block % uniforms.channels;
  let rowBlock = block / uniforms.channels;
  let row = rowBlock / uniforms.blocks;
  let x4 = (rowBlock % uniforms.blocks) * 8 + (index & 7);
  if (x4 * 4 >= uniforms.width) { return; }
  if (c >= uniforms.skipChannels) {
    y[index] = up[at(row, x4, c - uniforms.skipChannels, uniforms.blocks, uniforms.channels - uniforms.skipChannels)];
    return;
  }
  let source = row / uniforms.height * uniforms.skipHeight + row % uniforms.height + uniforms.top;
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    if (x4 * 4 + k < uniforms.width) {
      let px = x4 * 4 + k + uniforms.left;
      value[k] = skip[at(source, px >> 2, c, uniforms.skipBlocks, uniforms.skipChannels) * 4 + (px & 3)];
    }
  }
  y[index] = value;
}
