// A tile of a view of a picture as the network reads it, mirrored where it leaves the view:
//   tile[c][i][j] = table[c][value of channel c at (x + j, y + i)]
// picture [height][width]; table [channels][256]; tile [1,channels,side,side] in image order, its
// values as in canvas-histogram.wgsl. One invocation writes four pixels of a channel.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  width: i32, // of the picture
  height: i32,
  channels: u32, // 1 or 3
  symmetry: u32, // which view: src/data/symmetric-views.ts
  x: i32, // of the tile's corner in the view
  y: i32,
  side: u32, // of the tile
  blocks: u32, // blocks of 32 pixels per row of the tile
}
@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read_write> tile: array<vec4f>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

// Red, green and blue as integers 0 to 255, or grey three times.
fn values(texel: vec4f) -> vec3u {
  let rgb = floor(texel.rgb * 255 + 0.5);
  let grey = floor(dot(rgb, vec3f(0.2126, 0.7152, 0.0722)) + 0.5);
  return vec3u(select(rgb, vec3f(grey), uniforms.channels == 1));
}

// The index inside 0 .. size - 1 to which a mirror at both edges takes `index`.
fn mirrored(index: i32, size: i32) -> i32 {
  let period = max(2 * (size - 1), 1);
  let phase = ((index % period) + period) % period;
  return min(phase, 2 * (size - 1) - phase);
}

// The position in the picture of pixel (x, y) of its view.
fn upright(x: i32, y: i32) -> vec2i {
  let turns = uniforms.symmetry % 4;
  var at = vec2i(x, y);
  if (turns == 1) { at = vec2i(uniforms.width - 1 - y, x); }
  if (turns == 2) { at = vec2i(uniforms.width - 1 - x, uniforms.height - 1 - y); }
  if (turns == 3) { at = vec2i(y, uniforms.height - 1 - x); }
  if (uniforms.symmetry >= 4) { at.x = uniforms.width - 1 - at.x; }
  return at;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  let block = index >> 3;
  let c = block % uniforms.channels;
  let rowBlock = block / uniforms.channels;
  let i = rowBlock / uniforms.blocks;
  let first = (rowBlock % uniforms.blocks) * 32 + (index & 7) * 4;
  if (i >= uniforms.side || first >= uniforms.side) { return; }
  let isTurned = uniforms.symmetry % 2 == 1;
  let viewWidth = select(uniforms.width, uniforms.height, isTurned);
  let viewHeight = select(uniforms.height, uniforms.width, isTurned);
  let y = mirrored(uniforms.y + i32(i), viewHeight);
  var result = vec4f();
  for (var k: u32 = 0; k < 4; k++) {
    if (first + k < uniforms.side) {
      let x = mirrored(uniforms.x + i32(first + k), viewWidth);
      result[k] = table[c * 256 + values(textureLoad(picture, upright(x, y), 0))[c]];
    }
  }
  tile[index] = result;
}
