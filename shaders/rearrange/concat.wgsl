// One part of a concatenation: y[n,c,i,j] = x[n-first0, c-first1, i-first2, j-first3].
// y is an image [N,C,H,W]; x is an image or dense. One invocation writes four pixels. Where the part
// begins within a group of four pixels, those before it have been written by the part before.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four pixels in the blocks of y that hold the part
  isImage: u32, // whether x is an image
  size1: u32, // of x
  size2: u32,
  size3: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  channels: u32, // of y
  height: u32,
  blocks: u32, // blocks of 32 pixels per row of y
  first0: u32,
  first1: u32,
  first2: u32,
  first3: u32,
  firstBlock: u32, // of y
  partBlocks: u32, // blocks of y that hold the part, per row
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// shared 1 of rearrange
// a / b for a < 2^31. A CPU divides the integers of a vector one by one, so this is done in floats:
// an estimate, the estimate of the rest, and a correction by one.
fn quotient(a: u32, b: u32) -> u32 {
  let inverse = 1.0 / f32(b);
  let near = i32(f32(a) * inverse);
  let rest = i32(a) - near * i32(b);
  let more = i32(floor(f32(rest) * inverse));
  let left = rest - more * i32(b);
  return u32(near + more + select(0, 1, left >= i32(b)) - select(0, 1, left < 0));
}
// end

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let index = (id.x + id.y * workgroups.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  let block = index >> 3;
  let line = quotient(block, uniforms.size1);
  let c = block - line * uniforms.size1;
  let row = quotient(line, uniforms.partBlocks);
  let n = quotient(row, uniforms.size2);
  let i = row - n * uniforms.size2;
  let x4 = (line - row * uniforms.partBlocks + uniforms.firstBlock) * 8 + (index & 7);
  let end = uniforms.first3 + uniforms.size3;
  if (x4 * 4 + 3 < uniforms.first3 || x4 * 4 >= end) { return; }
  let outRow = (n + uniforms.first0) * uniforms.height + i + uniforms.first2;
  let to = ((outRow * uniforms.blocks + (x4 >> 3)) * uniforms.channels + c + uniforms.first1) * 8 + (x4 & 7);
  let denseRow = ((n * uniforms.size1 + c) * uniforms.size2 + i) * uniforms.size3;
  var value = vec4f();
  if (x4 * 4 < uniforms.first3) { value = y[to]; }
  for (var k: u32 = 0; k < 4; k++) { // unroll
    let px = x4 * 4 + k;
    if (px >= uniforms.first3) {
      let j = px - uniforms.first3;
      var place = denseRow + j;
      if (uniforms.isImage != 0) { place = ((row * uniforms.inBlocks + (j >> 5)) * uniforms.size1 + c) * 32 + (j & 31); }
      value[k] = 0.0;
      if (px < end) { value[k] = x[place]; }
    }
  }
  y[to] = value;
}
