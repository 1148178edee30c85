// Resizes images by one or two pixels per axis:
//   y[n,c,i,j] = sum of x[n,c,a,b] * weight(i,a) * weight(j,b)
// over the pixel a at rows[i] with the weight 1 - w and the next one with w, the same for columns.
// x [N,C,H,W] and y [N,C,H',W'] in image order. One invocation writes four pixels.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four pixels of y, padding included
  channels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row
  outHeight: u32,
  outWidth: u32,
  outBlocks: u32,
  isLinear: u32, // 0: the weights of the next pixels are 0
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<f32>; // 4 per row of y: pixel a, weight of the next
@group(0) @binding(2) var<storage, read> columns: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

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

// Pixel j of a row, whose first pixel is at `start`, mixed with w parts of the next.
fn mixed(start: u32, j: u32, w: f32) -> f32 {
  let next = min(j + 1, uniforms.inWidth - 1);
  let pitch = uniforms.channels * 32;
  return mix(x[start + (j >> 5) * pitch + (j & 31)], x[start + (next >> 5) * pitch + (next & 31)], w);
}

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
  let row = quotient(line, uniforms.outBlocks);
  let px = (line - row * uniforms.outBlocks) * 32 + (index & 7) * 4;
  if (px >= uniforms.outWidth) { return; }
  let image = quotient(row, uniforms.outHeight);
  let i = row - image * uniforms.outHeight;
  let a = u32(rows[i * 4]);
  let pitch = uniforms.inBlocks * uniforms.channels * 32;
  let upper = (image * uniforms.inHeight + a) * pitch + c * 32;
  let lower = select(upper, upper + pitch, a + 1 < uniforms.inHeight);
  var below = 0.0; // weight of the lower row
  if (uniforms.isLinear != 0) { below = rows[i * 4 + 1]; }
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    if (px + k < uniforms.outWidth) {
      let j = u32(columns[(px + k) * 4]);
      if (uniforms.isLinear == 0) {
        value[k] = x[upper + (j >> 5) * uniforms.channels * 32 + (j & 31)];
      } else {
        let w = columns[(px + k) * 4 + 1];
        value[k] = mix(mixed(upper, j, w), mixed(lower, j, w), below);
      }
    }
  }
  y[index] = value;
}
