// Orders a convolution's weight for conv2d: weight [A,B,KERNEL,KERNEL], dense, becomes
// packed [O / OUT][I][KERNEL^2][OUT], where missing output channels are 0.
// Forward: O = A, I = B. TRANSPOSED (the input gradient): O = B, I = A, and the taps in reverse.
// One invocation writes one float.
const TRANSPOSED: bool = false;
const OUT: u32 = 4; // output channels that stand together
const LANES: u32 = 8; // invocations of a workgroup

struct Record {
  outChannels: u32, // O
  inChannels: u32, // I
  taps: u32, // KERNEL^2
}
@group(0) @binding(0) var<storage, read> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<f32>;
@group(0) @binding(2) var<uniform> record: Record;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  let blocks = (record.outChannels + OUT - 1) / OUT;
  if (index >= blocks * record.inChannels * record.taps * OUT) { return; }
  let tap = index / OUT % record.taps;
  let c = index / (OUT * record.taps) % record.inChannels;
  let o = index / (OUT * record.taps * record.inChannels) * OUT + index % OUT;
  var value = 0.0;
  if (o < record.outChannels) {
    if (TRANSPOSED) {
      value = weight[(c * record.outChannels + o) * record.taps + record.taps - 1 - tap];
    } else {
      value = weight[(o * record.inChannels + c) * record.taps + tap];
    }
  }
  packed[index] = value;
}
