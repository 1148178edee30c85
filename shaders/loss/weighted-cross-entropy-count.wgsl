// How many pixels have a positive weight: pixels[0], as a float, exact to 2^24.
// weight [N,1,H,W] in image order; pixels [1] dense. One workgroup: each invocation counts every
// LANES-th group of four pixels, the first one adds their counts.
const LANES: u32 = 128; // invocations per workgroup

struct Uniforms {
  rows: u32, // images times height
  rowGroups: u32, // groups of four pixels per row
  blocks: u32, // blocks of 32 pixels per row
}
@group(0) @binding(0) var<storage, read> weight: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> pixels: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

var<workgroup> counts: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  let pitch = uniforms.blocks * 8; // groups of a row in memory: those past rowGroups are undefined
  var sum = vec4f();
  for (var i = lane; i < uniforms.rows * pitch; i += LANES) {
    if (i % pitch < uniforms.rowGroups) {
      sum += select(vec4f(), vec4f(1.0), weight[i] > vec4f());
    }
  }
  counts[lane] = (sum.x + sum.y) + (sum.z + sum.w);
  workgroupBarrier(); // every count is written before the first invocation reads them
  if (lane == 0) {
    var all = 0.0;
    for (var i: u32 = 0; i < LANES; i++) {
      all += counts[i];
    }
    pixels[0] = all;
  }
}
