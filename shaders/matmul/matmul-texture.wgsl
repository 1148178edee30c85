// Matrix products for adapters that load faster from textures and whose subgroups have 8 or 16 lanes:
//   y[batch,m,n] = bias[n] + sum over k of a[batch,m,k] * b[batch,k,n]
// a and b as matmul-pack writes them, as textures; k counts the inner dimensions too. y dense
// [batch,M,N].
// The workgroup is one subgroup with all lanes active. An invocation computes ROWS rows x 4 columns
// in registers. An iteration takes LANES elements along k: each lane loads one column of a, and
// subgroupShuffle distributes it.
enable subgroups;
const ROWS: u32 = 16; // rows per invocation: 4, 8 or 16
const LANES: u32 = 8; // invocations per workgroup, 8 or 16

struct Uniforms {
  m: u32,
  n: u32,
  depth: u32, // rows of texels of b per batch, a multiple of LANES
  batches: u32,
  biases: u32, // 1 if bias is added; else it is not read
}
@group(0) @binding(0) var a: texture_storage_2d<rgba32float, read>;
@group(0) @binding(1) var b: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let groupsM = (uniforms.m + 3) / 4; // of four rows
  let groupsN = (uniforms.n + 3) / 4;
  let tilesN = (groupsN + LANES - 1) / LANES;
  let tiles = tilesN * ((uniforms.m + ROWS - 1) / ROWS);
  // Workgroups past the last do the work of the last again.
  let item = min(id.x + id.y * count.x, tiles * uniforms.batches - 1);
  let batch = item / tiles;
  let firstM = item % tiles / tilesN * ROWS;
  // Rows and columns past the end read the last ones; they are not written.
  let n4 = min(item % tilesN * LANES + lane, groupsN - 1);
  var rowA: array<u32, ROWS / 4>;
  for (var g: u32 = 0; g < ROWS / 4; g++) { // unroll
    rowA[g] = batch * groupsM + min(firstM / 4 + g, groupsM - 1);
  }
  let rowB = batch * uniforms.depth;
  var sum: array<vec4f, ROWS>;
  for (var k: u32 = 0; k < uniforms.depth; k += LANES) {
    var av: array<vec4f, ROWS / 4>;
    for (var g: u32 = 0; g < ROWS / 4; g++) { // unroll
      av[g] = textureLoad(a, vec2u(k + lane, rowA[g]));
    }
    var bv: array<vec4f, LANES>;
    for (var d: u32 = 0; d < LANES; d++) { // unroll
      bv[d] = textureLoad(b, vec2u(n4, rowB + k + d));
    }
    for (var r: u32 = 0; r < ROWS; r++) { // unroll
      for (var d: u32 = 0; d < LANES; d++) { // unroll
        sum[r] = fma(vec4f(subgroupShuffle(av[r / 4][r % 4], d)), bv[d], sum[r]);
      }
    }
  }
  // Rows and columns past the end write the values of the last ones to its place again: stores
  // without branches are faster, and compile faster, on a software adapter.
  var add: vec4f;
  for (var c: u32 = 0; c < 4; c++) { // unroll
    add[c] = select(0.0, bias[min(n4 * 4 + c, uniforms.n - 1) * uniforms.biases], uniforms.biases == 1);
  }
  for (var r: u32 = 0; r < ROWS; r++) { // unroll
    if (r > 0) { sum[r] = select(sum[(r + ROWS - 1) % ROWS], sum[r], firstM + r < uniforms.m); }
    let row = (batch * uniforms.m + min(firstM + r, uniforms.m - 1)) * uniforms.n;
    var value = sum[r] + add;
    for (var c: u32 = 0; c < 4; c++) { // unroll
      if (c > 0) { value[c] = select(value[(c + 3) % 4], value[c], n4 * 4 + c < uniforms.n); }
      y[row + min(n4 * 4 + c, uniforms.n - 1)] = value[c];
    }
  }
}
