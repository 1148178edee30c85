import { compilePlan } from "../../src/gpu/plan.js";
import {
  elementCount,
  input,
  type Shape,
  stateTensor,
  type Tensor,
} from "../../src/graph/tensor.js";
import { createModel } from "../../src/model/architectures.js";
import type { BuiltInConfig } from "../../src/model/built-in.js";
import { add, gradients, mul, sum } from "../../src/operations.js";
import { modelConfig } from "../../src/train/config.js";
import { type PyTorchCase, values } from "./pytorch-case.js";

/** The U-Nets of other programs as configurations of ours (docs/own-ops-and-models.md has the same). */
export const OTHER_UNETS = {
  milesial: { padding: "same", norm: "batch" },
  milesialBilinear: { padding: "same", norm: "batch", upsampling: "linear-corners" },
  torchEm: { padding: "same", norm: "instance", normFirst: true, upsampling: "linear-conv" },
  nnUNet: {
    padding: "same",
    norm: "instance",
    activation: "leaky-relu",
    downsampling: "strided",
    deepSupervision: true,
  },
  starDist: { padding: "same", upsampling: "nearest" },
} as const satisfies Readonly<Record<string, Partial<BuiltInConfig>>>;

/** Heads, the gradient of the image, and the norms of the gradients of all parameters. */
function unetCase(name: string, config: Partial<BuiltInConfig>, shape: Shape): PyTorchCase {
  return {
    name,
    async compute(device) {
      const model = createModel(modelConfig(config));
      const inputs: Record<string, ArrayLike<number>> = { image: values(shape) };
      const image = input("image", shape);
      const parameters = new Map<string, Tensor>();
      for (const { name: own, shape: size } of model.parameters.list) {
        parameters.set(own, stateTensor(own, size, own)); // buffers, which nothing reads here
      }
      for (const [i, { name: own, shape: size }] of model.parameters.trained.entries()) {
        parameters.set(own, input(own, size, "dense"));
        const incoming = elementCount(size.slice(1));
        const factor = size.length > 1 ? 1 / Math.sqrt(incoming) : 1;
        inputs[own] = values(size, i + 2).map((value) => value * factor);
      }
      const training = { step: input("step", [4]), seed: 1, updates: [] };
      const all = model.outputs?.(image, parameters, training);
      if (!all) throw new Error("a variant has outputs");
      const { logits, ...others } = all;
      const heads = [logits, ...Object.values(others).reverse()];
      const seeds = heads.map((head, i) => input(`seed ${i}`, head.shape));
      for (const [i, { shape: size }] of heads.entries()) inputs[`seed ${i}`] = values(size, 99);
      const sums = heads.map((head, i) => sum(mul(head, seeds[i])));
      const loss = sums.reduce((total, one) => add(total, one));
      const trained = model.parameters.trained.map((one) => parameters.get(one.name) as Tensor);
      const found = gradients(loss, [image, ...trained]) as Tensor[];
      const plan = await compilePlan(device, { name, outputs: [...heads, ...found] });
      try {
        plan.run(inputs);
        const read = (tensor: Tensor) => plan.read(tensor);
        const results: Record<string, ArrayLike<number>> = { image: await read(found[0]) };
        const norms: number[] = [];
        for (const gradient of found.slice(1)) norms.push(Math.hypot(...(await read(gradient))));
        for (const [i, head] of heads.entries()) {
          results[`output${i > 0 ? i + 1 : ""}`] = await read(head);
        }
        return { ...results, norms };
      } finally {
        plan.close();
      }
    },
  };
}

const counted = (config: Partial<BuiltInConfig>) => [
  createModel(modelConfig(config)).parameters.count,
];
const nnUNetWidths = "32,64,128,256,512,512,512,512";

export const unets: readonly PyTorchCase[] = [
  unetCase("milesial", { ...OTHER_UNETS.milesial, base: 3, depth: 2, channels: 3 }, [2, 3, 16, 16]),
  unetCase(
    "milesial, bilinear",
    { ...OTHER_UNETS.milesialBilinear, depth: 2, widths: "4,8,8", channels: 3 },
    [1, 3, 16, 24],
  ),
  unetCase(
    "torch-em",
    { ...OTHER_UNETS.torchEm, base: 4, depth: 2, channels: 2, classes: 3 },
    [1, 2, 16, 24],
  ),
  unetCase("nnU-Net plain", { ...OTHER_UNETS.nnUNet, depth: 3, widths: "3,5,6,6" }, [1, 1, 32, 32]),
  unetCase("StarDist", { ...OTHER_UNETS.starDist, base: 4, depth: 2 }, [1, 1, 16, 20]),
  unetCase(
    "residual, valid, group norm",
    { norm: "group", residual: true, activation: "elu", base: 4, depth: 2 },
    [1, 1, 44, 48],
  ),
  {
    name: "parameters",
    async compute() {
      return {
        milesial: counted({ ...OTHER_UNETS.milesial, base: 64, channels: 3 }),
        milesialBilinear: counted({
          ...OTHER_UNETS.milesialBilinear,
          widths: "64,128,256,512,512",
          channels: 3,
        }),
        torchEm: counted({ ...OTHER_UNETS.torchEm, base: 32 }),
        nnUNet: counted({ ...OTHER_UNETS.nnUNet, depth: 7, widths: nnUNetWidths }),
        starDist: counted({ ...OTHER_UNETS.starDist, base: 32, depth: 3 }),
      };
    },
  },
];
