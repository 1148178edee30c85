// The sums of a norm's gradient for images and dense tensors of any shape: with d = dy * activation'(v)
// and z = (x - mean) * inverse, over the elements of set s,
//   totals[s] = (sum of gain * d, sum of gain * d * z), or, with one set per channel,
//   dgain[s] = sum of d * z;  dbias[s] = sum of d
// x and dy [...], the others dense. Some invocations take every so-manieth element of a set, the first
// of them adds their sums in a fixed order.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  sets: u32,
  lanes: u32, // invocations per set, a power of two up to LANES
  size: u32, // elements of a set
  setsInner: u32, // set s begins at s / setsInner * setOuter + s % setsInner * setInner
  setOuter: u32,
  setInner: u32,
  inner: u32, // its element e is e / inner * outerStride + e % inner * innerStride further
  outerStride: u32,
  innerStride: u32,
  isTotal: u32, // 1 if totals are computed, 0 if dgain and dbias are; the others are not written
  viewChannels: u32, // of the view [n, c, p]: channel and set of an element follow from its place
  viewPixels: u32,
  channelsPerSet: u32,
  setsPerImage: u32, // the set is n * setsPerImage + c / channelsPerSet * setPerChannel + p * setPerPixel
  setPerChannel: u32,
  setPerPixel: u32,
  hasGain: u32, // 0 or 1; without, gain is not read
  hasBias: u32,
  slope: f32, // 1 if there is no activation
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
@group(0) @binding(5) var<storage, read_write> totals: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> dgain: array<f32>;
@group(0) @binding(7) var<storage, read_write> dbias: array<f32>;
@group(0) @binding(8) var<uniform> uniforms: Uniforms;

var<workgroup> shares: array<vec2f, LANES>;

// Where element i, row-major, lies in memory: an image [N, channels, height, width] in blocks of 32
// pixels, or a dense tensor, whose width is 0.
fn memoryOf(i: u32) -> u32 {
  if (uniforms.width == 0) { return i; }
  let px = i % uniforms.width;
  let line = i / uniforms.width;
  let py = line % uniforms.height;
  let plane = line / uniforms.height;
  let pc = plane % uniforms.channels;
  let row = (plane / uniforms.channels * uniforms.height + py) * uniforms.blocks + px / 32;
  return (row * uniforms.channels + pc) * 32 + px % 32;
}

// Element e of set s, row-major.
fn elementOf(s: u32, e: u32) -> u32 {
  let first = s / uniforms.setsInner * uniforms.setOuter + s % uniforms.setsInner * uniforms.setInner;
  return first + e / uniforms.inner * uniforms.outerStride + e % uniforms.inner * uniforms.innerStride;
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
  let index = (id.x + id.y * count.x) * LANES + lane;
  let s = index / uniforms.lanes;
  let first = index % uniforms.lanes;
  var sum = vec2f();
  if (s < uniforms.sets) {
    for (var e = first; e < uniforms.size; e += uniforms.lanes) {
      let i = elementOf(s, e);
      let at = memoryOf(i);
      let place = channelAndSet(i);
      let own = stats[place.y];
      var weight = 1.0;
      var shift = 0.0;
      if (uniforms.hasGain != 0) { weight = gain[place.x]; }
      if (uniforms.hasBias != 0) { shift = bias[place.x]; }
      let centred = x[at] - own.x;
      let value = fma(centred, own.y * weight, shift);
      var d = select(uniforms.slope * dy[at], dy[at], value > 0.0);
      if (uniforms.isTotal != 0) { d *= weight; }
      sum += vec2f(d, d * (centred * own.y));
    }
  }
  shares[lane] = sum;
  workgroupBarrier(); // every sum is written before the first invocation of a set reads them
  if (first != 0 || s >= uniforms.sets) { return; }
  for (var i: u32 = 1; i < uniforms.lanes; i++) {
    sum += shares[lane + i];
  }
  if (uniforms.isTotal != 0) {
    totals[s] = sum;
  } else {
    dgain[s] = sum.y;
    dbias[s] = sum.x;
  }
}
