// Second stage of the statistics of a norm of images: merges the parts of norm-parts.wgsl in a fixed
// order. A set is what has one mean: a channel of all images, or neighbouring channels of one.
//   of set s: stats[s] = (mean, 1 / sqrt(variance + epsilon)), variance = squares / number
//   means[s] = mean;  variances[s] = squares / (number - 1), the unbiased estimate
// All dense. Eight invocations merge the parts of a set, the first of them adds their results.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  sets: u32,
  setsPerImage: u32,
  channels: u32,
  channelsPerSet: u32,
  partsPerChannel: u32, // of the images of a set
  epsilon: f32,
}
@group(0) @binding(0) var<storage, read> parts: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> means: array<f32>;
@group(0) @binding(3) var<storage, read_write> variances: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

var<workgroup> merges: array<vec3f, LANES>;

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
  let s = ((id.x + id.y * count.x) * LANES + lane) / 8;
  var all = vec3f();
  if (s < uniforms.sets) {
    let image = s / uniforms.setsPerImage;
    let firstChannel = (s - image * uniforms.setsPerImage) * uniforms.channelsPerSet;
    for (var p: u32 = 0; p < uniforms.partsPerChannel; p++) {
      let row = (image * uniforms.partsPerChannel + p) * uniforms.channels + firstChannel;
      for (var c: u32 = 0; c < uniforms.channelsPerSet; c++) {
        all = merged(all, parts[(row + c) * 8 + (lane & 7)].xyz);
      }
    }
  }
  merges[lane] = all;
  workgroupBarrier(); // every result is written before the first invocation of a set reads them
  if ((lane & 7) != 0 || s >= uniforms.sets) { return; }
  for (var i: u32 = 1; i < 8; i++) {
    all = merged(all, merges[lane + i]);
  }
  stats[s] = vec2f(all.y, 1.0 / sqrt(all.z / all.x + uniforms.epsilon));
  means[s] = all.y;
  variances[s] = all.z / max(all.x - 1.0, 1.0);
}
