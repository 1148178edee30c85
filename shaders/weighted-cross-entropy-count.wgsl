// How many pixels have a positive weight, first stage: parts[b] for each block of 32 pixels of a
// row. weight [N,1,H,W] in image order; parts [rows * blocks] dense, as floats, exact to 2^24. One
// invocation counts one block.
const LANES: u32 = 64; // invocations of a workgroup

struct Record {
  rows: u32, // images times height
  rowGroups: u32, // groups of four pixels a row
  blocks: u32, // blocks of 32 pixels a row
}
@group(0) @binding(0) var<storage, read> weight: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> parts: array<f32>;
@group(0) @binding(2) var<uniform> record: Record;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= record.rows * record.blocks) { return; }
  let groups = min(8, record.rowGroups - index % record.blocks * 8);
  var sum = vec4f();
  for (var g: u32 = 0; g < groups; g++) {
    sum += select(vec4f(), vec4f(1.0), weight[index * 8 + g] > vec4f());
  }
  parts[index] = (sum.x + sum.y) + (sum.z + sum.w);
}
