// Applies a norm over the channels of each pixel to images: y = activation((x - mean) * inverse * gain +
// bias), with the mean and the inverse standard deviation of the pixel, and activation(v) = v if v > 0,
// else slope * v. x and y [N,C,H,W] in image order; stats [N*H*W,2], gain and bias [C] dense. One
// invocation does four pixels of all channels.
const LANES: u32 = 64; // invocations per workgroup

// shared 1
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
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(5) var<uniform> uniforms: Uniforms;

// shared 2
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
  let keep = vec4u(0, 1, 2, 3) + first < vec4u(uniforms.width);
  var at = line * uniforms.channels * 8 + index % 8;
  for (var c: u32 = 0; c < uniforms.channels; c++) {
    let weight = select(1.0, gain[c * uniforms.hasGain], uniforms.hasGain != 0);
    let shift = select(0.0, bias[c * uniforms.hasBias], uniforms.hasBias != 0);
    let value = fma(x[at] - own[0], own[1] * weight, vec4f(shift));
    y[at] = select(vec4f(), select(uniforms.slope * value, value, value > vec4f()), keep);
    at += 8;
  }
}
