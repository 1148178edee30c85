import { kindOf } from "../../arguments/numbers.js";
import { imageSizes, textureSize } from "../../graph/layout.js";
import {
  apply,
  expectImage,
  type Node,
  type Op,
  ShapeError,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { ABSENT } from "../common/absent.js";
import { perRow } from "../common/per-group.js";
import { readsTextures } from "../conv2d/conv2d-texture.js";
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
  // Where no convolution pools what it makes (`Op.extend`): reading textures here would gain half a
  // percent of a step and keep those of the skips for long.
  dispatches({ inputs: [x], outputs: [y] }) {
    const input = imageSizes(x);
    const output = imageSizes(y);
    const uniforms = {
      channels: input.c,
      inHeight: input.h,
      inBlocks: input.blocks,
      outHeight: output.h,
      outWidth: output.w,
      outBlocks: output.blocks,
    };
    const dispatch = { shader: "max-pool2d", bindings: [x, y], uniforms };
    return perRow(dispatch, output.n * output.h, output.blocks, output.c);
  },
};

interface GradientAttributes {
  /**
   * Where the third input, a second gradient of a part of x, lies: its channel that belongs to
   * channel 0, and its first row and column in x.
   */
  readonly first?: number | undefined;
  readonly top?: number | undefined;
  readonly left?: number | undefined;
  /** x is max(0, .), and the sum is masked by it. */
  readonly relu?: boolean | undefined;
}

/**
 * Inputs x and dy, perhaps a second gradient of a part of x; output dx. Of equal pixels the
 * first in row order gets the gradient.
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
    // A gradient of a crop stands amid zeros, as the kernel reads it; a crop of another kind cuts.
    const isAmidZeros = crop !== undefined && crop.top <= 0 && crop.left <= 0;
    return changed(node, {
      inputs: [x, dy, isAmidZeros ? crop.x : other],
      outputs: reader.outputs,
      attributes: isAmidZeros
        ? { first: crop.first, top: -crop.top, left: -crop.left }
        : { first: 0, top: 0, left: 0 },
    });
  },
  kernels({ inputs, attributes: { left = 0 } }, capabilities) {
    const { kind } = capabilities;
    const isReadable = left % 4 === 0 && kind === "cpu" && readsTextures(inputs, capabilities);
    return isReadable ? ["texture", "buffer"] : ["buffer"];
  },
  dispatches({ inputs: [x, dy, more], outputs: [dx], attributes }, _capabilities, kernel) {
    const input = imageSizes(x);
    const output = imageSizes(dy);
    const second = imageSizes(more ?? x);
    const { first = 0, top = 0, left = 0 } = attributes;
    const isTexture = kernel === "texture";
    const folds = () => ({
      inFold: textureSize(x).fold,
      outFold: textureSize(dy).fold,
      moreFold: textureSize(more ?? x).fold,
      left4: left / 4,
    });
    const dispatch = {
      shader: isTexture ? "max-pool2d-gradient-texture" : "max-pool2d-gradient",
      constants: { MORE: Number(more !== undefined), RELU: Number(attributes.relu ?? false) },
      bindings: [x, dy, more ?? (isTexture ? dy : ABSENT), dx],
      uniforms: {
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
        ...(isTexture ? folds() : { left }),
      },
    };
    return perRow(dispatch, input.n * Math.ceil(input.h / 2), input.blocks, input.c);
  },
};

const changed = (
  node: Node<GradientAttributes>,
  changes: Partial<Node<GradientAttributes>>,
): Node => ({ ...node, ...changes }) as Node;
