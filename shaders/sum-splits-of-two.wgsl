// Adds partial sums of two tensors in a fixed order, so that a run repeats to the bit:
//   y[i] = sum over s = 0 .. splits - 1 of parts[s, i], and the same for the second tensor
// parts [splits, count], y [count], secondParts [secondSplits, secondCount] and second
// [secondCount], dense. One invocation adds one element.
const LANES: u32 = 8; // invocations of a workgroup

struct Record {
  splits: u32,
  count: u32,
  secondSplits: u32,
  secondCount: u32,
}
@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read> secondParts: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> second: array<f32>;
@group(0) @binding(4) var<uniform> record: Record;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= record.count + record.secondCount) { return; }
  var sum = 0.0;
  if (index < record.count) {
    for (var s: u32 = 0; s < record.splits; s++) {
      sum += parts[s * record.count + index];
    }
    y[index] = sum;
  } else {
    let place = index - record.count;
    for (var s: u32 = 0; s < record.secondSplits; s++) {
      sum += secondParts[s * record.secondCount + place];
    }
    second[place] = sum;
  }
}
