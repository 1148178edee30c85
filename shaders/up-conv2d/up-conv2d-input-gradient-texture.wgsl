// Gradient of the input of a 2x2 up-convolution, for adapters that load faster from textures and
// whose subgroups have 8 or 16 lanes:
//   dx[n,c,i,j] = sum over o,a,b of weight[c,o,a,b] * dy[n,o,2i+a,2j+b]
// dy [N,CO,2H,2W] as a texture (textureSize in layout.ts); weight [CI,CO,2,2] as a texture whose
// texel (o, c) holds the four taps of [c,o]; CO is a multiple of 16. mask, like dx, as a texture;
// dx [N,CI,H,W] in image order, as a buffer.
// A matrix product: one invocation computes 4 pixels x IN channels in registers; an iteration of
// its loop takes OUT channels of dy. Each lane loads its share of an iteration's weights, and
// subgroupShuffle distributes them. The workgroup is one subgroup with all lanes active.
enable subgroups;
alias DyTexels = texture_storage_2d<rgba32float, read>; // rgba16float if dy is f16
alias MaskTexels = texture_storage_2d<rgba32float, read>; // rgba16float if mask is f16
const MASK: bool = false; // whether dx is 0 where mask is not above 0; without, mask is not read

const IN: u32 = 16; // channels of dx per invocation
const OUT: u32 = 2; // channels of dy per iteration, 1, 2, 4 or 8
const LANES: u32 = 8; // invocations per workgroup, 8 or 16
const WEIGHTS: u32 = IN * OUT / LANES; // weight texels per lane and iteration

struct Uniforms {
  batch: u32,
  inChannels: u32,
  inHeight: u32,
  inWidth: u32,
  inBlocks: u32, // blocks of 32 pixels per row of dx
  maskFold: u32, // binary logarithm of the rows side by side in the texture of mask
  outChannels: u32,
  outBlocks: u32,
  outFold: u32,
}
@group(0) @binding(0) var dy: DyTexels;
@group(0) @binding(1) var weight: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var mask: MaskTexels;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

// The texel of channel 0 at the group `x4` of the row of blocks `line`, of a tensor with `channels`.
fn texel(line: u32, x4: u32, channels: u32, fold: u32) -> vec2u {
  let side = line & ((1u << fold) - 1);
  return vec2u(side * channels * 8 + (x4 & 7), line >> fold);
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  // Items and channels past the end compute the last one and write it to its place again:
  // stores without branches compile several times faster on a software adapter.
  let groups = (uniforms.inWidth + 3) / 4;
  let index = min((id.x + id.y * count.x) * LANES + lane, uniforms.batch * uniforms.inHeight * groups - 1);
  let row = index / groups;
  let x4 = index - row * groups;
  let firstIn = id.z * IN;
  let lastIn = uniforms.inChannels - 1;

  var above: array<vec2u, 2>; // the left group of dy in both rows; followed by the right one
  for (var a: u32 = 0; a < 2; a++) { // unroll
    above[a] = texel((row * 2 + a) * uniforms.outBlocks + (x4 >> 2), x4 * 2, uniforms.outChannels, uniforms.outFold);
  }
  // The right group may lie past the row: then the left one is read in its place, and what it
  // gives lies past the width of dx.
  let right = select(0u, 1u, x4 * 8 + 4 < uniforms.inWidth * 2);
  var channel: array<u32, WEIGHTS>; // that the lane loads weights of
  for (var j: u32 = 0; j < WEIGHTS; j++) { // unroll
    channel[j] = min(firstIn + (j * LANES + lane) / OUT, lastIn);
  }

  var sum: array<vec4f, IN>;
  for (var o: u32 = 0; o < uniforms.outChannels; o += OUT) {
    var k: array<vec4f, WEIGHTS>;
    for (var j: u32 = 0; j < WEIGHTS; j++) { // unroll
      k[j] = textureLoad(weight, vec2u(o + lane % OUT, channel[j]));
    }
    var tap: array<vec4f, OUT * 4>; // the pixels of dy under each tap
    for (var i: u32 = 0; i < OUT; i++) { // unroll
      for (var a: u32 = 0; a < 2; a++) { // unroll
        let p = textureLoad(dy, vec2u(above[a].x + (o + i) * 8, above[a].y));
        let q = textureLoad(dy, vec2u(above[a].x + (o + i) * 8 + right, above[a].y));
        tap[i * 4 + a * 2] = vec4f(p.x, p.z, q.x, q.z);
        tap[i * 4 + a * 2 + 1] = vec4f(p.y, p.w, q.y, q.w);
      }
    }
    for (var c: u32 = 0; c < IN; c++) { // unroll
      for (var i: u32 = 0; i < OUT; i++) { // unroll
        for (var t: u32 = 0; t < 4; t++) { // unroll
          let w = vec4f(subgroupShuffle(k[(c * OUT + i) / LANES][t], (c * OUT + i) % LANES));
          sum[c] = fma(tap[i * 4 + t], w, sum[c]);
        }
      }
    }
  }

  // Pixels past the right edge are written as 0: the padding rule.
  let keep = vec4u(0, 1, 2, 3) + x4 * 4 < vec4u(uniforms.inWidth);
  let first = at(row, x4, 0, uniforms.inBlocks, uniforms.inChannels);
  let shown = texel(row * uniforms.inBlocks + (x4 >> 3), x4, uniforms.inChannels, uniforms.maskFold);
  for (var c: u32 = 0; c < IN; c++) { // unroll
    let last = min(firstIn + c, lastIn) * 8;
    var kept = keep;
    if (MASK) { kept = keep & (textureLoad(mask, vec2u(shown.x + last, shown.y)) > vec4f()); }
    dx[first + last] = select(vec4f(), sum[c], kept);
  }
}
