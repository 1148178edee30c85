// Second stage of the sums of a norm's gradient for images: adds the parts of a channel of one image
// (norm-gradient-parts.wgsl) in a fixed order:
//   sums[n * channels + c] = (sum of d, sum of d * z)
// All dense. Eight invocations add the parts of a channel, the first of them adds their sums.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  count: u32, // images times channels
  channels: u32,
  splits: u32, // parts of the rows of an image
}
@group(0) @binding(0) var<storage, read> parts: array<vec2f>;
@group(0) @binding(1) var<storage, read_write> sums: array<vec2f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

var<workgroup> shares: array<vec2f, LANES>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = ((id.x + id.y * count.x) * LANES + lane) / 8;
  var sum = vec2f();
  if (index < uniforms.count) {
    let image = index / uniforms.channels;
    let c = index - image * uniforms.channels;
    for (var s: u32 = 0; s < uniforms.splits; s++) {
      sum += parts[((image * uniforms.splits + s) * uniforms.channels + c) * 8 + (lane & 7)];
    }
  }
  shares[lane] = sum;
  workgroupBarrier(); // every sum is written before the first invocation of a channel reads them
  if ((lane & 7) != 0 || index >= uniforms.count) { return; }
  for (var i: u32 = 1; i < 8; i++) {
    sum += shares[lane + i];
  }
  sums[index] = sum;
}
