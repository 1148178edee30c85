// The input value of the network for each value of a picture, from the histogram:
//   table[c][v] = (v - mean of c) / (population) standard deviation of c, 0 for a channel of one value
// counts and table [channels][256]. The mean is found as a whole number and a small rest, so that 32
// bits keep small differences of few pixels. One invocation does one value, and all sums.
const LANES: u32 = 64; // invocations per workgroup, a divisor of 256

@group(0) @binding(0) var<storage, read> counts: array<u32>;
@group(0) @binding(1) var<storage, read_write> table: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let first = id.x / 256 * 256;
  var pixels: u32 = 0;
  var largest: u32 = 0;
  var sum = 0.0;
  for (var v: u32 = 0; v < 256; v++) {
    let found = counts[first + v];
    pixels += found;
    largest = max(largest, found);
    sum += f32(found) * f32(v);
  }
  let whole = floor(sum / f32(pixels));
  var rest = 0.0;
  for (var v: u32 = 0; v < 256; v++) {
    rest += f32(counts[first + v]) * (f32(v) - whole);
  }
  rest /= f32(pixels);
  var squares = 0.0;
  for (var v: u32 = 0; v < 256; v++) {
    let difference = f32(v) - whole - rest;
    squares += f32(counts[first + v]) * difference * difference;
  }
  let value = (f32(id.x % 256) - whole - rest) / sqrt(squares / f32(pixels));
  table[id.x] = select(value, 0.0, largest == pixels);
}
