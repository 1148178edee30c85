// Gradient of a norm of images and dense tensors of any shape: with d = dy * activation'(v) and z =
// (x - mean) * inverse,
//   dx = inverse * (gain * d - total of gain * d / count - z * total of gain * d * z / count)
// where the totals and count, the number of elements, are those of the set of an element. If the
// statistics are fixed, dx = inverse * gain * d. x, dy and dx [...], the others dense. One invocation
// does one element of memory.
const LANES: u32 = 64; // invocations per workgroup
const END: u32 = 4294967295; // no element

struct Uniforms {
  count: u32, // elements in memory
  viewChannels: u32, // of the view [n, c, p]: channel and set of an element follow from its place
  viewPixels: u32,
  channelsPerSet: u32,
  setsPerImage: u32, // the set is n * setsPerImage + c / channelsPerSet * setPerChannel + p * setPerPixel
  setPerChannel: u32,
  setPerPixel: u32,
  hasGain: u32, // 0 or 1; without, gain is not read
  hasBias: u32,
  slope: f32, // 1 if there is no activation
  share: f32, // 1 / elements of a set, or 0 if the statistics are fixed: totals are not read then
  channels: u32, // of an image; these four are not read of a dense tensor
  height: u32,
  blocks: u32, // blocks of 32 pixels per row
  width: u32, // 0 of a dense tensor
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read> totals: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> dx: array<f32>;
@group(0) @binding(7) var<uniform> uniforms: Uniforms;

// The element, row-major, at place `at` of memory, or END past the width of a row.
fn elementAt(at: u32) -> u32 {
  if (uniforms.width == 0) { return at; }
  let plane = at / 32;
  let row = plane / uniforms.channels;
  let pc = plane - row * uniforms.channels;
  let line = row / uniforms.blocks;
  let px = (row - line * uniforms.blocks) * 32 + at % 32;
  if (px >= uniforms.width) { return END; }
  let n = line / uniforms.height;
  return ((n * uniforms.channels + pc) * uniforms.height + line - n * uniforms.height) * uniforms.width + px;
}

// Channel and set of element i, row-major.
fn channelAndSet(i: u32) -> vec2u {
  let plane = i / uniforms.viewPixels;
  let n = plane / uniforms.viewChannels;
  let c = plane - n * uniforms.viewChannels;
  let s = n * uniforms.setsPerImage + c / uniforms.channelsPerSet * uniforms.setPerChannel;
  return vec2u(c, s + (i - plane * uniforms.viewPixels) * uniforms.setPerPixel);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let at = (id.x + id.y * count.x) * LANES + lane;
  if (at >= uniforms.count) { return; }
  let i = elementAt(at);
  if (i == END) {
    dx[at] = 0.0;
    return;
  }
  let place = channelAndSet(i);
  let own = stats[place.y];
  var scale = own.y;
  var shift = 0.0;
  var mean = vec2f(); // of gain * d, and of gain * d * z
  if (uniforms.hasGain != 0) { scale *= gain[place.x]; }
  if (uniforms.hasBias != 0) { shift = bias[place.x]; }
  if (uniforms.share > 0.0) { mean = own.y * uniforms.share * totals[place.y]; }
  let centred = x[at] - own.x;
  let value = fma(centred, scale, shift);
  let d = select(uniforms.slope * dy[at], dy[at], value > 0.0);
  dx[at] = fma(centred, -own.y * mean.y, fma(d, scale, -mean.x));
}
