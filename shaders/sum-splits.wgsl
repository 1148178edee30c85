// Adds partial sums in a fixed order, so that a run repeats to the bit:
//   y[i] = sum over s = 0 .. splits - 1 of parts[s, i]
// parts [splits, count] and y [count], dense. One invocation adds one element.
const LANES: u32 = 8; // invocations of a workgroup

struct Record {
  splits: u32,
  count: u32,
}
@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> record: Record;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= record.count) { return; }
  var sum = 0.0;
  for (var s: u32 = 0; s < record.splits; s++) {
    sum += parts[s * record.count + index];
  }
  y[index] = sum;
}
