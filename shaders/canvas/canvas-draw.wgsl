// Draws a prediction: the colour of each pixel's class, or the probability of one class as grey.
// whole [classes][height][width], dense; colours [classes]: red, green, blue, alpha, multiplied by
// alpha. A triangle covers the canvas, of the picture's size; one invocation does one pixel.
struct Uniforms {
  width: u32,
  height: u32,
  classes: u32,
  isGrey: u32, // draws the probability of the class `shown`
  shown: u32,
  threshold: f32, // class 1 of two above it; below 0: the most probable class
}
@group(0) @binding(0) var<storage, read> whole: array<f32>;
@group(0) @binding(1) var<storage, read> colours: array<vec4f>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

// The class of a pixel: of equally probable ones the first.
fn classOf(pixel: u32, count: u32) -> u32 {
  if (uniforms.threshold >= 0) { return u32(whole[count + pixel] > uniforms.threshold); }
  var found: u32 = 0;
  var best = whole[pixel];
  for (var k: u32 = 1; k < uniforms.classes; k++) {
    let value = whole[k * count + pixel];
    if (value > best) {
      best = value;
      found = k;
    }
  }
  return found;
}

@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(f32(index & 1) * 4 - 1, f32(index >> 1) * 4 - 1, 0, 1);
}

@fragment
fn main(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let count = uniforms.width * uniforms.height;
  let pixel = u32(position.y) * uniforms.width + u32(position.x);
  if (uniforms.isGrey == 0) { return colours[classOf(pixel, count)]; }
  let grey = floor(whole[uniforms.shown * count + pixel] * 255 + 0.5) / 255;
  return vec4f(vec3f(grey), 1);
}
