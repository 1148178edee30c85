// Winograd F(4x4, 3x3), step 2 of 3: 36 matrix products.
//   m[k][o][tile] = sum over c of u[k][o / OUT][c][o % OUT] * v[k][c][tile]
// v [36][C][groups of 4 tiles] and m [36][CO][groups of 4 tiles] of vec4f, u as
// conv2d-winograd-weight writes it. One invocation computes OUT output channels of TILES groups of
// tiles in registers; an iteration of its loop reads DEPTH input channels, and stores each sum once.
const OUT: u32 = 8; // output channels per invocation, a multiple of 4
const TILES: u32 = 2; // groups of 4 tiles per invocation
const DEPTH: u32 = 4; // input channels per iteration
const LANES: u32 = 4; // invocations per workgroup
const SUBGROUP: u32 = 0; // invocations per subgroup; 0: the driver chooses

struct Uniforms {
  inChannels: u32,
  outChannels: u32,
  groups: u32, // groups of 4 tiles
}
@group(0) @binding(0) var<storage, read> v: array<vec4f>;
@group(0) @binding(1) var<storage, read> u: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let pieces = (uniforms.groups + TILES - 1) / TILES;
  let blocks = (uniforms.outChannels + OUT - 1) / OUT;
  let item = (id.x + id.y * count.x) * LANES + lane;
  if (item >= 36 * blocks * pieces) { return; }
  let piece = item % pieces;
  let block = item / pieces % blocks;
  let k = item / pieces / blocks;
  // Groups and channels past the last compute the last ones, and write them again.
  var group: array<u32, TILES>;
  for (var t: u32 = 0; t < TILES; t++) { // unroll
    group[t] = min(piece * TILES + t, uniforms.groups - 1);
  }
  var sum: array<vec4f, OUT * TILES>;
  let fromV = k * uniforms.inChannels * uniforms.groups;
  let fromU = (k * blocks + block) * uniforms.inChannels * (OUT / 4);
  for (var c: u32 = 0; c < uniforms.inChannels; c += DEPTH) {
    var w: array<vec4f, DEPTH * OUT / 4>;
    var p: array<vec4f, DEPTH * TILES>;
    for (var d: u32 = 0; d < DEPTH; d++) { // unroll
      // Channels past the last read the last one, times 0.
      let channel = min(c + d, uniforms.inChannels - 1);
      for (var o: u32 = 0; o < OUT / 4; o++) { // unroll
        w[d * OUT / 4 + o] = select(vec4f(), u[fromU + channel * (OUT / 4) + o], c + d < uniforms.inChannels);
      }
      for (var t: u32 = 0; t < TILES; t++) { // unroll
        p[d * TILES + t] = v[fromV + channel * uniforms.groups + group[t]];
      }
    }
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      for (var t: u32 = 0; t < TILES; t++) { // unroll
        for (var d: u32 = 0; d < DEPTH; d++) { // unroll
          sum[o * TILES + t] = fma(p[d * TILES + t], vec4f(w[d * OUT / 4 + o / 4][o % 4]), sum[o * TILES + t]);
        }
      }
    }
  }
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    if (block * OUT + o < uniforms.outChannels) {
      for (var t: u32 = 0; t < TILES; t++) { // unroll
        m[(k * uniforms.outChannels + block * OUT + o) * uniforms.groups + group[t]] = sum[o * TILES + t];
      }
    }
  }
}
