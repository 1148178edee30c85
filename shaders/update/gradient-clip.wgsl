// Clipping by the norm of all gradients, second stage:
//   norm = sqrt(sum of parts);  clip = [min(1, limit / norm), norm]
// Dense. One invocation does it all.
const PARTS: u32 = 1024; // partial sums of squares

struct Uniforms {
  limit: f32, // largest norm of an update's gradients
}
@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> clip: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(1)
fn main() {
  var square = 0.0;
  for (var part: u32 = 0; part < PARTS; part++) {
    square += parts[part];
  }
  let norm = sqrt(square);
  clip[0] = select(1.0, uniforms.limit / norm, norm > uniforms.limit);
  clip[1] = norm;
}
