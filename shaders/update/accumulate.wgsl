// The mean over the batches of a step, one batch after the other:
//   mean = mean + share * (value - mean);  for the first batch of a step mean = value
// where share is the batch's part of what the mean is then made of. The mean from before a step is
// ignored, even if it is NaN; NaN and infinities within a step persist. All
// dense [count]. One invocation processes four floats.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  groups: u32, // groups of four floats
}
@group(0) @binding(0) var<storage, read> value: array<vec4f>;
@group(0) @binding(1) var<storage, read> batch: array<f32>; // [1]: images of the step before it, [2]: share
@group(0) @binding(2) var<storage, read_write> mean: array<vec4f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.groups) { return; }
  var result = value[index];
  if (batch[1] > 0.0) {
    let before = mean[index];
    result = fma(vec4f(batch[2]), result - before, before);
  }
  mean[index] = result;
}
