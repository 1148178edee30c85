// The scale of the loss for the next step: half as large after an overflow, twice as large after
// growEvery steps without one. Clears the mark of the overflow. One invocation.
const LANES: u32 = 1; // invocations per workgroup

struct Uniforms {
  growEvery: u32, // steps
}
// [0]: scale, [1]: 1 / scale, [2]: steps since the scale changed, [3]: steps that were skipped in
// all, [4]: 1 if this step overflowed, else 0
@group(0) @binding(0) var<storage, read_write> scaling: array<f32>;
@group(0) @binding(1) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main() {
  let overflows = scaling[4] != 0.0;
  let steps = select(scaling[2] + 1.0, 0.0, overflows);
  let grows = steps >= f32(uniforms.growEvery);
  let factor = select(select(1.0, 2.0, grows), 0.5, overflows);
  scaling[0] *= factor;
  scaling[1] *= select(select(1.0, 0.5, grows), 2.0, overflows);
  scaling[2] = select(steps, 0.0, grows);
  scaling[3] += select(0.0, 1.0, overflows);
  scaling[4] = 0.0;
}
