// Gradient of a convolution's weight by Winograd F(3x3, 4x4), step 2: 36 matrix products, for adapters
// whose subgroups have 4 lanes.
//   parts[s][k][o][c] = sum over the tiles of stripe s of d[k][o][tile] * v[k][c][tile]
// d [36][CO][groups of 4 tiles] and v [36][CI][groups of 4 tiles] of vec4f; parts dense. One
// invocation computes OUT x IN sums in registers; an iteration of its loop reads DEPTH groups of
// tiles, and stores each sum once. The workgroup is one subgroup with all lanes active. They
// compute the same output channels: each loads a quarter of d, and broadcasts distribute it.
enable subgroups;
const IN: u32 = 8; // input channels per invocation
const DEPTH: u32 = 1; // groups of tiles per iteration

const OUT: u32 = 16; // output channels per invocation
const LANES: u32 = 4; // invocations per workgroup
const LOADS: u32 = DEPTH * OUT / LANES; // groups of d that a lane loads per iteration

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
  let inBlocks = (uniforms.inChannels + IN * LANES - 1) / (IN * LANES);
  // Workgroups past the last do the work of the last again.
  let item = min(id.x + id.y * count.x, 36 * outBlocks * inBlocks - 1);
  let firstIn = (item % inBlocks * LANES + lane) * IN;
  let firstOut = item / inBlocks % outBlocks * OUT;
  let k = item / inBlocks / outBlocks;
  // Channels past the last read the last one; their sums are not written.
  var fromD: array<u32, LOADS>; // of the channels that the lane loads
  for (var j: u32 = 0; j < LOADS; j++) { // unroll
    fromD[j] = (k * uniforms.outChannels + min(firstOut + (j * LANES + lane) % OUT, uniforms.outChannels - 1)) * uniforms.groups;
  }
  var fromV: array<u32, IN>;
  for (var c: u32 = 0; c < IN; c++) { // unroll
    fromV[c] = (k * uniforms.inChannels + min(firstIn + c, uniforms.inChannels - 1)) * uniforms.groups;
  }
  var sum: array<f32, OUT * IN>;
  for (var first: u32 = 0; first < uniforms.groups; first += DEPTH) {
    // Groups past the last read the last one, times 0.
    var p: array<vec4f, DEPTH * OUT>; // of all channels, the same in all lanes
    for (var j: u32 = 0; j < LOADS; j++) { // unroll
      let own = d[fromD[j] + min(first + (j * LANES + lane) / OUT, uniforms.groups - 1)];
      p[j * LANES] = subgroupBroadcast(own, 0);
      p[j * LANES + 1] = subgroupBroadcast(own, 1);
      p[j * LANES + 2] = subgroupBroadcast(own, 2);
      p[j * LANES + 3] = subgroupBroadcast(own, 3);
    }
    var q: array<vec4f, DEPTH * IN>;
    for (var g: u32 = 0; g < DEPTH; g++) { // unroll
      for (var c: u32 = 0; c < IN; c++) { // unroll
        q[g * IN + c] = select(vec4f(), v[fromV[c] + min(first + g, uniforms.groups - 1)], first + g < uniforms.groups);
      }
    }
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      for (var c: u32 = 0; c < IN; c++) { // unroll
        for (var g: u32 = 0; g < DEPTH; g++) { // unroll
          for (var t: u32 = 0; t < 4; t++) { // unroll
            sum[o * IN + c] = fma(p[g * OUT + o][t], q[g * IN + c][t], sum[o * IN + c]);
          }
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
