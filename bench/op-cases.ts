// The general ops that the benchmarks time, forward with the gradients of all inputs.

import type { Shape } from "../src/graph/tensor.js";
import { noise } from "./network.js";

/** An input of an op, row-major. */
export interface OpInput {
  readonly shape: Shape;
  readonly values: Float32Array<ArrayBuffer>;
  /** Images are [N,C,H,W], weights those of a convolution. */
  readonly kind: "image" | "weight" | "dense";
}

/** An op by its name in the tables of the engines. */
export interface GeneralCase {
  readonly name: string;
  readonly inputs: readonly OpInput[];
  /** What the gradients are those of: the sum of dy times the result. */
  readonly dy: OpInput;
  /** Multiply-adds of result and gradients by the direct method; 0 if that is not what counts. */
  readonly multiplyAdds: number;
}

let seed = 20;
const make = (kind: OpInput["kind"]) => {
  return (...shape: number[]): OpInput => ({ kind, shape, values: noise(shape, seed++) });
};

/** What a budget limits: the time of a case as a share of the time of another. */
export interface Budget {
  readonly what: string;
  readonly share: number;
  readonly of: GeneralCase;
  readonly one: GeneralCase;
}

/** The budgets that ops of other networks have, next to a convolution of the U-Net. */
export function budgets(): Budget[] {
  seed = 80;
  const [image, weight] = [make("image"), make("weight")];
  const x = image(1, 64, 128, 128);
  const taps = 3 * 64 * 64 * 9;
  const of: GeneralCase = {
    name: "convolution 3x3, padded, 64, 128 x 128",
    inputs: [x, weight(64, 64, 3, 3)],
    dy: image(1, 64, 128, 128),
    multiplyAdds: taps * 128 * 128,
  };
  const norm = (name: string): Budget => {
    const one = { name: `${name}, 64, 128 x 128`, inputs: [x], dy: of.dy, multiplyAdds: 0 };
    return { what: name, share: 0.35, of, one };
  };
  const strided: GeneralCase = {
    name: "convolution 3x3, padded, stride 2, 64, 128 x 128",
    inputs: of.inputs,
    dy: image(1, 64, 64, 64),
    multiplyAdds: taps * 64 * 64,
  };
  return [
    ...["batch norm", "instance norm", "layer norm of channels"].map(norm),
    { what: "stride 2", share: 0.4, of, one: strided },
  ];
}

/** The cases in the order of the table. Values are the same in every run. */
export function generalCases(): GeneralCase[] {
  seed = 20;
  const [image, weight, dense] = [make("image"), make("weight"), make("dense")];
  const of = (
    name: string,
    inputs: readonly OpInput[],
    dy: OpInput,
    multiplyAdds = 0,
  ): GeneralCase => ({ name, inputs, dy, multiplyAdds });
  const conv = (outs: number, ins: number, side: number, taps: number) =>
    3 * outs * ins * side * side * taps;
  const wide = () => image(1, 32, 96, 96);
  return [
    of(
      "convolution 3x3, stride 2, 32 -> 64, 97 x 97",
      [image(1, 32, 97, 97), weight(64, 32, 3, 3)],
      image(1, 64, 48, 48),
      conv(64, 32, 48, 9),
    ),
    of(
      "convolution 4x4, stride 2, 32 -> 64, 98 x 98",
      [image(1, 32, 98, 98), weight(64, 32, 4, 4)],
      image(1, 64, 48, 48),
      conv(64, 32, 48, 16),
    ),
    of(
      "convolution 3x3, dilation 2, 32 -> 32, 96 x 96",
      [wide(), weight(32, 32, 3, 3)],
      image(1, 32, 92, 92),
      conv(32, 32, 92, 9),
    ),
    of(
      "depthwise convolution 3x3, 64, 98 x 98",
      [image(1, 64, 98, 98), weight(64, 1, 3, 3)],
      image(1, 64, 96, 96),
      conv(64, 1, 96, 9),
    ),
    of("max-pool 3x3, stride 2, 32, 97 x 97", [image(1, 32, 97, 97)], image(1, 32, 48, 48)),
    of("mean-pool 3x3, stride 2, 32, 97 x 97", [image(1, 32, 97, 97)], image(1, 32, 48, 48)),
    of("nearest resize x2, 32, 96 x 96", [wide()], image(1, 32, 192, 192)),
    of("linear resize x2, 32, 96 x 96", [wide()], image(1, 32, 192, 192)),
    of("batch norm, 32, 96 x 96", [wide()], wide()),
    of("instance norm, 32, 96 x 96", [wide()], wide()),
    of("layer norm of channels, 32, 96 x 96", [wide()], wide()),
    of(
      "matmul 256 x 512 x 512",
      [dense(256, 512), dense(512, 512)],
      dense(256, 512),
      3 * 256 * 512 * 512,
    ),
    of(
      "matmul 8 x (256 x 64 x 256)",
      [dense(8, 256, 64), dense(8, 64, 256)],
      dense(8, 256, 256),
      3 * 8 * 256 * 64 * 256,
    ),
    of("softmax of rows, 512 x 1024", [dense(512, 1024)], dense(512, 1024)),
    of("SiLU, 32, 96 x 96", [wide()], wide()),
    of("leaky ReLU, 32, 96 x 96", [wide()], wide()),
    of("product with a value per channel, 32, 96 x 96", [wide(), image(1, 32, 1, 1)], wide()),
    of("mean over pixels, 32, 96 x 96", [wide()], image(1, 32, 1, 1)),
    of("concatenation 3 x 32, 96 x 96", [wide(), wide(), wide()], image(1, 96, 96, 96)),
  ];
}
