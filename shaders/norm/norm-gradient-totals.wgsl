// Last stage of the sums of a norm's gradient for images, from those of each channel of each image:
//   totals[set] = sum over its channels (and images) of gain * (sum of d, sum of d * z)
//   dgain[c] = sum over images of the sum of d * z;  dbias[c] = sum over images of the sum of d
// All dense. One invocation makes one total, or dgain and dbias of one channel.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  sets: u32,
  setsPerImage: u32,
  channels: u32,
  channelsPerSet: u32,
  images: u32,
  imagesPerSet: u32, // all, or 1
  hasGain: u32, // 0 or 1; without, gain is not read
}
@group(0) @binding(0) var<storage, read> sums: array<vec2f>;
@group(0) @binding(1) var<storage, read> gain: array<f32>;
@group(0) @binding(2) var<storage, read_write> totals: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> dgain: array<f32>;
@group(0) @binding(4) var<storage, read_write> dbias: array<f32>;
@group(0) @binding(5) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  var sum = vec2f();
  if (index < uniforms.sets) {
    let image = index / uniforms.setsPerImage;
    let first = (index - image * uniforms.setsPerImage) * uniforms.channelsPerSet;
    for (var n = image; n < image + uniforms.imagesPerSet; n++) {
      for (var c = first; c < first + uniforms.channelsPerSet; c++) {
        var weight = 1.0;
        if (uniforms.hasGain != 0) { weight = gain[c]; }
        sum += weight * sums[n * uniforms.channels + c];
      }
    }
    totals[index] = sum;
    return;
  }
  let c = index - uniforms.sets;
  if (c >= uniforms.channels) { return; }
  for (var n: u32 = 0; n < uniforms.images; n++) {
    sum += sums[n * uniforms.channels + c];
  }
  dgain[c] = sum.y;
  dbias[c] = sum.x;
}
