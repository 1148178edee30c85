// The statistics of the sets of a norm, for images and dense tensors of any shape, by Welford's method:
//   of set s: stats[s] = (mean, 1 / sqrt(variance + epsilon)), variance = squares / number
//   means[s] = mean;  variances[s] = squares / (number - 1), the unbiased estimate
// x [...], the others dense. Some invocations take every so-manieth element of a set, the first of
// them merges their results in a fixed order.
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
  epsilon: f32,
  channels: u32, // of an image; these four are not read of a dense tensor
  height: u32,
  blocks: u32, // blocks of 32 pixels per row
  width: u32, // 0 of a dense tensor
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> means: array<f32>;
@group(0) @binding(3) var<storage, read_write> variances: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

var<workgroup> merges: array<vec3f, LANES>;

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

// The statistics of both, which are (number, mean, squares) each (Chan, Golub, LeVeque 1983).
fn merged(a: vec3f, b: vec3f) -> vec3f {
  let number = a.x + b.x;
  let share = b.x / max(number, 1.0);
  let d = b.y - a.y;
  return vec3f(number, fma(d, share, a.y), a.z + b.z + d * d * a.x * share);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  let s = index / uniforms.lanes;
  let own = index % uniforms.lanes;
  var all = vec3f(); // number, mean, squares
  if (s < uniforms.sets) {
    for (var e = own; e < uniforms.size; e += uniforms.lanes) {
      let value = x[memoryOf(elementOf(s, e))];
      let d = value - all.y;
      all.x += 1.0;
      all.y += d / all.x;
      all.z = fma(d, value - all.y, all.z);
    }
  }
  merges[lane] = all;
  workgroupBarrier(); // every result is written before the first invocation of a set reads them
  if (own != 0 || s >= uniforms.sets) { return; }
  for (var i: u32 = 1; i < uniforms.lanes; i++) {
    all = merged(all, merges[lane + i]);
  }
  stats[s] = vec2f(all.y, 1.0 / sqrt(all.z / all.x + uniforms.epsilon));
  means[s] = all.y;
  variances[s] = all.z / max(all.x - 1.0, 1.0);
}
