// What is around the classes of a network in its Python file: the weights in and out, and the prediction of an image.

import type { Normalisation } from "../../data/normalise.js";
import type { Margins } from "../margins.js";

/** What the file says besides the network. */
export interface PythonFile {
  /** The network in words. */
  readonly title: string;
  /** Name of the file with the weights, in the same folder. */
  readonly weights: string;
  /** Lines of the classes, the last of which is Network. */
  readonly classes: readonly string[];
  readonly normalisation: Normalisation;
  readonly margins: Margins;
  /** Python that makes probabilities of `maps`. */
  readonly activation: string;
}

/** Returns the file's text. */
export function pythonFile({ title, weights, classes, ...rest }: PythonFile): string {
  const usesMath = classes.some((line) => line.includes("math."));
  const lines = [
    `"""${title}, written by Micrograph: python network.py image.npy probabilities.npy"""`,
    "",
    "import json",
    ...(usesMath ? ["import math"] : []),
    "import sys",
    "from pathlib import Path",
    "",
    "import numpy as np",
    "import torch",
    "import torch.nn.functional as F",
    "from torch import nn",
    "",
    "",
    ...classes,
    "",
    "",
    ...load(weights),
    "",
    "",
    ...predict(rest),
    "",
    "",
    ...SAVE,
    "",
    "",
    'if __name__ == "__main__":',
    "    np.save(sys.argv[2], predict(load(), np.load(sys.argv[1])))",
  ];
  return `${lines.join("\n")}\n`;
}

const load = (weights: string) => [
  `def load(path=Path(__file__).with_name(${JSON.stringify(weights)})):`,
  '    """The network with the weights of a file, ready to predict; `.train()` before training it further."""',
  "    data = Path(path).read_bytes()",
  '    start = 8 + int.from_bytes(data[:8], "little")',
  "    places, weights = json.loads(data[8:start]), {}",
  '    del places["__metadata__"]',
  "    for name, place in places.items():",
  '        begin, end = place["data_offsets"]',
  '        values = np.frombuffer(data[start + begin : start + end], "<f4")',
  '        weights[name] = torch.tensor(values).reshape(place["shape"])',
  "    network = Network()",
  "    network.load_state_dict(weights)",
  '    network.names = sorted(places, key=lambda name: places[name]["data_offsets"])',
  "    network.header = data[:start]",
  "    return network.eval()",
];

const SAVE = [
  "def save(network, path):",
  '    """Writes a network that `load` returned as a checkpoint of Micrograph."""',
  "    state = network.state_dict()",
  '    values = [state[name].cpu().numpy().astype("<f4").tobytes() for name in network.names]',
  '    Path(path).write_bytes(network.header + b"".join(values))',
];

function predict({
  normalisation,
  margins: { before, after, cut, step },
  activation,
}: Pick<PythonFile, "normalisation" | "margins" | "activation">): string[] {
  const side = (size: string) =>
    `(${before}, ${after}${step === 1 ? "" : ` + -${size} % ${step}`})`;
  const from = cut.top === 0 ? "" : `${cut.top} `;
  const to = (size: string) => (cut.top === 0 ? size : ` ${cut.top} + ${size}`);
  return [
    "def predict(network, image):",
    '    """Probabilities [class, y, x] of an image [channel, y, x] of values from 0 to 1, 8 bits divided by 255."""',
    '    image = np.asarray(image, "float64")',
    ...normalised(normalisation),
    "    _, height, width = image.shape",
    `    sides = [(0, 0), ${side("height")}, ${side("width")}]`,
    '    mirrored = torch.from_numpy(np.pad(image, sides, "reflect").astype("float32"))',
    "    with torch.no_grad():",
    "        maps = network(mirrored[None])[0]",
    `    return ${activation}[:, ${from}:${to("height")}, ${from}:${to("width")}].numpy()`,
  ];
}

/** Lines that normalise `image`; a channel without a deviation becomes zeros. */
function normalised(normalisation: Normalisation): string[] {
  if (normalisation.kind === "image") {
    return [
      "    mean, deviation = (f((1, 2), keepdims=True) for f in (image.mean, image.std))",
      "    image = (image - mean) / np.where(deviation > 0, deviation, np.inf)",
    ];
  }
  if (normalisation.kind === "percentiles") {
    const { low, high, epsilon, isJoint } = normalisation;
    const axes = isJoint ? "None" : "(1, 2)";
    return [
      `    low, high = np.percentile(image, [${low}, ${high}], ${axes}, keepdims=True)`,
      `    image = (image - low) / (high - low + ${epsilon})`,
    ];
  }
  const { mean, deviation } = normalisation;
  if (mean.every((one) => one === 0) && deviation.every((one) => one === 1)) return [];
  const column = (values: readonly (number | string)[]) =>
    values.length === 1 ? `${values[0]}` : `np.array([${values.join(", ")}])[:, None, None]`;
  const divisors = deviation.map((one) => (one > 0 ? one : "np.inf"));
  return [`    image = (image - ${column(mean)}) / ${column(divisors)}`];
}
