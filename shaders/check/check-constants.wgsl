// Tells pipelines of one shader apart by their constants: a cache may hand out another one's code.
//   y[i] = i * FACTOR + SUMMAND
// One invocation writes one number.
const LANES: u32 = 64; // invocations per workgroup
const FACTOR: u32 = 1; // what each number is multiplied by
const SUMMAND: u32 = 0; // what is added

@group(0) @binding(0) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  y[id.x] = id.x * FACTOR + SUMMAND;
}
