// Reads a texture whose bytes were copied from a buffer.
//   y = the four floats of each texel, row by row
// One invocation reads one texel.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  width: u32,
  height: u32,
}
@group(0) @binding(0) var x: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= uniforms.width * uniforms.height) { return; }
  y[id.x] = textureLoad(x, vec2u(id.x % uniforms.width, id.x / uniforms.width));
}
