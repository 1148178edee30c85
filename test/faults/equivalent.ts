// Planted faults that change no result that an adapter could show, each with the reason.

export interface Equivalent {
  /** Part of the shader's name. */
  readonly shader: RegExp;
  readonly kind: string;
  /** Part of the change. */
  readonly part: RegExp;
  readonly reason: string;
}

const BORDER = "off by one at a border";

export const EQUIVALENT: readonly Equivalent[] = [
  {
    shader: /./,
    kind: BORDER,
    part: /if\(index>=uniforms\.\w*\)?.* -> /,
    reason: "an invocation past the end of a tensor: WebGPU drops what it writes",
  },
  {
    shader: /crop-concat|max-pool2d$|pool2d$|crop2d/,
    kind: BORDER,
    part: /(?:x4\*4|px)>=uniforms/,
    reason:
      "it writes a group after the last of a row, whose contents are undefined and never read",
  },
  {
    shader: /max-pool2d-gradient/,
    kind: BORDER,
    part: /hasLower=/,
    reason:
      "the row after an odd last one: it is the first of the next image, written again later, or past the end",
  },
];
