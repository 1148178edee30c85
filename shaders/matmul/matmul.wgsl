// Matrix products in workgroup memory, of batches of matrices with any strides:
//   y[batch,m,n] = bias[n] + sum over inner,k of a[offset + m*aM + k*aK] * b[offset + k*bK + n*bN]
// batch counts the outer dimensions; the inner ones are summed. The offsets are sums of their
// indices times strides. y dense [batch,M,N].
// A workgroup computes 64 x 64 elements, an invocation 8 rows x 4 columns of them. An iteration
// loads 16 columns of a and rows of b into workgroup memory.
const TILE: u32 = 64; // rows and columns per workgroup
const DEPTH: u32 = 16; // of an iteration
const LANES: u32 = 128; // invocations per workgroup

const LOADS: u32 = TILE * DEPTH / LANES; // elements of each tile that an invocation loads

// shared 1
struct Uniforms {
  m: u32,
  n: u32,
  k: u32,
  aM: u32, // strides
  aK: u32,
  bK: u32,
  bN: u32,
  batches: u32, // the product of the outer sizes
  inners: u32, // the product of the inner sizes
  biases: u32, // 1 if bias is added; else it is not read
  // Sizes and strides of the outer dimensions, outermost first; unused ones have the size 1.
  size0: u32,
  a0: u32,
  b0: u32,
  size1: u32,
  a1: u32,
  b1: u32,
  size2: u32,
  a2: u32,
  b2: u32,
  // The same for the inner dimensions.
  size3: u32,
  a3: u32,
  b3: u32,
  size4: u32,
  a4: u32,
  b4: u32,
  size5: u32,
  a5: u32,
  b5: u32,
}
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> uniforms: Uniforms;
// end

var<workgroup> aTile: array<f32, TILE * DEPTH>; // [k][m]
var<workgroup> bTile: array<f32, TILE * DEPTH>; // [k][n]

// shared 2
// Where the matrices of a and b begin.
fn outerOffset(batch: u32) -> vec2u {
  let last = batch % uniforms.size2;
  let rest = batch / uniforms.size2;
  return rest / uniforms.size1 * vec2u(uniforms.a0, uniforms.b0)
    + rest % uniforms.size1 * vec2u(uniforms.a1, uniforms.b1) + last * vec2u(uniforms.a2, uniforms.b2);
}

fn innerOffset(inner: u32) -> vec2u {
  let last = inner % uniforms.size5;
  let rest = inner / uniforms.size5;
  return rest / uniforms.size4 * vec2u(uniforms.a3, uniforms.b3)
    + rest % uniforms.size4 * vec2u(uniforms.a4, uniforms.b4) + last * vec2u(uniforms.a5, uniforms.b5);
}
// end

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let tilesN = (uniforms.n + TILE - 1) / TILE;
  let tiles = tilesN * ((uniforms.m + TILE - 1) / TILE);
  // Workgroups past the last do the work of the last again.
  let item = min(id.x + id.y * count.x, tiles * uniforms.batches - 1);
  let batch = item / tiles;
  let firstM = item % tiles / tilesN * TILE;
  let firstN = item % tiles % tilesN * TILE;
  let row = lane / 16 * 8; // within the tile
  let column = lane % 16 * 4;
  let outer = outerOffset(batch);
  var sum: array<vec4f, 8>;
  for (var inner: u32 = 0; inner < uniforms.inners; inner++) {
    let offset = outer + innerOffset(inner);
    for (var k: u32 = 0; k < uniforms.k; k += DEPTH) {
      for (var i: u32 = 0; i < LOADS; i++) { // unroll
        // Neighbouring invocations load neighbouring elements.
        let element = i * LANES + lane;
        let am = select(element % TILE, element / DEPTH, uniforms.aK == 1);
        let ak = select(element / TILE, element % DEPTH, uniforms.aK == 1);
        let bn = select(element % TILE, element / DEPTH, uniforms.bK == 1);
        let bk = select(element / TILE, element % DEPTH, uniforms.bK == 1);
        let isA = firstM + am < uniforms.m && k + ak < uniforms.k;
        let isB = firstN + bn < uniforms.n && k + bk < uniforms.k;
        aTile[ak * TILE + am] = select(0.0, a[select(0, offset.x + (firstM + am) * uniforms.aM + (k + ak) * uniforms.aK, isA)], isA);
        bTile[bk * TILE + bn] = select(0.0, b[select(0, offset.y + (k + bk) * uniforms.bK + (firstN + bn) * uniforms.bN, isB)], isB);
      }
      workgroupBarrier(); // the tiles are written
      for (var d: u32 = 0; d < DEPTH; d++) {
        let at = d * TILE;
        let bv = vec4f(bTile[at + column], bTile[at + column + 1], bTile[at + column + 2], bTile[at + column + 3]);
        for (var r: u32 = 0; r < 8; r++) { // unroll
          sum[r] = fma(vec4f(aTile[at + row + r]), bv, sum[r]);
        }
      }
      workgroupBarrier(); // the tiles are read
    }
  }
  for (var r: u32 = 0; r < 8; r++) { // unroll
    for (var c: u32 = 0; c < 4; c++) { // unroll
      let m = firstM + row + r;
      let n = firstN + column + c;
      if (m < uniforms.m && n < uniforms.n) {
        y[(batch * uniforms.m + m) * uniforms.n + n] = sum[r][c] + select(0.0, bias[n * uniforms.biases], uniforms.biases == 1);
      }
    }
  }
}
