// The loss from its parts, added in a fixed order: total[0] = sum of parts[0..count) / pixels[0], the
// number of pixels with a weight. One workgroup: each invocation adds every LANES-th element, the
// first one adds their sums.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  count: u32,
}
@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read> pixels: array<f32>;
@group(0) @binding(2) var<storage, read_write> total: array<f32>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

var<workgroup> sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < uniforms.count; i += LANES) {
    sum += parts[i];
  }
  sums[lane] = sum;
  workgroupBarrier(); // every sum is written before the first invocation reads them
  if (lane == 0) {
    var all = 0.0;
    for (var i: u32 = 0; i < LANES; i++) {
      all += sums[i];
    }
    total[0] = all / max(pixels[0], 1.0);
  }
}
