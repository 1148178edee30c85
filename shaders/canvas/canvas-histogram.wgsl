// The histogram of a picture with 8 bits:
//   counts[c][v] = number of pixels whose channel c is v
// picture of any size; counts [channels][256], zeros before. One channel is grey: the luma of BT.709,
// which for grey pixels is their value. A workgroup counts PIXELS pixels in its own memory, one
// invocation every LANES-th of them, and adds its counts to those of the others.
const LANES: u32 = 64; // invocations per workgroup
const PIXELS: u32 = 4096; // pixels per workgroup

struct Uniforms {
  width: u32,
  height: u32,
  channels: u32, // 1 or 3
}
@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;
var<workgroup> own: array<atomic<u32>, 768>;

// Red, green and blue as integers 0 to 255, or grey three times.
fn values(texel: vec4f) -> vec3u {
  let rgb = floor(texel.rgb * 255 + 0.5);
  let grey = floor(dot(rgb, vec3f(0.2126, 0.7152, 0.0722)) + 0.5);
  return vec3u(select(rgb, vec3f(grey), uniforms.channels == 1));
}

@compute @workgroup_size(LANES)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) count: vec3u,
) {
  let first = (id.x + id.y * count.x) * PIXELS;
  let end = min(first + PIXELS, uniforms.width * uniforms.height);
  for (var pixel = first + lane; pixel < end; pixel += LANES) {
    let at = vec2u(pixel % uniforms.width, pixel / uniforms.width);
    let value = values(textureLoad(picture, at, 0));
    for (var c: u32 = 0; c < uniforms.channels; c++) {
      atomicAdd(&own[c * 256 + value[c]], 1u);
    }
  }
  workgroupBarrier(); // every invocation has counted its pixels
  for (var bin = lane; bin < uniforms.channels * 256; bin += LANES) {
    let found = atomicLoad(&own[bin]);
    if (found > 0) { atomicAdd(&counts[bin], found); }
  }
}
