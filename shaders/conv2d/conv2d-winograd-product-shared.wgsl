// Winograd F(4x4, 3x3), step 2 of 3: 36 matrix products, for adapters whose subgroups have 4 lanes.
//   m[k][o][tile] = sum over c of u[k][o / OUT][c][o % OUT] * v[k][c][tile]
// v [36][C][groups of 4 tiles] and m [36][CO][groups of 4 tiles] of vec4f, u as
// conv2d-winograd-weight writes it. One invocation computes OUT output channels of TILES groups of
// tiles in registers; an iteration of its loop reads four input channels, and stores each sum once.
// The workgroup is one subgroup with all lanes active. They compute the same channels:
// each loads a quarter of an iteration's weights, and subgroupBroadcast distributes them.
enable subgroups;
const OUT: u32 = 32; // output channels per invocation, a multiple of 4
const TILES: u32 = 4; // groups of 4 tiles per invocation
const LANES: u32 = 4; // invocations per workgroup
const LOADS: u32 = OUT / LANES; // of four weights per lane and iteration

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
  let pieces = (uniforms.groups + TILES * LANES - 1) / (TILES * LANES);
  let blocks = (uniforms.outChannels + OUT - 1) / OUT;
  // Workgroups past the last do the work of the last again.
  let item = min(id.x + id.y * count.x, 36 * blocks * pieces - 1);
  let piece = item % pieces * LANES + lane;
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
  for (var c: u32 = 0; c < uniforms.inChannels; c += 4) {
    var w: array<vec4f, OUT>; // of four channels [c][OUT / 4], the same in all lanes
    for (var j: u32 = 0; j < LOADS; j++) { // unroll
      // Channels past the last read the last one, times 0.
      let channel = c + (j * LANES + lane) / (OUT / 4);
      let place = fromU + min(channel, uniforms.inChannels - 1) * (OUT / 4) + (j * LANES + lane) % (OUT / 4);
      let own = select(vec4f(), u[place], channel < uniforms.inChannels);
      w[j * LANES] = subgroupBroadcast(own, 0);
      w[j * LANES + 1] = subgroupBroadcast(own, 1);
      w[j * LANES + 2] = subgroupBroadcast(own, 2);
      w[j * LANES + 3] = subgroupBroadcast(own, 3);
    }
    var p: array<mat4x4f, TILES>; // a column is a channel
    for (var d: u32 = 0; d < 4; d++) { // unroll
      for (var t: u32 = 0; t < TILES; t++) { // unroll
        p[t][d] = v[fromV + min(c + d, uniforms.inChannels - 1) * uniforms.groups + group[t]];
      }
    }
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      let f = vec4f(w[o / 4][o % 4], w[(OUT + o) / 4][o % 4], w[(2 * OUT + o) / 4][o % 4], w[(3 * OUT + o) / 4][o % 4]);
      for (var t: u32 = 0; t < TILES; t++) { // unroll
        sum[o * TILES + t] += p[t] * f;
      }
    }
  }
  for (var o: u32 = 0; o < OUT; o++) { // unroll
    let channel = min(block * OUT + o, uniforms.outChannels - 1);
    for (var t: u32 = 0; t < TILES; t++) { // unroll
      m[(k * uniforms.outChannels + channel) * uniforms.groups + group[t]] = sum[o * TILES + t];
    }
  }
}
