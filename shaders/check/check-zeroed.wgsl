// Whether workgroup memory begins as 0, as WGSL demands; some drivers leave what was there.
//   y[i] = DIRT if dirty is 1, else the bits of the words of workgroup memory that nobody wrote
// One invocation looks at every LANES-th word.
const LANES: u32 = 64; // invocations per workgroup
const WORDS: u32 = 2048; // words of workgroup memory
const DIRT: u32 = 2143289344; // the bits of a NaN, 0x7fc00000

struct Uniforms {
  dirty: u32,
}
@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@group(0) @binding(1) var<uniform> uniforms: Uniforms;

var<workgroup> words: array<u32, WORDS>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) id: vec3u) {
  if (uniforms.dirty == 1) {
    for (var i = lane; i < WORDS; i += LANES) { words[i] = DIRT; }
  }
  workgroupBarrier(); // all is written before it is read
  var found: u32 = 0;
  for (var i = lane; i < WORDS; i += LANES) { found |= words[(i * 7 + lane) % WORDS]; }
  y[id.x * LANES + lane] = found;
}
