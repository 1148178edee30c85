// Gradient of a convolution's weight by Winograd F(3x3, 4x4), step 2: 36 matrix products.
//   parts[s][k][o][c] = sum over the tiles of stripe s of d[k][o][tile] * v[k][c][tile]
// d [36][CO][groups of 4 tiles] and v [36][CI][groups of 4 tiles] of vec4f; parts dense. One
// invocation computes OUT x IN sums in registers; an iteration of its loop reads a group of tiles.
const OUT: u32 = 8; // output channels per invocation
const IN: u32 = 8; // input channels per invocation
const LANES: u32 = 4; // invocations per workgroup
const SUBGROUP: u32 = 0; // invocations per subgroup; 0: the driver chooses

struct Uniforms {
  outChannels: u32,
  inChannels: u32,
  groups: u32, // groups of 4 tiles
  stripe: u32, // s
}
@group(0) @binding(0) var<storage, read> d: array<vec4f>;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let outBlocks = (uniforms.outChannels + OUT - 1) / OUT;
  let inBlocks = (uniforms.inChannels + IN - 1) / IN;
  let item = (id.x + id.y * count.x) * LANES + lane;
  if (item >= 36 * outBlocks * inBlocks) { return; }
  let firstIn = item % inBlocks * IN;
  let firstOut = item / inBlocks % outBlocks * OUT;
  let k = item / inBlocks / outBlocks;
  // Channels past the last read the last one; their sums are not written.
  var fromD: array<u32, OUT>;
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    fromD[o] = (k * uniforms.outChannels + min(firstOut + o, uniforms.outChannels - 1)) * uniforms.groups;
  }
  var fromV: array<u32, IN>;
  for (var c: u32 = 0; c < IN; c++) { // unroll
    fromV[c] = (k * uniforms.inChannels + min(firstIn + c, uniforms.inChannels - 1)) * uniforms.groups;
  }
  var sum: array<f32, OUT * IN>;
  for (var t: u32 = 0; t < uniforms.groups; t++) {
    var q: array<vec4f, IN>;
    for (var c: u32 = 0; c < IN; c++) { // unroll
      q[c] = v[fromV[c] + t];
    }
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      let p = d[fromD[o] + t];
      for (var c: u32 = 0; c < IN; c++) { // unroll
        for (var i: u32 = 0; i < 4; i++) { // unroll
          sum[o * IN + c] = fma(p[i], q[c][i], sum[o * IN + c]);
        }
      }
    }
  }
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    for (var c: u32 = 0; c < IN; c++) { // unroll
      if (firstOut + o < uniforms.outChannels && firstIn + c < uniforms.inChannels) {
        let row = (uniforms.stripe * 36 + k) * uniforms.outChannels + firstOut + o;
        parts[row * uniforms.inChannels + firstIn + c] = sum[o * IN + c];
      }
    }
  }
}
