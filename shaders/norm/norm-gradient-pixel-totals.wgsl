// The sums of the gradient of a norm over the channels of each pixel of images: with d = dy *
// activation'(v) and z = (x - mean) * inverse, of the set s of a pixel
//   totals[s] = (sum of gain * d, sum of gain * d * z)
// x and dy [N,C,H,W] in image order; stats and totals [N*H*W,2], gain and bias [C] dense, s = (n * H + y)
// * W + x. One invocation does four pixels.
const LANES: u32 = 64; // invocations per workgroup

// shared 1 of norm-pixels
struct Uniforms {
  channels: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row
  count: u32, // groups of four pixels: N * H * blocks * 8
  hasGain: u32, // 0 or 1; without, gain is not read
  hasBias: u32,
  slope: f32, // 1 if there is no activation
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
// end
@group(0) @binding(4) var<storage, read> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> totals: array<vec2f>;
@group(0) @binding(6) var<uniform> uniforms: Uniforms;

// shared 2 of norm-pixels
// Mean and inverse deviation of four pixels from `first` of a row; those past its end have the last one's.
fn statisticsOf(row: u32, first: u32) -> array<vec4f, 2> {
  var own: array<vec4f, 2>;
  for (var k: u32 = 0; k < 4; k++) { // unroll
    let one = stats[row * uniforms.width + min(first + k, uniforms.width - 1)];
    own[0][k] = one.x;
    own[1][k] = one.y;
  }
  return own;
}
// end

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
  let own = statisticsOf(row, first);
  let begin = line * uniforms.channels * 8 + index % 8;
  var sum = vec4f(); // of gain * d
  var moment = vec4f(); // of gain * d * z
  for (var c: u32 = 0; c < uniforms.channels; c++) {
    let weight = select(1.0, gain[c * uniforms.hasGain], uniforms.hasGain != 0);
    let shift = select(0.0, bias[c * uniforms.hasBias], uniforms.hasBias != 0);
    let z = (x[begin + c * 8] - own[0]) * own[1];
    let value = fma(z, vec4f(weight), vec4f(shift));
    let d = weight * select(uniforms.slope * dy[begin + c * 8], dy[begin + c * 8], value > vec4f());
    sum += d;
    moment = fma(d, z, moment);
  }
  for (var k: u32 = 0; k < 4; k++) { // unroll
    if (first + k < uniforms.width) {
      totals[row * uniforms.width + first + k] = vec2f(sum[k], moment[k]);
    }
  }
}
