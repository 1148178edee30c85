// Transforms the weight of a 3x3 convolution for conv2d-texture-winograd: Winograd F(4,3) along kx.
//   packed[c][o / OUT][o % OUT][form][ky] = sum over kx of G[form][kx] * w(o, c, ky, kx)
// w is weight[o,c,ky,kx] of weight [CO,CI,3,3], or, TRANSPOSED, weight[c,first+o,2-ky,2-kx] of weight
// [CI,.,3,3]: the input gradient is the convolution with that. Channels past the last are 0.
// One invocation does two output channels of one input channel: their 36 floats are 9 whole vec4f.
const TRANSPOSED: bool = false; // whether the weight is read for the input gradient
const OUT: u32 = 16; // output channels of a block
const LANES: u32 = 64; // invocations of a workgroup

struct Record {
  outChannels: u32,
  inChannels: u32,
  weightChannels: u32, // the weight's second size
  first: u32, // TRANSPOSED: the first of the weight's input channels
  blockGroups: u32, // from one block to the next in groups of four floats
  channelGroups: u32, // from one input channel to the next
}
@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<vec4f>;
@group(0) @binding(2) var<uniform> record: Record;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  let pairs = (record.outChannels + OUT - 1) / OUT * OUT / 2; // of output channels
  if (index >= pairs * record.inChannels) { return; }
  // Neighbouring lanes read neighbouring weights.
  let c = select(index % record.inChannels, index / pairs, TRANSPOSED);
  let firstOut = select(index / record.inChannels, index % pairs, TRANSPOSED) * 2;
  var form: array<f32, 36>;
  for (var h: u32 = 0; h < 2; h++) { // unroll
    let o = firstOut + h;
    let exists = o < record.outChannels;
    let place = select(o * record.weightChannels + c, c * record.weightChannels + record.first + o, TRANSPOSED);
    let source = select(0, place * 9, exists);
    for (var ky: u32 = 0; ky < 3; ky++) { // unroll
      var w: array<f32, 3>;
      for (var kx: u32 = 0; kx < 3; kx++) { // unroll
        w[kx] = select(0.0, weight[source + select(ky * 3 + kx, 8 - ky * 3 - kx, TRANSPOSED)], exists);
      }
      let outer = w[0] + w[2];
      let far = fma(4.0, w[2], w[0]);
      form[h * 18 + ky] = w[0] * 0.25;
      form[h * 18 + 3 + ky] = (outer + w[1]) * (-1.0 / 6.0);
      form[h * 18 + 6 + ky] = (outer - w[1]) * (-1.0 / 6.0);
      form[h * 18 + 9 + ky] = fma(2.0, w[1], far) * (1.0 / 24.0);
      form[h * 18 + 12 + ky] = fma(-2.0, w[1], far) * (1.0 / 24.0);
      form[h * 18 + 15 + ky] = w[2];
    }
  }
  let destination = firstOut / OUT * record.blockGroups + c * record.channelGroups + firstOut % OUT / 2 * 9;
  for (var i: u32 = 0; i < 9; i++) { // unroll
    packed[destination + i] = vec4f(form[i * 4], form[i * 4 + 1], form[i * 4 + 2], form[i * 4 + 3]);
  }
}
