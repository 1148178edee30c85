// Planted faults that change no result that an adapter could show, each with the reason.

export interface Equivalent {
  /** Part of the shader's name. */
  readonly shader: RegExp;
  readonly kind: string;
  /** Part of the change. */
  readonly part: RegExp;
  readonly reason: string;
  /** Adapters on which it changes no result; by default all. */
  readonly adapter?: RegExp;
}

const BORDER = "off by one at a border";
const MASK = "missing mask";
const AGAIN =
  "a row past an image's last: dropped, or the first of the next image, which another invocation writes too; here the right number wins";
const UNWRITTEN =
  "weights of taps and channels past the last: no sum that they belong to is written";

export const EQUIVALENT: readonly Equivalent[] = [
  {
    shader: /^norm(?:-gradient)?-merge/,
    kind: "missing barrier",
    part: /workgroupBarrier/,
    reason:
      "what the eight invocations of a set write is seen by the first without a barrier, with vectors of 128 bits too; SwiftShader shows the fault",
    adapter: /llvmpipe/,
  },
  {
    shader: /./,
    kind: BORDER,
    part: /if\(index>=uniforms\.\w*\)?.* -> /,
    reason: "an invocation past the end of a tensor: WebGPU drops what it writes",
  },
  {
    shader:
      /crop-concat|max-pool2d$|pool2d$|crop2d|phases-of-images|norm-.*pixel|resize-double-linear-gradient/,
    kind: BORDER,
    part: /(?:x4\*4|px|first)>=uniforms/,
    reason:
      "it writes a group after the last of a row, whose contents are undefined and never read",
  },
  {
    shader: /max-pool2d-gradient/,
    kind: BORDER,
    part: /hasLower=/,
    reason: AGAIN,
  },
  {
    shader: /conv2d-winograd-output/,
    kind: BORDER,
    part: /top\+i<uniforms\.hei/,
    reason: AGAIN,
  },
  {
    shader: /norm(?:-gradient)?-planes/,
    kind: BORDER,
    part: /row < end/,
    reason: AGAIN,
  },
  {
    shader: /conv2d-pack-(?:lanes|weight)/,
    kind: BORDER,
    part: /load>=loads|o>=\(uniforms/,
    reason:
      "weights past the last are zeros, which are written before the right ones or past the end",
  },
  {
    shader: /conv2d/,
    kind: MASK,
    part: /source=select\(0,|(?:bias|weight)\[select\(0,/,
    reason: "an index within the buffer for what is then masked: WebGPU guards it too",
  },
  {
    shader: /conv2d-loss/,
    kind: MASK,
    part: /loss\+=select/,
    reason: "the weight that is masked is 0",
  },
  {
    shader: /conv2d-weight-gradient/,
    kind: MASK,
    part: /missing=select|address=select\(0,/,
    reason: "rows that are there are loaded again, or an index for what is then masked",
  },
  {
    shader: /conv2d-weight-gradient-workgroup/,
    kind: BORDER,
    part: /item<OUT\*8/,
    reason: "it writes the padding of a row in workgroup memory, which nobody reads",
  },
  {
    shader: /up-conv2d-strided/,
    kind: BORDER,
    part: /tapColumn < uniforms/,
    reason: "a tap past the kernel is masked",
  },
  {
    shader: /up-conv2d-input-gradient-texture/,
    kind: MASK,
    part: /right=select/,
    reason: "what is read past the row lies past the width of the result",
  },
  {
    shader: /up-conv2d(?:-input-gradient-texture)?$/,
    kind: BORDER,
    part: /(?:c < uniforms\.in|o < uniforms\.ou)/,
    reason: "weights past the end of a buffer or of a texture are read as 0 here",
  },
  {
    shader: /^adam$/,
    kind: "wrong index",
    part: /step\[3\+1\]/,
    reason: "an index past the end: WebGPU reads the last number, which is the right one",
  },
  {
    shader: /conv2d-winograd-product/,
    kind: BORDER,
    part: /c < uniforms\.in/,
    reason: "channels past the last are multiplied by 0",
  },
  {
    shader: /^(?:convolution|depthwise|norm)/,
    kind: MASK,
    part: /select\(0\.0,bias\[/,
    reason: "without a bias the buffer holds 0",
  },
  {
    shader: /matmul/,
    kind: MASK,
    part: /bv\[c\]=select|value\[i\]=select|Tile\[\w+\*TILE/,
    reason: "the other factor is 0 there",
  },
  {
    shader: /matmul/,
    kind: BORDER,
    part: /isOwn=k\+lane|isB=firstN|row<depth/,
    reason: "the other factor is 0 there, or the column is not written",
  },
  {
    shader: /^reduce/,
    kind: "left out trip",
    part: /u32 = 0; i < 16 &&/,
    reason: "the terms are added 15 at a time instead of 16",
  },
  {
    shader: /^convolution-pack$/,
    kind: MASK,
    part: /weight\[select\(0,source/,
    reason: UNWRITTEN,
  },
  {
    shader: /^convolution-pack$/,
    kind: BORDER,
    part: /isWeight=tap<uniforms\.tap/,
    reason: UNWRITTEN,
  },
  {
    shader: /^convolution-pack/,
    kind: BORDER,
    part: /if\(tile<uniforms\.til/,
    reason: "texels past the last tile, which nobody reads",
  },
  {
    shader: /^conv2d-winograd-gradient-output/,
    kind: BORDER,
    part: /if\(o>=uniforms\.out/,
    reason: "an invocation past the end: WebGPU drops what it writes",
  },
  {
    shader: /^norm-running/,
    kind: BORDER,
    part: /if\(c>=uniforms\.cha/,
    reason: "an invocation past the end: WebGPU drops what it writes",
  },
  {
    shader: /^gather-gradient/,
    kind: BORDER,
    part: /t2 < times2/,
    reason: "a repetition after the last one lies outside of dy",
  },
  {
    shader: /^resize-gradient/,
    kind: BORDER,
    part: /i = firstRow; i < endRow/,
    reason: "a row after those that take the pixel: its weight is 0",
  },
  {
    shader: /not-finite|gradient-clip/,
    kind: BORDER,
    part: /group < uniforms|part < PARTS/,
    reason: "a read past the end of a buffer gives 0 here",
  },
];
