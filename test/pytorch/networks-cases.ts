import { scale } from "../../src/ops/elementwise/scale.js";
import { conv2d, maxPool2d, softmax, upConv2d, weightedCrossEntropy } from "../../src/ops/index.js";
import { graphCase, integers, type PyTorchCase, values } from "./pytorch-case.js";

const map = [2, 1, 4, 5];

export const networks: readonly PyTorchCase[] = [
  graphCase(
    "conv2d valid, relu",
    [[2, 3, 7, 9], { shape: [4, 3, 3, 3], layout: "dense" }, [4]],
    (x, weight, bias) => conv2d(x, weight, bias, { activation: "relu" }),
  ),
  graphCase(
    "conv2d same 5x5",
    [[1, 2, 6, 35], { shape: [3, 2, 5, 5], layout: "dense" }, [3]],
    (x, weight, bias) => conv2d(x, weight, bias, { padding: "same" }),
  ),
  graphCase("maxPool2d 2x2", [[2, 3, 6, 10]], (x) => maxPool2d(x)),
  graphCase(
    "upConv2d 2x2",
    [[2, 4, 3, 5], { shape: [4, 3, 2, 2], layout: "dense" }, [3]],
    (x, weight, bias) => upConv2d(x, weight, bias),
  ),
  graphCase("softmax of channels", [[2, 3, 4, 5]], (x) => softmax(scale(x, 4))),
  graphCase(
    "weightedCrossEntropy",
    [
      [2, 3, 4, 5],
      { shape: map, values: integers(map, 3, 2) },
      { shape: map, values: values(map, 3).map(Math.abs) },
    ],
    (logits, label, weight) => weightedCrossEntropy(logits, label, weight),
  ),
];
