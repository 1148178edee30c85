// Reduction over the middle axis: x [outer][terms][inner] dense -> y [outer][splits][inner], each the
// sum, or the largest or smallest value, of every `splits`-th term. The last stage has one split,
// multiplies by `factor`, and writes the outputs as rows of `pitch`, of which `width` are kept: dense,
// or as an image. One invocation does one output.
const KIND: u32 = 0; // 0: sum, 1: largest, 2: smallest
const IMAGE: bool = false; // whether y is an image

struct Uniforms {
  count: u32, // outputs
  terms: u32,
  inner: u32,
  splits: u32,
  factor: f32,
  pitch: u32, // of a row of x
  width: u32, // of a row of y
  height: u32, // of an image y
  channels: u32,
  blocks: u32, // blocks of 32 pixels per row
}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

fn start() -> f32 {
  if (KIND == 0) { return 0.0; }
  return select(-3.4028234e38, 3.4028234e38, KIND == 2);
}

fn join(a: f32, b: f32) -> f32 {
  if (KIND == 0) { return a + b; }
  if (KIND == 1) { return max(a, b); }
  return min(a, b);
}

// Index of the group of 4 pixels x4 of channel c in row `row` (image * height + y).
fn at(row: u32, x4: u32, c: u32, blocks: u32, channels: u32) -> u32 {
  return ((row * blocks + (x4 >> 3)) * channels + c) * 8 + (x4 & 7);
}

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * 64 + lane;
  if (index >= uniforms.count) { return; }
  let outer = index / uniforms.inner / uniforms.splits;
  let first = outer * uniforms.terms * uniforms.inner + index % uniforms.inner;
  var term = index / uniforms.inner % uniforms.splits;
  var all = start();
  while (term < uniforms.terms) {
    var sum = start(); // of some terms: long sums in steps are more accurate
    for (var i: u32 = 0; i < 16 && term < uniforms.terms; i++) {
      sum = join(sum, x[first + term * uniforms.inner]);
      term += uniforms.splits;
    }
    all = join(all, sum);
  }
  all *= uniforms.factor;
  let px = index % uniforms.pitch;
  let row = index / uniforms.pitch;
  if (IMAGE) {
    let line = row / uniforms.height;
    let imageRow = line / uniforms.channels * uniforms.height + row % uniforms.height;
    let group = at(imageRow, px >> 2, line % uniforms.channels, uniforms.blocks, uniforms.channels);
    let place = group * 4 + (px & 3);
    y[place] = select(0.0, all, px < uniforms.width);
    if (uniforms.pitch == 1) { // the rest of the group of four pixels
      for (var i: u32 = 1; i < 4; i++) { y[place + i] = 0.0; }
    }
  } else if (px < uniforms.width) {
    y[row * uniforms.width + px] = all;
  }
}
