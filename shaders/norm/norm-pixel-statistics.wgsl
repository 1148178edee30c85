// The statistics of a norm over the channels of each pixel of images, by Welford's method:
//   of the set s of a pixel: stats[s] = (mean, 1 / sqrt(variance + epsilon)), variance = squares / channels
//   means[s] = mean;  variances[s] = squares / (channels - 1), the unbiased estimate
// x [N,C,H,W] in image order, the others dense, s = (n * H + y) * W + x. One invocation does four pixels.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  channels: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row
  count: u32, // groups of four pixels: N * H * blocks * 8
  epsilon: f32,
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> means: array<f32>;
@group(0) @binding(3) var<storage, read_write> variances: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  let line = index / 8;
  let row = line / uniforms.blocks;
  let first = (line - row * uniforms.blocks) * 32 + index % 8 * 4;
  if (index >= uniforms.count || first >= uniforms.width) { return; }
  let at = line * uniforms.channels * 8 + index % 8;
  var mean = vec4f();
  var squares = vec4f();
  for (var c: u32 = 0; c < uniforms.channels; c++) {
    let value = x[at + c * 8];
    let d = value - mean;
    mean += d / f32(c + 1);
    squares = fma(d, value - mean, squares);
  }
  let inverse = 1.0 / sqrt(squares / f32(uniforms.channels) + uniforms.epsilon);
  let unbiased = squares / f32(max(uniforms.channels, 2) - 1);
  for (var k: u32 = 0; k < 4; k++) { // unroll
    if (first + k < uniforms.width) {
      let s = row * uniforms.width + first + k;
      stats[s] = vec2f(mean[k], inverse[k]);
      means[s] = mean[k];
      variances[s] = unbiased[k];
    }
  }
}
