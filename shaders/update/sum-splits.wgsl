// Adds the partial sums of a weight's gradient and of its bias in a fixed order, so that a run repeats
// to the bit:
//   dw[i] = sum over s = 0 .. splits - 1 of parts[s, i];  db[o] = sum over s of biasParts[s, o]
// parts [splits, count], dw [count], biasParts [splits, biasCount] and db [biasCount], dense. One
// invocation adds one element.
const LANES: u32 = 8; // invocations per workgroup

struct Uniforms {
  splits: u32,
  count: u32,
  biasCount: u32, // 0 if the first stage sums no bias: its bindings are not used then
}
@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read> biasParts: array<f32>;
@group(0) @binding(2) var<storage, read_write> dw: array<f32>;
@group(0) @binding(3) var<storage, read_write> db: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.count + uniforms.biasCount) { return; }
  var sum = 0.0;
  if (index < uniforms.count) {
    for (var s: u32 = 0; s < uniforms.splits; s++) {
      sum += parts[s * uniforms.count + index];
    }
    dw[index] = sum;
  } else {
    let o = index - uniforms.count;
    for (var s: u32 = 0; s < uniforms.splits; s++) {
      sum += biasParts[s * uniforms.biasCount + o];
    }
    db[o] = sum;
  }
}
