// Orders a convolution's weight for convolution-texture and convolution-transpose-texture:
//   packed[i * CG + c][tile][t * OUT + o] = weight[group * groupStride + (first + o) * outStride
//     + c * inStride + i * TAPS + t], tile = group * (tiles of a group) + first / OUT
// where an iteration of theirs takes TAPS taps of a channel: one row of the kernel or several.
// Channels past the last of a group, and what fills a tile, are 0. What fills a row is not written.
// One invocation writes four floats of CHANNELS rows; a workgroup is in tile id.z.
const OUT: u32 = 16; // output channels per tile, a multiple of 4
const LANES: u32 = 16; // invocations per workgroup
const CHANNELS: u32 = 4; // input channels per invocation

struct Uniforms {
  rowTexels: u32, // groups of 4 floats per row
  tileTexels: u32, // of one tile, a multiple of LANES
  groupTiles: u32, // of one group
  groupIn: u32, // CG
  bands: u32, // CG / CHANNELS, rounded up
  groupOut: u32, // output channels of one group
  taps: u32, // TAPS
  groupStride: u32,
  outStride: u32,
  inStride: u32,
}
@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let texel = id.x * LANES + lane; // of the tile
  let tap = texel * 4 / OUT;
  let group = id.z / uniforms.groupTiles;
  let first = (id.z - group * uniforms.groupTiles) * OUT + texel * 4 % OUT;
  let iteration = id.y / uniforms.bands;
  let firstChannel = (id.y - iteration * uniforms.bands) * CHANNELS;
  for (var i: u32 = 0; i < CHANNELS; i++) { // unroll
    // Channels past the last write the last one again.
    let c = min(firstChannel + i, uniforms.groupIn - 1);
    let source = group * uniforms.groupStride + c * uniforms.inStride + iteration * uniforms.taps + tap;
    var value: vec4f;
    for (var k: u32 = 0; k < 4; k++) { // unroll
      let isWeight = tap < uniforms.taps && first + k < uniforms.groupOut;
      value[k] = select(0, weight[select(0, source + (first + k) * uniforms.outStride, isWeight)], isWeight);
    }
    packed[(iteration * uniforms.groupIn + c) * uniforms.rowTexels + id.z * uniforms.tileTexels + texel] = value;
  }
}
