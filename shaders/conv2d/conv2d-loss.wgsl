// The head of a network and its loss in one pass: a 1x1 convolution to the classes, softmax, weighted
// cross-entropy, and the gradient of the logits (Ronneberger et al. 2015, section 3):
//   z[k]       = bias[k] + sum over c of kernel[k,c] * x[c]
//   loss       = sum over pixels of w * (log sum over l of exp(z[l]) - z[label]) / count
//   dlogits[k] = w * (softmax(z)[k] - [k = label]) / count
// where count is the number of pixels with w > 0. A pixel with w = 0 is ignored, whatever its
// label and logits. The largest logit is subtracted first, so that no exponential overflows. The
// logits are not stored.
// x [N,C,H,W], dlogits [N,K,H,W], label (class index) and weight [N,1,H,W] in image order; kernel
// [K,C,1,1], bias [K] and parts [rows * blocks] dense. One invocation does a block of 32 pixels of a
// row and adds its losses.
const LANES: u32 = 64; // invocations per workgroup
const CLASSES: u32 = 2; // K

struct Uniforms {
  rows: u32, // images times height
  rowGroups: u32, // groups of four pixels per row
  blocks: u32, // blocks of 32 pixels per row
  channels: u32, // C
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> kernel: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> label: array<vec4f>;
@group(0) @binding(4) var<storage, read> weight: array<vec4f>;
@group(0) @binding(5) var<storage, read> pixels: array<f32>; // [0]: count
@group(0) @binding(6) var<storage, read_write> dlogits: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> parts: array<f32>;
@group(0) @binding(8) var<uniform> uniforms: Uniforms;

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
    var z: array<vec4f, CLASSES>;
    for (var k: u32 = 0; k < CLASSES; k++) { // unroll
      z[k] = vec4f(bias[k]);
    }
    for (var c: u32 = 0; c < uniforms.channels; c++) {
      let value = x[(index * uniforms.channels + c) * 8 + g];
      for (var k: u32 = 0; k < CLASSES; k++) { // unroll
        z[k] = fma(vec4f(kernel[k * uniforms.channels + c]), value, z[k]);
      }
    }
    let w = weight[index * 8 + g];
    let truth = label[index * 8 + g];
    let counts = w > vec4f();
    var largest = z[0];
    for (var k: u32 = 0; k < CLASSES; k++) { // unroll
      largest = max(largest, z[k]);
    }
    var sum = vec4f();
    var atLabel = vec4f();
    for (var k: u32 = 0; k < CLASSES; k++) { // unroll
      atLabel = select(atLabel, z[k] - largest, truth == vec4f(f32(k)));
      z[k] = exp(z[k] - largest);
      sum += z[k];
    }
    loss += select(vec4f(), w * (log(sum) - atLabel), counts);
    for (var k: u32 = 0; k < CLASSES; k++) { // unroll
      let target01 = select(vec4f(), vec4f(1.0), truth == vec4f(f32(k)));
      let gradient = w * share * (z[k] / sum - target01);
      dlogits[(index * CLASSES + k) * 8 + g] = select(vec4f(), gradient, counts);
    }
  }
  parts[index] = (loss.x + loss.y) + (loss.z + loss.w);
}
