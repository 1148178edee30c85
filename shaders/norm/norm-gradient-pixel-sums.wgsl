// Gradients of the gain and bias of a norm over the channels of each pixel of images, in parts: with
// d = dy * activation'(v) and z = (x - mean) * inverse, for part p, one of 8 groups of four pixels of
// each block in the rows of a split,
//   gainParts[p,c] = sum of d * z;  biasParts[p,c] = sum of d
// x and dy [N,C,H,W] in image order; stats [N*H*W,2], gain and bias [C], parts [splits * 8,C] dense.
// `sum-splits` adds the parts. Lanes lie over the groups of a block and over channels, as memory does; an
// invocation walks over the rows of a split with CHANNELS channels, whose pixels have the same statistics.
const LANES: u32 = 64; // invocations per workgroup
const CHANNELS: u32 = 4; // channels per invocation

// shared 1 of norm-pixels
struct Uniforms {
  channels: u32,
  width: u32,
  blocks: u32, // blocks of 32 pixels per row
  count: u32, // groups of four pixels: N * H * blocks * 8
  hasGain: u32, // 0 or 1; without, gain is not read
  hasBias: u32,
  slope: f32, // 1 if there is no activation
}
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> stats: array<vec2f>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
// end
@group(0) @binding(4) var<storage, read> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> gainParts: array<f32>;
@group(0) @binding(6) var<storage, read_write> biasParts: array<f32>;
@group(0) @binding(7) var<uniform> uniforms: Uniforms;

// shared 2 of norm-pixels
// Mean and inverse deviation of four pixels from `first` of a row; those past its end have the last one's.
fn statisticsOf(row: u32, first: u32) -> array<vec4f, 2> {
  var own: array<vec4f, 2>;
  for (var k: u32 = 0; k < 4; k++) { // unroll
    let one = stats[row * uniforms.width + min(first + k, uniforms.width - 1)];
    own[0][k] = one.x;
    own[1][k] = one.y;
  }
  return own;
}
// end

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) workgroups: vec3u, // y: splits
) {
  let index = id.x * LANES + lane;
  let group = index % 8;
  let firstChannel = index / 8 * CHANNELS;
  if (firstChannel >= uniforms.channels) { return; }
  var weight: array<f32, CHANNELS>;
  var shift: array<f32, CHANNELS>;
  var place: array<u32, CHANNELS>; // those past the last channel read the last one
  for (var k: u32 = 0; k < CHANNELS; k++) { // unroll
    let c = min(firstChannel + k, uniforms.channels - 1);
    weight[k] = select(1.0, gain[c * uniforms.hasGain], uniforms.hasGain != 0);
    shift[k] = select(0.0, bias[c * uniforms.hasBias], uniforms.hasBias != 0);
    place[k] = c * 8 + group;
  }
  var sum: array<vec4f, CHANNELS>;
  var moment: array<vec4f, CHANNELS>;
  let rows = uniforms.count / (uniforms.blocks * 8);
  let rowsPerSplit = (rows + workgroups.y - 1) / workgroups.y;
  let begin = id.y * rowsPerSplit;
  let end = min(begin + rowsPerSplit, rows);
  for (var row = begin; row < end; row++) {
    for (var first = group * 4; first < uniforms.width; first += 32) {
      let own = statisticsOf(row, first);
      let line = (row * uniforms.blocks + first / 32) * uniforms.channels * 8;
      // What lies past the width of a row is not counted.
      let inside = vec4u(0, 1, 2, 3) + first < vec4u(uniforms.width);
      for (var k: u32 = 0; k < CHANNELS; k++) { // unroll
        let gradient = select(vec4f(), dy[line + place[k]], inside);
        let z = (x[line + place[k]] - own[0]) * own[1];
        let value = fma(z, vec4f(weight[k]), vec4f(shift[k]));
        let d = select(uniforms.slope * gradient, gradient, value > vec4f());
        sum[k] += d;
        moment[k] = fma(d, z, moment[k]);
      }
    }
  }
  let part = (id.y * 8 + group) * uniforms.channels;
  for (var k: u32 = 0; k < CHANNELS; k++) { // unroll
    if (firstChannel + k < uniforms.channels) {
      gainParts[part + firstChannel + k] = dot(moment[k], vec4f(1));
      biasParts[part + firstChannel + k] = dot(sum[k], vec4f(1));
    }
  }
}
