// Softmax over the channels and cross-entropy, weighted pixel by pixel, with its gradient
// (Ronneberger et al. 2015, section 3):
//   loss      = sum over pixels of w * (log sum over l of exp(z[l]) - z[label]) / count
//   dlogits[k] = w * (softmax(z)[k] - [k = label]) / count
// where count is the number of pixels with w > 0. A pixel with w = 0 is ignored, whatever its
// label and logits. The largest logit is subtracted first, so that no exponential overflows.
// logits and dlogits [N,K,H,W], label (class index) and weight [N,1,H,W] in image order; parts
// [rows * blocks] dense. One invocation does a block of 32 pixels of a row and adds its losses.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  rows: u32, // images times height
  rowGroups: u32, // groups of four pixels per row
  channels: u32,
  blocks: u32, // blocks of 32 pixels per row
}
@group(0) @binding(0) var<storage, read> logits: array<vec4f>;
@group(0) @binding(1) var<storage, read> label: array<vec4f>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read> pixels: array<f32>; // [0]: count
@group(0) @binding(4) var<storage, read_write> dlogits: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> parts: array<f32>;
@group(0) @binding(6) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.rows * uniforms.blocks) { return; }
  let share = 1.0 / max(pixels[0], 1.0);
  let groups = min(8, uniforms.rowGroups - index % uniforms.blocks * 8);
  var loss = vec4f();
  for (var g: u32 = 0; g < groups; g++) {
    let w = weight[index * 8 + g];
    let truth = label[index * 8 + g];
    let counts = w > vec4f();
    let first = index * uniforms.channels * 8 + g;
    var largest = logits[first];
    for (var k: u32 = 1; k < uniforms.channels; k++) {
      largest = max(largest, logits[first + k * 8]);
    }
    var sum = vec4f();
    var atLabel = vec4f();
    for (var k: u32 = 0; k < uniforms.channels; k++) {
      let z = logits[first + k * 8] - largest;
      sum += exp(z);
      atLabel = select(atLabel, z, truth == vec4f(f32(k)));
    }
    loss += select(vec4f(), w * (log(sum) - atLabel), counts);
    for (var k: u32 = 0; k < uniforms.channels; k++) {
      let p = exp(logits[first + k * 8] - largest) / sum;
      let target01 = select(vec4f(), vec4f(1.0), truth == vec4f(f32(k)));
      dlogits[first + k * 8] = select(vec4f(), w * share * (p - target01), counts);
    }
  }
  parts[index] = (loss.x + loss.y) + (loss.z + loss.w);
}
