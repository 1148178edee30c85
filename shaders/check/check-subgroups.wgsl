// The size of subgroups and what their lanes hand each other.
//   y = [size, lanes counted by subgroupAdd, place in the subgroup, the first lane's number, the
//        numbers of the lanes at places 1, by a shuffle, 2, by that of a vector, and 3, by a
//        broadcast], each [LANES]; a lane's number is its place in the workgroup.
// One invocation is one lane.
enable subgroups;
const LANES: u32 = 64; // invocations per workgroup

@group(0) @binding(0) var<storage, read> numbers: array<f32>; // [LANES]
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_size) size: u32,
  @builtin(subgroup_invocation_id) place: u32,
) {
  let number = numbers[lane];
  y[lane] = f32(size);
  y[LANES + lane] = subgroupAdd(1.0);
  y[2 * LANES + lane] = f32(place);
  y[3 * LANES + lane] = subgroupBroadcastFirst(number);
  y[4 * LANES + lane] = subgroupShuffle(number, 1);
  y[5 * LANES + lane] = subgroupShuffle(vec4f(-1.0, -2.0, -3.0, number), 2).w;
  y[6 * LANES + lane] = subgroupBroadcast(number, 3);
}
