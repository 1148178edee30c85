// A rectangle of an image, zeros where it extends past it: a crop, or a border of zeros:
//   y[n,c,i,j] = x[n,c+first,i+top,j+left], 0 outside x
// x [N,CX,HX,WX] and y [N,C,H,W] in image order. One invocation writes four pixels.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four pixels of y, padding included
  channels: u32, // of y
  height: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row of y
  first: u32, // first channel in x
  inChannels: u32, // of x
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32,
  top: i32,
  left: i32,
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
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
  if (index >= uniforms.groups) { return; }
  let block = index >> 3;
  let c = block % uniforms.channels;
  let rowBlock = block / uniforms.channels;
  let row = rowBlock / uniforms.blocks;
  let x4 = (rowBlock % uniforms.blocks) * 8 + (index & 7);
  if (x4 * 4 >= uniforms.width) { return; }
  let i = row % uniforms.height + u32(uniforms.top); // wraps to a large number above x
  let source = row / uniforms.height * uniforms.inHeight + i;
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    let px = x4 * 4 + k + u32(uniforms.left);
    if (i < uniforms.inHeight && px < uniforms.inWidth && x4 * 4 + k < uniforms.width) {
      value[k] = x[at(source, px >> 2, c + uniforms.first, uniforms.inBlocks, uniforms.inChannels) * 4 + (px & 3)];
    }
  }
  y[index] = value;
}
