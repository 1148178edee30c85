// The adjoint of resize-double.wgsl: dx[n,c,a,b] = sum of the four pixels of dy that are its copies.
// dx [N,C,H,W] and dy [N,C,2H,2W] in image order. One invocation reads sixteen pixels and writes four.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four pixels of dx, padding included
  channels: u32,
  inHeight: u32, // of dx
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row
  outBlocks: u32, // of dy
}
@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dx: array<vec4f>;
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
  let line = quotient(block, uniforms.channels);
  let c = block - line * uniforms.channels;
  let row = quotient(line, uniforms.inBlocks);
  let x4 = (line - row * uniforms.inBlocks) * 8 + (index & 7);
  if (x4 * 4 >= uniforms.inWidth) { return; }
  var value = vec4f();
  for (var h: u32 = 0; h < 2; h++) { // unroll
    let y4 = x4 * 2 + h;
    if (y4 * 2 < uniforms.inWidth) {
      let upper = (row * 2 * uniforms.outBlocks + (y4 >> 3)) * uniforms.channels;
      let lower = upper + uniforms.outBlocks * uniforms.channels;
      let both = dy[(upper + c) * 8 + (y4 & 7)] + dy[(lower + c) * 8 + (y4 & 7)];
      value[h * 2] = both.x + both.y;
      value[h * 2 + 1] = both.z + both.w;
    }
  }
  dx[index] = value;
}
