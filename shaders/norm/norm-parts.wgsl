// First stage of the statistics of a norm of images: number, mean, and sum of squared differences
// from the mean (Welford 1962) of the pixels of a channel in a part of the rows, in every eighth
// group of four:
//   parts[((n * splits + s) * channels + c) * 8 + g] = (number, mean, squares, 0)
// x [N,C,H,W] in image order, parts dense. One invocation makes one part.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  channels: u32,
  height: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row
  splits: u32, // parts of the rows of an image
  rowsPerSplit: u32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// The statistics of both, which are (number, mean, squares) each (Chan, Golub, LeVeque 1983).
fn merged(a: vec3f, b: vec3f) -> vec3f {
  let number = a.x + b.x;
  let share = b.x / max(number, 1.0);
  let d = b.y - a.y;
  return vec3f(number, fma(d, share, a.y), a.z + b.z + d * d * a.x * share);
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) id: vec3u) {
  let lane = id.x * LANES + index; // channel and group of four pixels in a block
  let pitch = uniforms.channels * 8;
  if (lane >= pitch) { return; }
  let first = id.y * uniforms.rowsPerSplit;
  let end = min(first + uniforms.rowsPerSplit, uniforms.height);
  var at = (id.z * uniforms.height + first) * uniforms.blocks * pitch + lane;
  var number = vec4f();
  var mean = vec4f();
  var squares = vec4f();
  for (var row = first; row < end; row++) {
    for (var block: u32 = 0; block < uniforms.blocks; block++) {
      let keep = vec4u(0, 1, 2, 3) + (block * 8 + (lane & 7)) * 4 < vec4u(uniforms.width);
      let value = select(mean, x[at], keep);
      number += select(vec4f(), vec4f(1.0), keep);
      let d = value - mean;
      mean += d / max(number, vec4f(1.0));
      squares = fma(d, value - mean, squares);
      at += pitch;
    }
  }
  let left = merged(vec3f(number.x, mean.x, squares.x), vec3f(number.y, mean.y, squares.y));
  let right = merged(vec3f(number.z, mean.z, squares.z), vec3f(number.w, mean.w, squares.w));
  let split = id.z * uniforms.splits + id.y;
  parts[split * pitch + lane] = vec4f(merged(left, right), 0.0);
}
