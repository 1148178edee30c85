// Orders the weight of a 3x3 convolution for conv2d-texture-winograd, in which LOADERS lanes load
// the weights of PER_LANE output channels each:
//   packed[c][block][lane][TEXELS * 4 floats], which begin with w(o, c, ky, kx), ky slower than kx,
//   of the output channels o = (block * LOADERS + lane) * PER_LANE + (0 .. PER_LANE - 1)
// w is weight[o,c,ky,kx] of weight [CO,CI,3,3], or, TRANSPOSED, weight[c,first+o,2-ky,2-kx] of weight
// [CI,.,3,3]: the input gradient is the convolution with that. Channels past the last are 0.
// One invocation writes the weights that one lane loads for one input channel.
const TRANSPOSED: bool = false; // whether the weight is read for the input gradient
const PER_LANE: u32 = 2; // output channels per lane
const LOADERS: u32 = 8; // lanes that load the weights of a block of output channels
const LANES: u32 = 16; // invocations per workgroup

const TEXELS: u32 = (9 * PER_LANE + 3) / 4; // that a lane loads

struct Uniforms {
  outChannels: u32,
  inChannels: u32,
  weightChannels: u32, // the weight's second size
  first: u32, // TRANSPOSED: the first of the weight's input channels
  rowTexels: u32, // from one input channel to the next
}
@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  // Neighbouring invocations read neighbouring weights. Divisions would cost more than the loads.
  let near = id.x * LANES + lane;
  let c = select(near, id.y, TRANSPOSED);
  let load = select(id.y, near, TRANSPOSED);
  let loads = (uniforms.outChannels + PER_LANE * LOADERS - 1) / (PER_LANE * LOADERS) * LOADERS; // of all blocks' lanes
  if (c >= uniforms.inChannels || load >= loads) { return; }
  var w: array<f32, TEXELS * 4>;
  for (var h: u32 = 0; h < PER_LANE; h++) { // unroll
    let o = load * PER_LANE + h;
    let exists = o < uniforms.outChannels;
    let place = select(o * uniforms.weightChannels + c, c * uniforms.weightChannels + uniforms.first + o, TRANSPOSED);
    let source = select(0, place * 9, exists);
    for (var tap: u32 = 0; tap < 9; tap++) { // unroll
      w[h * 9 + tap] = select(0.0, weight[source + select(tap, 8 - tap, TRANSPOSED)], exists);
    }
  }
  let destination = c * uniforms.rowTexels + load * TEXELS;
  for (var j: u32 = 0; j < TEXELS; j++) { // unroll
    packed[destination + j] = vec4f(w[j * 4], w[j * 4 + 1], w[j * 4 + 2], w[j * 4 + 3]);
  }
}
