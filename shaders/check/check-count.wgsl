// Counts the dispatches that ran: a driver may drop some.
//   y[i] = y[i] + i + 1
// One invocation adds to one number.
const LANES: u32 = 64; // invocations per workgroup

@group(0) @binding(0) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  y[id.x] += id.x + 1;
}
