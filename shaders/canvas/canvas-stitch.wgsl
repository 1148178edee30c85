// Puts the probabilities of a tile of a view at their place in those of the whole picture:
//   whole[k][pixel of (x + j, y + i)] = (old, or 0 in the first view, + tile[k][i][j]) / divisor
// tile [1,classes,side,side] in image order; whole [classes][height][width], dense. Pixels past the
// view are left out, and those of the next tile. One invocation does one pixel of one class.
const LANES: u32 = 64; // invocations per workgroup

struct Uniforms {
  width: i32, // of the picture
  height: i32,
  classes: u32,
  symmetry: u32, // which view: src/data/symmetric-views.ts
  x: i32, // of the tile's corner in the view
  y: i32,
  blocks: u32, // blocks of 32 pixels per row of the tile
  columns: u32, // of the tile that are kept
  rows: u32,
  isFirst: u32, // whether this is the first view of the picture
  divisor: f32, // 1; for the last view the number of views
}
@group(0) @binding(0) var<storage, read> tile: array<f32>;
@group(0) @binding(1) var<storage, read_write> whole: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

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
  let j = index % uniforms.columns;
  let i = index / uniforms.columns % uniforms.rows;
  let k = index / (uniforms.columns * uniforms.rows);
  let x = uniforms.x + i32(j);
  let y = uniforms.y + i32(i);
  let isTurned = uniforms.symmetry % 2 == 1;
  let viewWidth = select(uniforms.width, uniforms.height, isTurned);
  let viewHeight = select(uniforms.height, uniforms.width, isTurned);
  if (k >= uniforms.classes || x >= viewWidth || y >= viewHeight) { return; }
  let at = upright(x, y);
  let to = (i32(k) * uniforms.height + at.y) * uniforms.width + at.x;
  var value = tile[((i * uniforms.blocks + (j >> 5)) * uniforms.classes + k) * 32 + (j & 31)];
  if (uniforms.isFirst == 0) { value += whole[to]; }
  whole[to] = value / uniforms.divisor;
}
