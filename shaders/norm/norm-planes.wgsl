// Applies a norm to images: y = activation((x - mean) * inverse * gain + bias), with the mean and the
// inverse standard deviation of the set of a channel, and activation(v) = v if v > 0, else slope * v.
// x and y [N,C,H,W] in image order; stats [sets,2], gain and bias [C] dense. One invocation does
// every eighth group of four pixels of some rows of a channel.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  channels: u32,
  height: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row
  rowsPerSplit: u32,
  setsPerImage: u32, // 0 if all images have the same sets
  channelsPerSet: u32,
  hasGain: u32, // 0 or 1; without, gain is not read
  hasBias: u32,
  slope: f32, // 1 if there is no activation
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(5) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) id: vec3u) {
  let lane = id.x * LANES + index; // channel and group of four pixels in a block
  let pitch = uniforms.channels * 8;
  if (lane >= pitch) { return; }
  let c = lane / 8;
  let own = stats[id.z * uniforms.setsPerImage + c / uniforms.channelsPerSet];
  var scale = own.y;
  var shift = 0.0;
  if (uniforms.hasGain != 0) { scale *= gain[c]; }
  if (uniforms.hasBias != 0) { shift = bias[c]; }
  let first = id.y * uniforms.rowsPerSplit;
  let end = min(first + uniforms.rowsPerSplit, uniforms.height);
  var at = (id.z * uniforms.height + first) * uniforms.blocks * pitch + lane;
  for (var row = first; row < end; row++) {
    for (var block: u32 = 0; block < uniforms.blocks; block++) {
      let keep = vec4u(0, 1, 2, 3) + (block * 8 + (lane & 7)) * 4 < vec4u(uniforms.width);
      let value = fma(x[at] - own.x, vec4f(scale), vec4f(shift));
      let result = select(uniforms.slope * value, value, value > vec4f());
      y[at] = select(vec4f(), result, keep);
      at += pitch;
    }
  }
}
