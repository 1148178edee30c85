// Puts the probabilities of a tile of a view at their place in those of the whole picture:
//   whole[k][pixel of (x + j, y + i)] = (what was there, but for the first view, + tile[k][i][j]) / divisor
// tile [1,classes,side,side] in image order; whole [classes][height][width], dense. What lies past the
// view is left out, and what the next tile has too. One invocation does one pixel of one class.
const LANES: u32 = 64; // invocations of a workgroup

struct Record {
  width: i32, // of the picture
  height: i32,
  classes: u32,
  symmetry: u32, // which view: src/data/symmetries.ts
  x: i32, // of the tile's corner in the view
  y: i32,
  blocks: u32, // blocks of 32 pixels a row of the tile
  columns: u32, // of the tile that count
  rows: u32,
  isFirst: u32, // whether this is the first view of the picture
  divisor: f32, // 1, for the last view the number of all
}
@group(0) @binding(0) var<storage, read> tile: array<f32>;
@group(0) @binding(1) var<storage, read_write> whole: array<f32>;
@group(0) @binding(2) var<uniform> record: Record;

// Where in the picture the pixel (x, y) of its view lies.
fn upright(x: i32, y: i32) -> vec2i {
  let turns = record.symmetry % 4;
  var at = vec2i(x, y);
  if (turns == 1) { at = vec2i(record.width - 1 - y, x); }
  if (turns == 2) { at = vec2i(record.width - 1 - x, record.height - 1 - y); }
  if (turns == 3) { at = vec2i(y, record.height - 1 - x); }
  if (record.symmetry >= 4) { at.x = record.width - 1 - at.x; }
  return at;
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let index = (id.x + id.y * count.x) * LANES + lane;
  let j = index % record.columns;
  let i = index / record.columns % record.rows;
  let k = index / (record.columns * record.rows);
  let x = record.x + i32(j);
  let y = record.y + i32(i);
  let isTurned = record.symmetry % 2 == 1;
  let viewWidth = select(record.width, record.height, isTurned);
  let viewHeight = select(record.height, record.width, isTurned);
  if (k >= record.classes || x >= viewWidth || y >= viewHeight) { return; }
  let at = upright(x, y);
  let to = (i32(k) * record.height + at.y) * record.width + at.x;
  var value = tile[((i * record.blocks + (j >> 5)) * record.classes + k) * 32 + (j & 31)];
  if (record.isFirst == 0) { value += whole[to]; }
  whole[to] = value / record.divisor;
}
