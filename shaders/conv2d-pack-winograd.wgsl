// Transforms the weight of a 3x3 convolution for conv2d-texture-winograd: Winograd F(4,3) along kx.
//   packed[c][o / OUT][o % OUT][form][ky] = sum over kx of G[form][kx] * w(o, c, ky, kx)
// w is weight[o,c,ky,kx] of weight [CO,CI,3,3], or, TRANSPOSED, weight[c,first+o,2-ky,2-kx] of weight
// [CI,.,3,3]: the input gradient is the convolution with that. Channels past the last are 0.
// One invocation does one pair of channels.
const TRANSPOSED: bool = false; // whether the weight is read for the input gradient
const OUT: u32 = 16; // output channels of a block
const LANES: u32 = 8; // invocations of a workgroup

struct Record {
  outChannels: u32,
  inChannels: u32,
  weightChannels: u32, // the weight's second size
  first: u32, // TRANSPOSED: the first of the weight's input channels
  blockFloats: u32,
  channelFloats: u32,
}
@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<f32>;
@group(0) @binding(2) var<uniform> record: Record;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let o = id.x;
  let c = id.y;
  let blocks = (record.outChannels + OUT - 1) / OUT;
  if (o >= blocks * OUT) { return; }
  let exists = o < record.outChannels;
  let pair = select(o * record.weightChannels + c, c * record.weightChannels + record.first + o, TRANSPOSED);
  let source = select(0, pair * 9, exists);
  let destination = o / OUT * record.blockFloats + c * record.channelFloats + o % OUT * 18;
  for (var ky: u32 = 0; ky < 3; ky++) { // unroll
    var w: vec3f;
    for (var kx: u32 = 0; kx < 3; kx++) { // unroll
      w[kx] = weight[source + select(ky * 3 + kx, 8 - ky * 3 - kx, TRANSPOSED)];
    }
    if (!exists) { w = vec3f(); }
    let outer = w.x + w.z;
    let far = fma(4.0, w.z, w.x);
    packed[destination + ky] = w.x / 4.0;
    packed[destination + 3 + ky] = (outer + w.y) / -6.0;
    packed[destination + 6 + ky] = (outer - w.y) / -6.0;
    packed[destination + 9 + ky] = fma(2.0, w.y, far) / 24.0;
    packed[destination + 12 + ky] = fma(-2.0, w.y, far) / 24.0;
    packed[destination + 15 + ky] = w.z;
  }
}
