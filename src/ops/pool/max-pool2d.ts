import { kindOf } from "../../arguments/numbers.js";
import { imageSizes, textureSize } from "../../graph/layout.js";
import { apply, type Node, type Op } from "../../graph/op.js";
import { expectImage, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ABSENT } from "../common/absent.js";
import { readsTextures } from "../common/adapter.js";
import { perRow } from "../common/per-group.js";
import { cropOf } from "../crop/crop2d.js";
import { addOp } from "../elementwise/add.js";

/** 2x2 max-pooling with stride 2: x [N,C,H,W] -> [N,C,floor(H/2),floor(W/2)]. */
export function maxPool2d(x: Tensor, name?: string): Tensor {
  if (typeof name === "object" && name !== null) {
    throw new ShapeError(
      `max-pool2d pools 2x2 with stride 2 and has no options, got ${kindOf(name)} instead of a name`,
    );
  }
  return apply(maxPool2dOp, [x], undefined, name)[0];
}

export const maxPool2dOp: Op<undefined> = {
  name: "max-pool2d",
  outputs([x]) {
    expectImage("max-pool2d", "input", x);
    const [n, c, h, w] = x.shape;
    if (h < 2 || w < 2) {
      throw new ShapeError(`max-pool2d: input must be at least 2x2, got ${text(x.shape)}`);
    }
    return [{ shape: [n, c, h >> 1, w >> 1], layout: "image" }];
  },
  gradient({ inputs: [x], name }, [dy]) {
    return [dy && apply(maxPool2dGradientOp, [x, dy], {}, `${name} gradient`)[0]];
  },
  receptiveField: ({ inputs: [x] }, [first, last]) => [[x, [2 * first, 2 * last + 1]]],
  words: () => "2 x 2 max-pooling",
  kernels: [
    {
      // Used if no convolution does the pooling (`Kernel.fuseExtraOutput`). Reading textures here
      // would gain half a percent of a step and keep the textures of the skips alive for long.
      name: "max-pool2d",
      dispatches({ inputs: [x], outputs: [y] }) {
        const input = imageSizes(x);
        const { n, c, h, w, blocks } = imageSizes(y);
        return perRow(
          shaders.maxPool2d,
          { rows: n * h, blocks, channels: c },
          {
            bindings: [x, y],
            uniforms: {
              channels: input.c,
              inHeight: input.h,
              inBlocks: input.blocks,
              outHeight: h,
              outWidth: w,
              outBlocks: blocks,
            },
          },
        );
      },
    },
  ],
};

interface GradientAttributes {
  /**
   * The position of the third input, a second gradient of a part of x: the channel that belongs to
   * channel 0, and its first row and column in x.
   */
  readonly first?: number | undefined;
  readonly top?: number | undefined;
  readonly left?: number | undefined;
  /** Whether x is max(0, .), so that the sum is masked by it. */
  readonly relu?: boolean | undefined;
}

const tolerance = () => TOLERANCES.gradient;

/**
 * Inputs x and dy, and optionally a second gradient of a part of x; output dx. If several pixels of
 * a window are equal, the first in row order gets the gradient.
 */
export const maxPool2dGradientOp: Op<GradientAttributes> = {
  name: "max-pool2d-gradient",
  outputs([x]) {
    return [{ shape: x.shape, layout: "image" }];
  },
  fuseInto(node, reader) {
    const { inputs, outputs, attributes } = node;
    const [x, dy, more] = inputs;
    if (reader.op.isReluMask && reader.inputs[0] === x && reader.inputs[1] === outputs[0]) {
      return changed(node, { outputs: reader.outputs, attributes: { ...attributes, relu: true } });
    }
    if (reader.op !== addOp || more || attributes.relu || reader.mask) return undefined;
    const other = reader.inputs[reader.inputs[0] === outputs[0] ? 1 : 0];
    if (other === outputs[0]) return undefined;
    const crop = cropOf(other);
    // The kernel can read the gradient of a crop, which is surrounded by zeros, but not of a crop
    // that extends past the image.
    const isAmidZeros = crop !== undefined && crop.top <= 0 && crop.left <= 0;
    return changed(node, {
      inputs: [x, dy, isAmidZeros ? crop.x : other],
      outputs: reader.outputs,
      attributes: isAmidZeros
        ? { first: crop.first, top: -crop.top, left: -crop.left }
        : { first: 0, top: 0, left: 0 },
    });
  },
  kernels: [
    {
      name: "texture",
      rank({ inputs, attributes: { left = 0 } }, capabilities) {
        const isReadable = left % 4 === 0 && capabilities.kind === "cpu";
        return isReadable && readsTextures(inputs, capabilities) ? 0 : undefined;
      },
      tolerance,
      dispatches(node) {
        const { inputs, outputs, attributes } = node;
        const [x, dy, more] = inputs;
        const { left = 0 } = attributes;
        return perRow(shaders.maxPool2dGradientTexture, rowsOf(x), {
          constants: constantsOf(node),
          bindings: [x, dy, more ?? dy, outputs[0]],
          uniforms: {
            ...sizesOf(node),
            inFold: textureSize(x).fold,
            outFold: textureSize(dy).fold,
            moreFold: textureSize(more ?? x).fold,
            left4: left / 4,
          },
        });
      },
    },
    {
      name: "buffer",
      rank: () => 1,
      isReference: true,
      tolerance,
      dispatches(node) {
        const { inputs, outputs, attributes } = node;
        const [x, dy, more] = inputs;
        return perRow(shaders.maxPool2dGradient, rowsOf(x), {
          constants: constantsOf(node),
          bindings: [x, dy, more ?? ABSENT, outputs[0]],
          uniforms: { ...sizesOf(node), left: attributes.left ?? 0 },
        });
      },
    },
  ],
};

const constantsOf = ({ inputs: [, , more], attributes }: Node<GradientAttributes>) => ({
  MORE: Number(more !== undefined),
  RELU: Number(attributes.relu ?? false),
});

function rowsOf(x: Tensor) {
  const { n, c, h, blocks } = imageSizes(x);
  return { rows: n * Math.ceil(h / 2), blocks, channels: c };
}

function sizesOf({ inputs: [x, dy, more], attributes }: Node<GradientAttributes>) {
  const input = imageSizes(x);
  const output = imageSizes(dy);
  const second = imageSizes(more ?? x);
  const { first = 0, top = 0 } = attributes;
  return {
    channels: input.c,
    inHeight: input.h,
    inWidth: input.w,
    inBlocks: input.blocks,
    outHeight: output.h,
    outWidth: output.w,
    outBlocks: output.blocks,
    moreChannels: second.c,
    moreHeight: second.h,
    moreWidth: second.w,
    moreBlocks: second.blocks,
    first,
    top,
  };
}

const changed = (
  node: Node<GradientAttributes>,
  changes: Partial<Node<GradientAttributes>>,
): Node => ({ ...node, ...changes });
