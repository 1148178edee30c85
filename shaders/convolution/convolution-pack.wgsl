// Orders a convolution's weight for convolution-texture and convolution-transpose-texture:
//   packed[ky * CG + c][tile][kx * OUT + o] = weight[group * groupStride + (first + o) * outStride
//     + c * inStride + ky * KW + kx], tile = group * (tiles of a group) + first / OUT
// Channels past the last of a group, and whatever fills a row, are 0. One invocation writes four.
const OUT: u32 = 16; // output channels per tile, a multiple of 4
const LANES: u32 = 16; // invocations per workgroup

struct Uniforms {
  rows: u32, // KH * CG
  rowTexels: u32, // groups of 4 floats per row
  tileTexels: u32, // of one tile
  tiles: u32, // of all groups
  groupTiles: u32, // of one group
  groupIn: u32, // CG
  groupOut: u32, // output channels of one group
  kernelWidth: u32, // KW
  groupStride: u32,
  outStride: u32,
  inStride: u32,
}
@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  if (index >= uniforms.rows * uniforms.rowTexels) { return; }
  let row = index / uniforms.rowTexels;
  let texel = index % uniforms.rowTexels;
  let tile = texel / uniforms.tileTexels;
  let float = texel % uniforms.tileTexels * 4;
  let kx = float / OUT;
  let first = tile % uniforms.groupTiles * OUT + float % OUT;
  let ky = row / uniforms.groupIn;
  let source = tile / uniforms.groupTiles * uniforms.groupStride + row % uniforms.groupIn * uniforms.inStride
    + ky * uniforms.kernelWidth + kx;
  var value = vec4f();
  for (var k: u32 = 0; k < 4; k++) { // unroll
    if (tile < uniforms.tiles && kx < uniforms.kernelWidth && first + k < uniforms.groupOut) {
      value[k] = weight[source + (first + k) * uniforms.outStride];
    }
  }
  packed[index] = value;
}
