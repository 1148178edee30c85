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
    `"""${title}, written by Micrograph.`,
    "",
    "    python network.py image.npy probabilities.npy",
    '"""',
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
    `WEIGHTS = Path(__file__).with_name(${JSON.stringify(weights)})`,
    "",
    "",
    ...classes,
    "",
    "",
    ...LOAD,
    "",
    "",
    ...SAVE,
    "",
    "",
    ...predict(rest),
    "",
    "",
    'if __name__ == "__main__":',
    "    np.save(sys.argv[2], predict(load(), np.load(sys.argv[1])))",
  ];
  return `${lines.join("\n")}\n`;
}

const LOAD = [
  "def load(path=WEIGHTS):",
  '    """The network with the weights of a file, ready to predict; `.train()` before training it further."""',
  '    with open(path, "rb") as file:',
  '        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))',
  "        data = file.read()",
  "    network = Network()",
  '    network.metadata = header.pop("__metadata__")',
  "    state = {}",
  "    for name, entry in header.items():",
  '        begin, end = entry["data_offsets"]',
  '        values = np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"])',
  "        state[name] = torch.from_numpy(values.copy())",
  "    network.load_state_dict(state)",
  "    return network.eval()",
];

const SAVE = [
  "def save(network, path):",
  '    """Writes a network that `load` returned as a checkpoint of Micrograph."""',
  '    header, data = {"__metadata__": network.metadata}, bytearray()',
  "    for name, tensor in sorted(network.state_dict().items()):",
  "        if tensor.is_floating_point():  # batch norms count their batches too",
  '            values = tensor.cpu().numpy().astype("<f4").tobytes()',
  "            place = [len(data), len(data) + len(values)]",
  '            header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": place}',
  "            data += values",
  "    text = json.dumps(header).encode()",
  '    Path(path).write_bytes(len(text).to_bytes(8, "little") + text + data)',
];

function predict({
  normalisation,
  margins: { before, after, cut, step },
  activation,
}: Pick<PythonFile, "normalisation" | "margins" | "activation">): string[] {
  const sides = `[(${before}, ${after} + -size % ${step}) for size in (height, width)]`;
  const from = cut.top === 0 ? "" : `${cut.top} `;
  const to = (size: string) => (cut.top === 0 ? size : ` ${cut.top} + ${size}`);
  return [
    "def predict(network, image):",
    '    """Probabilities [class, y, x] of an image [channel, y, x] of values from 0 to 1, 8 bits divided by 255."""',
    '    image = np.asarray(image, "float64")',
    ...scales(normalisation),
    "    image = (image - mean) / np.where(deviation > 0, deviation, np.inf)",
    "    height, width = image.shape[1:]",
    `    sides = ${sides}`,
    '    mirrored = np.pad(image, [(0, 0), *sides], "reflect").astype("float32")',
    "    with torch.no_grad():",
    "        maps = network(torch.from_numpy(mirrored)[None])[0]",
    `    return ${activation}[:, ${from}:${to("height")}, ${from}:${to("width")}].numpy()`,
  ];
}

function scales(normalisation: Normalisation): string[] {
  if (normalisation.kind === "image") {
    return ["    mean, deviation = (f((1, 2), keepdims=True) for f in (image.mean, image.std))"];
  }
  if (normalisation.kind === "percentiles") {
    const { low, high, epsilon, isJoint } = normalisation;
    const axes = isJoint ? "None" : "(1, 2)";
    return [
      `    mean, high = np.percentile(image, [${low}, ${high}], ${axes}, keepdims=True)`,
      `    deviation = high - mean + ${epsilon}`,
    ];
  }
  const column = (values: readonly number[]) => `np.array([${values.join(", ")}])[:, None, None]`;
  const { mean, deviation } = normalisation;
  return [`    mean, deviation = ${column(mean)}, ${column(deviation)}`];
}
