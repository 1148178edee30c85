// 2x2 up-convolution with stride 2 (transposed convolution), with bias, for adapters that load
// faster from textures and whose subgroups have 8 or 16 lanes:
//   y[n,o,2i+a,2j+b] = bias[o] + sum over c of weight[c,o,a,b] * x[n,c,i,j]
// x [N,CI,H,W] as a texture (textureSize in layout.ts); weight [CI,CO,2,2] as a texture whose texel
// (o, c) holds the four taps of [c,o], so that nothing is packed; CO is a multiple of 16. bias [CO]
// dense; y [N,CO,2H,2W] in image order, as a buffer.
// A matrix product: one invocation computes 4 pixels of x x OUT channels x 4 taps in registers; an
// iteration of its loop takes IN input channels. Each lane loads its share of an iteration's
// weights, and subgroupShuffle distributes them. The workgroup is one subgroup with all lanes active.
enable subgroups;
alias XTexels = texture_storage_2d<rgba32float, read>; // rgba16float if x is f16
const BIAS: bool = true; // whether bias is added; without, the binding is not read

const OUT: u32 = 8; // output channels per invocation, at most LANES
const IN: u32 = 4; // input channels per iteration
const LANES: u32 = 8; // invocations per workgroup, 8 or 16
const WEIGHTS: u32 = IN * OUT / LANES; // weight texels per lane and iteration

struct Uniforms {
  batch: u32,
  inChannels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row of x
  inFold: u32, // binary logarithm of the rows side by side in the texture of x
  outChannels: u32,
  outBlocks: u32,
}
@group(0) @binding(0) var x: XTexels;
@group(0) @binding(1) var weight: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

// The texel of the group x4 of channel 0 in row `row` of x.
fn texel(row: u32, x4: u32) -> vec2u {
  let line = row * uniforms.inBlocks + (x4 >> 3);
  let side = line & ((1u << uniforms.inFold) - 1);
  return vec2u(side * uniforms.inChannels * 8 + (x4 & 7), line >> uniforms.inFold);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  // Items past the end compute the last one and write it to its place again: stores without
  // branches compile several times faster on a software adapter.
  let groups = (uniforms.inWidth + 3) / 4;
  let index = min((id.x + id.y * count.x) * LANES + lane, uniforms.batch * uniforms.inHeight * groups - 1);
  let row = index / groups;
  let x4 = index - row * groups;
  let firstOut = id.z * OUT;
  let place = texel(row, x4);
  let lastIn = uniforms.inChannels - 1;
  var sum: array<vec4f, OUT * 4>;
  for (var c: u32 = 0; c < uniforms.inChannels; c += IN) {
    // Channels past the end read the last one, with a weight of 0.
    var k: array<vec4f, WEIGHTS>;
    for (var j: u32 = 0; j < WEIGHTS; j++) { // unroll
      let channel = c + (j * LANES + lane) / OUT;
      k[j] = textureLoad(weight, vec2u(firstOut + lane % OUT, min(channel, lastIn)));
      k[j] = select(vec4f(), k[j], channel <= lastIn);
    }
    var p: array<vec4f, IN>;
    for (var i: u32 = 0; i < IN; i++) { // unroll
      p[i] = textureLoad(x, vec2u(place.x + min(c + i, lastIn) * 8, place.y));
    }
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      for (var t: u32 = 0; t < 4; t++) { // unroll
        for (var i: u32 = 0; i < IN; i++) { // unroll
          let w = vec4f(subgroupShuffle(k[(i * OUT + o) / LANES][t], (i * OUT + o) % LANES));
          sum[o * 4 + t] = fma(p[i], w, sum[o * 4 + t]);
        }
      }
    }
  }

  var b = 0.0;
  if (BIAS) { b = bias[firstOut + lane % OUT]; }
  // Pixels past the right edge are written as 0: the padding rule. A right group past the
  // end lies in the padding of its block.
  let column = vec4u(0, 1, 2, 3) + x4 * 8;
  let keepLeft = column < vec4u(uniforms.inWidth * 2);
  let keepRight = column + 4 < vec4u(uniforms.inWidth * 2);
  for (var a: u32 = 0; a < 2; a++) { // unroll
    let left = at(row * 2 + a, x4 * 2, firstOut, uniforms.outBlocks, uniforms.outChannels);
    for (var o: u32 = 0; o < OUT; o++) { // unroll
      let even = sum[o * 4 + a * 2] + subgroupShuffle(b, o);
      let odd = sum[o * 4 + a * 2 + 1] + subgroupShuffle(b, o);
      y[left + o * 8] = select(vec4f(), vec4f(even.x, odd.x, even.y, odd.y), keepLeft);
      y[left + o * 8 + 1] = select(vec4f(), vec4f(even.z, odd.z, even.w, odd.w), keepRight);
    }
  }
}
