// Adds many partial sums to one number, in a fixed order: total[0] = sum of parts[0..count), over
// divisor[0] where DIVIDE. One workgroup: each invocation adds every LANES-th element, the first
// one adds their sums.
const LANES: u32 = 64; // invocations of the workgroup
const DIVIDE: bool = false; // whether the sum is divided; without, the binding is not read

struct Record {
  count: u32,
}
@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read> divisor: array<f32>;
@group(0) @binding(2) var<storage, read_write> total: array<f32>;
@group(0) @binding(3) var<uniform> record: Record;

var<workgroup> sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < record.count; i += LANES) {
    sum += parts[i];
  }
  sums[lane] = sum;
  workgroupBarrier(); // every sum is written before the first invocation reads them
  if (lane == 0) {
    var all = 0.0;
    for (var i: u32 = 0; i < LANES; i++) {
      all += sums[i];
    }
    if (DIVIDE) { all = all / max(divisor[0], 1.0); }
    total[0] = all;
  }
}
