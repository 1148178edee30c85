// First stage of the sums of a norm's gradient for images: with d = dy * activation'(v) and
// z = (x - mean) * inverse, in every eighth group of four pixels of a part of the rows of a channel,
//   parts[((n * splits + s) * channels + c) * 8 + g] = (sum of d, sum of d * z)
// x and dy [N,C,H,W] in image order, the others dense. One invocation makes one part.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  channels: u32,
  height: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row
  splits: u32, // parts of the rows of an image
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
@group(0) @binding(4) var<storage, read> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> parts: array<vec2f>;
@group(0) @binding(6) var<uniform> uniforms: Uniforms;

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
  var sum = vec4f();
  var products = vec4f();
  for (var row = first; row < end; row++) {
    for (var block: u32 = 0; block < uniforms.blocks; block++) {
      let keep = vec4u(0, 1, 2, 3) + (block * 8 + (lane & 7)) * 4 < vec4u(uniforms.width);
      let centred = select(vec4f(), x[at] - own.x, keep);
      let value = fma(centred, vec4f(scale), vec4f(shift));
      let given = select(vec4f(), dy[at], keep);
      let d = select(uniforms.slope * given, given, value > vec4f());
      sum += d;
      products = fma(d, centred, products);
      at += pitch;
    }
  }
  let split = id.z * uniforms.splits + id.y;
  parts[split * pitch + lane] = vec2f(dot(sum, vec4f(1.0)), dot(products, vec4f(1.0)) * own.y);
}
