// Orders a convolution's weight for conv2d: weight [A,B,KERNEL,KERNEL], dense, becomes
//   packed[o / OUT * blockFloats + c * channelFloats + tap * OUT + o % OUT] = weight of o, c, tap
// where output channels past the last are 0, and the gaps stay unchanged.
// Forward: o runs over A, c over B. Transposed (the input gradient): o over channels of B, c over A,
// and the taps in reverse.
// One invocation writes the taps of one output channel and one input channel (the workgroup's y).
const KERNEL: u32 = 3; // side of the kernel
const OUT: u32 = 4; // output channels that are adjacent
const LANES: u32 = 8; // invocations per workgroup

const TAPS: u32 = KERNEL * KERNEL; // taps of the kernel

struct Uniforms {
  outChannels: u32,
  inChannels: u32,
  weightChannels: u32, // B
  isTransposed: u32, // 1: for the input gradient
  first: u32, // if transposed: the first channel of B that is packed
  blockFloats: u32, // from one block of output channels to the next
  channelFloats: u32, // from one input channel to the next
}
@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  let o = id.x * LANES + lane;
  let c = id.y;
  if (o >= (uniforms.outChannels + OUT - 1) / OUT * OUT) { return; }
  let exists = o < uniforms.outChannels;
  let transposed = uniforms.isTransposed == 1;
  var source = select(o * uniforms.weightChannels + c, c * uniforms.weightChannels + uniforms.first + o, transposed);
  source = select(0, source * TAPS, exists);
  let destination = o / OUT * uniforms.blockFloats + c * uniforms.channelFloats + o % OUT;
  for (var tap: u32 = 0; tap < TAPS; tap++) { // unroll
    let value = weight[source + select(tap, TAPS - 1 - tap, transposed)];
    packed[destination + tap * OUT] = select(0.0, value, exists);
  }
}
