// Gradient of a norm of images: with d = dy * activation'(v) and z = (x - mean) * inverse,
//   dx = inverse * (gain * d - total of gain * d / count - z * total of gain * d * z / count)
// where the totals and count, the number of pixels, are those of the set of a channel. If the
// statistics are fixed, dx = inverse * gain * d. x, dy and dx [N,C,H,W] in image order, the others
// dense. One invocation does every eighth group of four pixels of some rows of a channel.
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
  share: f32, // 1 / count, or 0 if the statistics are fixed: totals are not read then
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read> totals: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(7) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) id: vec3u) {
  let lane = id.x * LANES + index; // channel and group of four pixels in a block
  let pitch = uniforms.channels * 8;
  if (lane >= pitch) { return; }
  let c = lane / 8;
  let s = id.z * uniforms.setsPerImage + c / uniforms.channelsPerSet;
  let own = stats[s];
  var scale = own.y;
  var shift = 0.0;
  var mean = vec2f(); // of gain * d, and of gain * d * z
  if (uniforms.hasGain != 0) { scale *= gain[c]; }
  if (uniforms.hasBias != 0) { shift = bias[c]; }
  if (uniforms.share > 0.0) { mean = own.y * uniforms.share * totals[s]; }
  let slant = -own.y * mean.y;
  let first = id.y * uniforms.rowsPerSplit;
  let end = min(first + uniforms.rowsPerSplit, uniforms.height);
  var at = (id.z * uniforms.height + first) * uniforms.blocks * pitch + lane;
  for (var row = first; row < end; row++) {
    for (var block: u32 = 0; block < uniforms.blocks; block++) {
      let keep = vec4u(0, 1, 2, 3) + (block * 8 + (lane & 7)) * 4 < vec4u(uniforms.width);
      let centred = x[at] - own.x;
      let value = fma(centred, vec4f(scale), vec4f(shift));
      let d = select(uniforms.slope * dy[at], dy[at], value > vec4f());
      dx[at] = select(vec4f(), fma(centred, vec4f(slant), fma(d, vec4f(scale), vec4f(-mean.x))), keep);
      at += pitch;
    }
  }
}
