// The graph of a package's network, from the first of its weights that give one.

import type { GraphFile } from "../graph-checkpoint.js";
import type { OnnxActivation } from "../onnx/end-activation.js";
import { sliceOfMaps } from "../onnx/tensor-axes.js";
import type { WeightNames } from "../pytorch/renamed-weights.js";
import type { ModelPackage } from "./package-files.js";
import { firstWeights } from "./package-weights.js";

/** How the graph is read. */
export interface PackageGraphOptions {
  /** Other names of weights of PyTorch. */
  readonly names?: WeightNames | undefined;
  /** Leaves the activation at the end of an ONNX file where it is. */
  readonly keepsEnd?: boolean | undefined;
}

/**
 * Returns what `use` makes of the graph from the images to the output of a place, and a sentence for each of the weights
 * that were skipped before. Throws one line with the path if none can be used.
 */
export function packageGraph<T>(
  model: ModelPackage,
  place: number,
  { names, keepsEnd }: PackageGraphOptions,
  use: (file: GraphFile) => T | Promise<T>,
): Promise<{ readonly result: T; readonly skipped: readonly string[] }> {
  const { inputs, outputs, weights } = model.description;
  const axes = { inputs: inputs.map((one) => one.axes), output: outputs[place].axes };
  return firstWeights(model, async ({ entry, name, bytes, readExternal }) => {
    if (entry.kind === "onnx") {
      if (names) throw new Error(`${name}: only weights of PyTorch take other names`);
      const { readOnnxGraph } = await import("../onnx/import-onnx.js");
      return use(await readOnnxGraph(bytes, { name, readExternal, axes, output: place, keepsEnd }));
    }
    const { readPytorchGraph } = await import("../pytorch/import-pytorch.js");
    const file = readPytorchGraph(bytes, name, names);
    const ends = weights.find((one) => one.finalActivation)?.finalActivation?.toLowerCase();
    const isKnown = ends === "sigmoid" || ends === "softmax";
    const endsWith = file.endsWith ?? (isKnown ? (ends as OnnxActivation) : undefined);
    return use({ ...file, graph: ofOutput(file), endsWith });

    /** The maps of several outputs are those of the network, one output after the other. */
    function ofOutput({ graph, maps }: GraphFile & { readonly maps: number }) {
      const counts = outputs.map(({ channels }) => channels ?? Number.NaN);
      const total = counts.reduce((a, b) => a + b, 0);
      if (outputs.length === 1) return graph;
      if (total !== maps) {
        throw new Error(
          `${name}: it has ${maps} maps, but ${outputs.length} outputs are described`,
        );
      }
      const start = counts.slice(0, place).reduce((a, b) => a + b, 0);
      return sliceOfMaps(graph, start, start + counts[place]);
    }
  });
}
